"""What no search index can take, found before it is sent: half a character, a document of absurd size. One bad document spoils no batch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from rasoat.ports import SearchDoc

MAX_CHARACTERS: Final = 20_000_000
"""80 MB at worst in UTF-8; Elasticsearch takes requests of up to 100 MB (`http.max_content_length`), and a folded copy goes beside it."""


def refusal(doc: SearchDoc) -> str:
    """Why no index can take the document; empty when nothing speaks against it."""
    fields = (doc.id, doc.case_id, doc.state, *doc.codes, doc.source, doc.platform, doc.title, doc.text, doc.url)
    if len(doc.title) + len(doc.text) > MAX_CHARACTERS:
        return f"title and text have {len(doc.title) + len(doc.text):,} characters; at most {MAX_CHARACTERS:,} can be indexed"
    try:
        "".join(fields).encode()
    except UnicodeEncodeError:
        return next(f"a field holds half a character (a lone surrogate) at {at}" for at in map(_half, fields) if at is not None)
    return ""


def _half(field: str) -> int | None:
    """Where the first half character stands."""
    try:
        field.encode()
    except UnicodeEncodeError as error:
        return error.start
    return None


def takeable(docs: Iterable[SearchDoc], refused: dict[str, str]) -> Iterator[SearchDoc]:
    """The documents that can be sent; the others go into `refused`, id to reason."""
    for doc in docs:
        if why := refusal(doc):
            refused[doc.id] = why
        else:
            yield doc
