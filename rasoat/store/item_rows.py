"""Items, texts and captures as rows: one item out, many items in. Knows the tables; decides nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Insert, insert, select, tuple_
from sqlalchemy.dialects.postgresql import insert as upsert  # SQLite understands the same words

from rasoat.items import Capture, CaptureMethod, Item, ItemKind, Platform, Publisher, PublisherKind
from rasoat.missing import MissingType, from_none, or_none
from rasoat.store.encoding import blob_from_json, blob_to_json
from rasoat.store.tables import CaptureRow, ItemRow, TextRow

ITEM, TEXT, CAPTURE = ItemRow.__table__, TextRow.__table__, CaptureRow.__table__
_INSERT_ITEM = insert(ItemRow)
_INSERT_TEXT = upsert(TextRow).on_conflict_do_nothing()
_INSERT_CAPTURE = upsert(CaptureRow).on_conflict_do_nothing()
Version = tuple[str, str]
"""Item id and content hash."""


def item_values(item: Item) -> dict[str, Any]:
    """The columns of `items` that come from the item itself, words excepted."""
    publisher, raw = or_none(item.publisher), or_none(item.raw)
    return {
        "platform": item.platform.value,
        "kind": item.kind.value,
        "locator": item.locator,
        "source": item.source,
        "url": or_none(item.url),
        "captured_at": item.captured_at,
        "published_at": or_none(item.published_at),
        "publisher_kind": None if publisher is None else publisher.kind.value,
        "publisher_name": None if publisher is None else publisher.name,
        "reach": or_none(item.reach),
        "raw": None if raw is None else blob_to_json(raw),
        "raw_sha256": None if raw is None else raw.sha256,
        "url_hash": item.url_hash,
    }


def insert_items(conn: Connection, hashed: Sequence[tuple[Item, str]], run_id: str, now: datetime) -> None:
    """New items with their content hashes: they wait for assessment, with their words and captures."""
    if not hashed:
        return
    more = {"status": "pending", "problem": "", "run_id": run_id, "first_seen": now}
    _some(conn, _INSERT_ITEM, [item_values(item) | more | {"id": item.id, "content_hash": version} for item, version in hashed])
    _some(conn, _INSERT_TEXT, [_text_values(item, version) for item, version in hashed])
    captures = [_capture_values(capture, item.id, version, run_id) for item, version in hashed for capture in item.captures]
    _some(conn, _INSERT_CAPTURE, captures)


def insert_text(conn: Connection, item: Item, content_hash: str) -> None:
    """The words of one version; the same version twice is one row."""
    _some(conn, _INSERT_TEXT, [_text_values(item, content_hash)])


def insert_captures(conn: Connection, item: Item, content_hash: str, run_id: str) -> None:
    """Sightings; the same capture twice is one row."""
    _some(conn, _INSERT_CAPTURE, [_capture_values(capture, item.id, content_hash, run_id) for capture in item.captures])


def _some(conn: Connection, sentence: Insert, rows: list[dict[str, Any]]) -> None:
    if rows:
        conn.execute(sentence, rows if len(rows) > 1 else rows[0])


def _text_values(item: Item, content_hash: str) -> dict[str, Any]:
    return {"item_id": item.id, "content_hash": content_hash, "title": or_none(item.title), "text": item.text, "verbatim": item.verbatim}


def _capture_values(capture: Capture, item_id: str, content_hash: str, run_id: str) -> dict[str, Any]:
    return {
        "id": capture.id,
        "item_id": item_id,
        "content_hash": content_hash,
        "method": capture.method.value,
        "captured_at": capture.captured_at,
        "blob": blob_to_json(capture.blob),
        "blob_sha256": capture.blob.sha256,
        "payload_sha256": capture.payload_sha256,
        "text_sha256": capture.text_sha256,
        "tool": capture.tool,
        "requested_url": or_none(capture.requested_url),
        "final_url": or_none(capture.final_url),
        "redirects": list(capture.redirects),
        "http_status": or_none(capture.http_status),
        "headers": [list(pair) for pair in capture.headers],
        "run_id": run_id,
    }


def load_items(conn: Connection, versions: Iterable[Version]) -> dict[Version, Item]:
    """Whole items by id and version. A version whose words are gone is left out."""
    wanted = list(dict.fromkeys(versions))
    found: dict[Version, Item] = {}
    for start in range(0, len(wanted), 500):
        found.update(_load(conn, wanted[start : start + 500]))
    return found


def _load(conn: Connection, wanted: Sequence[Version]) -> dict[Version, Item]:
    words = (
        select(ITEM, TEXT.c.title, TEXT.c.text, TEXT.c.verbatim, TEXT.c.content_hash.label("version"))
        .join_from(TEXT, ITEM, TEXT.c.item_id == ITEM.c.id)
        .where(tuple_(TEXT.c.item_id, TEXT.c.content_hash).in_(wanted))
    )
    sightings = (
        select(CAPTURE).where(tuple_(CAPTURE.c.item_id, CAPTURE.c.content_hash).in_(wanted)).order_by(CAPTURE.c.captured_at, CAPTURE.c.id)
    )
    captures: dict[Version, list[Capture]] = {}
    for row in conn.execute(sightings):
        captures.setdefault((row.item_id, row.content_hash), []).append(_capture(row))
    return {(row.id, row.version): _item(row, captures.get((row.id, row.version), [])) for row in conn.execute(words)}


def _item(row: Any, captures: list[Capture]) -> Item:
    publisher = None if row.publisher_kind is None else Publisher(PublisherKind(row.publisher_kind), row.publisher_name)
    return Item(
        id=row.id,
        platform=Platform(row.platform),
        kind=ItemKind(row.kind),
        locator=row.locator,
        source=row.source,
        text=row.text,
        verbatim=row.verbatim,
        captured_at=row.captured_at,
        url=from_none(row.url),
        title=from_none(row.title),
        published_at=from_none(row.published_at),
        publisher=from_none(publisher),
        reach=from_none(row.reach),
        raw=from_none(None if row.raw is None else blob_from_json(row.raw)),
        captures=tuple(captures),
    )


def _capture(row: Any) -> Capture:
    return Capture(
        id=row.id,
        method=CaptureMethod(row.method),
        captured_at=row.captured_at,
        blob=blob_from_json(row.blob),
        payload_sha256=row.payload_sha256,
        text_sha256=row.text_sha256,
        tool=row.tool,
        requested_url=from_none(row.requested_url),
        final_url=from_none(row.final_url),
        redirects=tuple(row.redirects),
        http_status=from_none(row.http_status),
        headers=tuple((name, value) for name, value in row.headers),
    )


def blobs_of(item: Item) -> list[tuple[str, bool]]:
    """Hash and seal of every blob that the item refers to."""
    refs = [capture.blob for capture in item.captures]
    if not isinstance(item.raw, MissingType):
        refs.append(item.raw)
    return [(ref.sha256, ref.sealed) for ref in refs]
