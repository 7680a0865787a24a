"""The shared search index: `ports.SearchIndex` on Elasticsearch 9 through its official client.

Folding, phrases and highlights are ours, the same as in the embedded index, so that both find the same: the server gets folded tokens
and splits them at white space. It uses no script, no ILM, no delete-by-query: a small server and a full one answer alike.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Final, TypeVar, cast

from elasticsearch import BadRequestError, Elasticsearch, NotFoundError
from elasticsearch.helpers import streaming_bulk
from elasticsearch.serializer import OrjsonSerializer

from rasoat.errors import ConfigError, RetryLater, UsageError
from rasoat.ports import Rejected, SearchDoc, SearchPage, SearchQuery
from rasoat.store import search_elastic_query as querying
from rasoat.store.search_elastic_errors import BUSY, refusal_of, translated
from rasoat.store.search_elastic_schema import FORMAT, body_of, template
from rasoat.store.search_query import parse
from rasoat.store.search_refusals import takeable

BULK_BYTES: Final = 4 * 1024 * 1024
"""A bulk request ends at this size: the server's own default limit is 100 MB, its advice 5 to 15 MB."""
_BULK_DOCS: Final = 1000
_BUILDING: Final = {"refresh_interval": "-1", "translog.durability": "async"}
"""Of an index that is being filled: nobody reads it, and a server that crashes meanwhile costs the rebuild, not the index that is read."""
_AGAIN: Final = 4
"""How often a reader asks again when the index that it reads has just been replaced."""
T = TypeVar("T")
_Action = tuple[str, str, dict[str, Any] | None]
"""What is to be done with which document: `index` with its fields, or `delete`."""


@dataclass(slots=True)
class _Answers:
    """What did not go through, of all that was sent."""

    refused: dict[str, str] = field(default_factory=dict)
    overtaken: set[str] = field(default_factory=set)


