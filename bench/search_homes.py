"""Homes for measurements of the search index as the program runs it: SQL with many flagged items in real cases, and an index beside it.

The cases are opened by the store itself, so that their chains are whole; the many items are put beside them by plain SQL, because judging
and admitting a million of them would take an hour and nothing of that is measured here.
"""

from __future__ import annotations

import os
import random
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, Final

from pydantic import SecretStr
from sqlalchemy import Connection, Engine, create_engine, insert

from bench.databases import environment, made_home
from bench.search_corpus import START, documents, vocabulary
from bench.services import elastic_index, service
from bench.store import admit, flagged, made_items
from rasoat.canonical import sha256_hex
from rasoat.ports import SearchDoc
from rasoat.settings import Settings
from rasoat.store import Store
from rasoat.store.dialect_postgresql import PostgreSql, address
from rasoat.store.tables import CaseItemRow, ItemRow, TextRow

KINDS: Final = {"services": "PostgreSQL and Elasticsearch", "sqlite": "SQLite and FTS5"}
_AT_ONCE: Final = 5000


@contextmanager
def home(kind: str) -> Iterator[Settings]:
    """A new home on the services of `make services`, or all of it in files; removed at the end."""
    if kind == "sqlite":
        with made_home("sqlite") as settings:
            yield settings
        return
    es, alias = service("elasticsearch"), f"rasoat-bench-{uuid.uuid4().hex[:8]}"
    with made_home("postgresql") as settings, elastic_index(alias):
        secret = SecretStr(es["users"]["writer"])
        found = {"search_url": es["url"], "search_user": "rasoat_writer", "search_password": secret, "search_ca": Path(es["ca"])}
        yield settings.model_copy(update={**found, "search_index": alias})


def child_environment(settings: Settings) -> dict[str, str]:
    """For a `rasoat` command on the same home."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("RASOAT_")}
    search = {"RASOAT_SEARCH_URL": settings.search_url, "RASOAT_SEARCH_USER": settings.search_user, "RASOAT_SEARCH_CA": settings.search_ca}
    search |= {"RASOAT_SEARCH_PASSWORD": settings.search_password.get_secret_value(), "RASOAT_SEARCH_INDEX": settings.search_index}
    return clean | environment(settings) | ({name: str(value) for name, value in search.items()} if settings.search_url else {})


def fill(store: Store, settings: Settings, items: int, cases: int) -> list[str]:
    """`items` flagged items in `cases` cases that wait in triage, as many in each; returns the cases. Nothing is in the index yet."""
    rng = random.Random(3)
    opened: list[str] = []
    for item in made_items(store, cases, rng):
        store.inbox.put(item, run_id="bench")
        opened.append(admit(store, flagged(item, rng)))
    rest = documents(items - cases, vocabulary())
    engine = _engine(settings)
    try:
        done = 0
        while batch := list(islice(rest, _AT_ONCE)):
            with engine.begin() as conn:
                _insert(conn, batch, [opened[(done + n) % cases] for n in range(len(batch))])
            done += len(batch)
    finally:
        engine.dispose()
    return opened


def _engine(settings: Settings) -> Engine:
    if settings.database_url:
        return PostgreSql(address(settings.database_url, settings.database_secret)).engine()
    return create_engine(f"sqlite:///{settings.home / 'rasoat.sqlite3'}")


def _insert(conn: Connection, docs: Sequence[SearchDoc], cases: Sequence[str]) -> None:
    conn.execute(insert(ItemRow), [_item(doc) for doc in docs])
    texts = [{"item_id": doc.id, "content_hash": "bench", "title": doc.title, "text": doc.text, "verbatim": doc.text} for doc in docs]
    conn.execute(insert(TextRow), texts)
    in_case = {"content_hash": "bench", "assessment_id": None, "lead": False, "similarity": 0.9, "joined_at": START}
    conn.execute(insert(CaseItemRow), [{"case_id": case, "item_id": doc.id, **in_case} for doc, case in zip(docs, cases, strict=True)])


def _item(doc: SearchDoc) -> dict[str, Any]:
    return {
        "id": doc.id,
        "platform": doc.platform,
        "kind": "comment",
        "locator": doc.url,
        "source": doc.source,
        "url": doc.url,
        "captured_at": doc.captured_at,
        "content_hash": "bench",
        "url_hash": sha256_hex(doc.url.encode()),
        "status": "flagged",
        "problem": "",
        "run_id": "bench",
        "first_seen": doc.captured_at,
    }