class ElasticIndex:
    """`alias` is what is read and written; behind it stands one index, `alias-<number>`, that a rebuild replaces."""

    def __init__(self, client: Elasticsearch, alias: str) -> None:
        self.client, self.alias = client, alias
        self._ready = False

    def upsert(self, docs: Sequence[SearchDoc], fence: int | None = None) -> frozenset[str]:
        """Add or replace by id; readers see it when this returns.

        Raises:
            Rejected: the server takes some of them never; all others were taken.
        """
        sent = _Answers()
        if docs:
            self._write((("index", doc.id, body_of(doc)) for doc in takeable(docs, sent.refused)), fence, sent)
        if sent.refused:
            raise Rejected(sent.refused, overtaken=frozenset(sent.overtaken))
        return frozenset(sent.overtaken)

    def delete(self, ids: Sequence[str], fence: int | None = None) -> frozenset[str]:
        """Remove; no error when absent."""
        sent = _Answers()
        if ids:
            self._write((("delete", item_id, None) for item_id in ids), fence, sent)
        if sent.refused:
            raise Rejected(sent.refused, overtaken=frozenset(sent.overtaken))
        return frozenset(sent.overtaken)

    def search(self, query: SearchQuery) -> SearchPage:
        """Answer.

        Raises:
            UsageError: text without a letter or digit, too long, or a page too far down.
            RetryLater: the server does not answer now.
        """
        terms = parse(query.text)
        if query.offset + query.limit > querying.DEEPEST:
            raise UsageError(f"pages end at {querying.DEEPEST:,} results; narrow the search")
        self._prepare()
        request = querying.request(query, terms)
        with translated():
            answer = self._read(lambda: self.client.search(index=self.alias, body=request))
        return querying.page(answer, terms)

    def rebuild(self, docs: Iterable[SearchDoc], fence: int | None = None) -> int:
        """Fill a new index beside the one that is read, then swap the alias; a crash before the swap changes nothing."""
        with translated():
            self.client.indices.put_index_template(name=f"{self.alias}-template", body=template(self.alias))
            before = self._behind()
            self._drop([name for name in self._indices() if name not in before])
            new = self._create()
            refused = self._fill(new, docs, fence)
            self.client.indices.put_settings(index=new, settings=dict.fromkeys(_BUILDING))
            self.client.indices.flush(index=new, wait_if_ongoing=True)
            self.client.indices.refresh(index=new)
            total = int(self.client.count(index=new)["count"])
            swap: list[dict[str, Any]] = [{"add": {"index": new, "alias": self.alias}}]
            swap += [{"remove": {"index": name, "alias": self.alias}} for name in before]
            self.client.indices.update_aliases(actions=swap)
            self._drop(before)
        self._ready = True
        if refused:
            raise Rejected(refused, taken=total)
        return total

    def compact(self) -> None:
        """Make deletions final: the segments that still hold deleted words are written anew without them."""
        self._prepare()
        with translated():
            self.client.options(request_timeout=600).indices.forcemerge(index=self.alias, only_expunge_deletes=True)

    def drop(self) -> None:
        """Remove every index of this alias: for tests and for leaving."""
        with translated():
            self._drop(self._indices())
        self._ready = False

    def close(self) -> None:
        """Give connections back."""
        self.client.close()

    def _write(self, actions: Iterable[_Action], fence: int | None, sent: _Answers) -> None:
        self._prepare()
        with translated():
            self._send(self.alias, actions, fence, sent, alias=True)
            self.client.indices.refresh(index=self.alias)

    def _fill(self, name: str, docs: Iterable[SearchDoc], fence: int | None) -> dict[str, str]:
        """Two requests under way while the next is packed. Returns what was refused."""
        refused: dict[str, str] = {}
        waiting: deque[Future[_Answers]] = deque()
        rest = takeable(docs, refused)
        with ThreadPoolExecutor(2) as pool:
            while batch := list(islice(rest, _BULK_DOCS)):
                actions = [("index", doc.id, body_of(doc)) for doc in batch]
                waiting.append(pool.submit(self._send, name, actions, fence, _Answers(), alias=False))
                while len(waiting) > 2:
                    refused |= waiting.popleft().result().refused
            for one in waiting:
                refused |= one.result().refused
        return refused

    def _send(self, index: str, actions: Iterable[_Action], fence: int | None, sent: _Answers, *, alias: bool) -> _Answers:
        """One after the other, cut by count and bytes; what the server is too busy for is sent again. Fills and returns `sent`."""
        where = {"_index": index} | ({} if fence is None else {"version": fence, "version_type": "external_gte"})

        def expanded(action: Any) -> tuple[dict[str, Any], dict[str, Any] | None]:
            verb, item_id, body = action
            return {verb: {"_id": item_id, **where}}, body

        done = streaming_bulk(
            self.client,
            cast(Iterable[dict[str, Any]], actions),
            expand_action_callback=expanded,
            filter_path="errors,items.*._id,items.*.status,items.*.error",
            require_alias=alias or None,  # never make an index by the alias's name when a server was emptied
            chunk_size=_BULK_DOCS,
            max_chunk_bytes=BULK_BYTES,
            raise_on_error=False,
            max_retries=6,
            initial_backoff=0.2,
            max_backoff=5,
        )
        for ok, info in done:
            if not ok:
                self._sort_out(info, sent)
        return sent

    def _sort_out(self, info: dict[str, Any], sent: _Answers) -> None:
        """What one document's failure means; raises for what may pass later or what no document is to blame for."""
        ((action, result),) = info.items()
        error, status = result.get("error") or {}, result.get("status")
        kind, said = ("", error) if isinstance(error, str) else (str(error.get("type")), str(error.get("reason")))
        reason = refusal_of(kind, said)
        if status in BUSY or "cluster_block" in reason:
            raise RetryLater(f"Elasticsearch takes no writes now: {reason}")
        if status in (401, 403):
            raise ConfigError(f"Elasticsearch refuses to write: {reason}", hint="the user needs the role of docs/shared.md")
        if "index_not_found" in reason:
            self._ready = False
            raise ConfigError(f"the search index is not there: {reason}", hint="run `rasoat db rebuild-index`")
        if status == 409:
            sent.overtaken.add(str(result.get("_id")))
        elif not (action == "delete" and status == 404):  # a deletion of what is not there
            sent.refused[str(result.get("_id"))] = reason

    def _prepare(self) -> None:
        """Make the first index when there is none; two processes at once make one."""
        if self._ready:
            return
        with translated():
            names = self._behind()
            if not names:
                self.client.indices.put_index_template(name=f"{self.alias}-template", body=template(self.alias))
                try:
                    self.client.indices.create(index=f"{self.alias}-000001", aliases={self.alias: {}})
                except BadRequestError as error:
                    if error.error != "resource_already_exists_exception":
                        raise
                names = self._behind()
            for name in names:
                meta = self.client.indices.get_mapping(index=name)[name]["mappings"].get("_meta", {})
                if meta.get("format") != FORMAT:
                    raise ConfigError(f"the search index {name} was made by another version", hint="run `rasoat db rebuild-index`")
        self._ready = True

    def _behind(self) -> list[str]:
        """The indices that the alias names now: one, or none before the first write."""
        try:
            return sorted(self.client.indices.get_alias(name=self.alias))
        except NotFoundError:
            return []

    def _indices(self) -> list[str]:
        names = self.client.indices.get(index=f"{self.alias}-*", features=["aliases"], allow_no_indices=True)
        return sorted(name for name in names if name.removeprefix(f"{self.alias}-").isdigit())

    def _create(self) -> str:
        """A new index that is not refreshed until it is whole."""
        last = max((int(name.rpartition("-")[2]) for name in self._indices()), default=0)
        name = f"{self.alias}-{last + 1:06d}"
        self.client.indices.create(index=name, settings=_BUILDING)
        return name

    def _drop(self, names: Sequence[str]) -> None:
        if names:
            self.client.indices.delete(index=",".join(names), ignore_unavailable=True)

    def _read(self, ask: Callable[[], T]) -> T:
        for left in range(_AGAIN, 0, -1):
            try:
                return ask()
            except NotFoundError:  # replaced between looking the alias up and reading: the new index is there
                if left == 1:
                    self._ready = False
                    raise
            time.sleep(0.05)
        raise AssertionError


def connect(url: str, *, user: str = "", password: str = "", api_key: str = "", ca: Path | None = None) -> Elasticsearch:
    """A client. Nothing is asked of the server yet.

    Raises:
        ConfigError: the address or the certificate file is none.
    """
    who: dict[str, Any] = {"api_key": api_key} if api_key else {"basic_auth": (user, password)} if user else {}
    trusted: dict[str, Any] = {"ca_certs": str(ca)} if ca else {}
    if ca and not ca.is_file():
        raise ConfigError(f"no certificate at {ca}", hint="set RASOAT_SEARCH_CA to the certificate of the authority")
    try:
        return Elasticsearch(
            url,
            **who,
            **trusted,
            serializer=OrjsonSerializer(),  # half the time of the standard library's for a document
            request_timeout=30,
            max_retries=3,
            retry_on_timeout=True,
            http_compress=False,
        )
    except (ValueError, OSError) as error:
        raise ConfigError(f"cannot use RASOAT_SEARCH_URL: {error}", hint="a form like https://search.example:9200") from error
