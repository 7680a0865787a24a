"""The original as it came over the wire: the source of a fetched page out of its WARC. It is text to look at, never markup.

A sealed record of an import names people: it is opened for the dossier of an approved case and for nothing else.
"""

from __future__ import annotations

import io
import re

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

from rasoat.errors import EvidenceError
from rasoat.items import CaptureMethod, Item
from rasoat.ports import EvidenceStore
from review_ui.views.text import MAX_SHOWN

_CHARSET = re.compile(rb"charset=[\"']?([\w-]{2,30})", re.IGNORECASE)


def original(item: Item, evidence: EvidenceStore) -> str | None:
    """Up to `MAX_SHOWN` characters of the newest fetched page; None where there is none that may be shown."""
    fetched = [c for c in item.captures if c.method is CaptureMethod.FETCH and not c.blob.sealed]
    if not fetched:
        return None
    try:
        data = evidence.get(max(fetched, key=lambda capture: capture.captured_at).blob)
        payload = _payload(data)
    except (EvidenceError, ArchiveLoadFailed, EOFError, OSError):
        return None
    return None if payload is None else _text(payload)


def _payload(warc: bytes) -> bytes | None:
    for record in ArchiveIterator(io.BytesIO(warc)):
        if record.rec_type == "response":
            return bytes(record.content_stream().read(4 * MAX_SHOWN))
    return None


def _text(payload: bytes) -> str:
    declared = _CHARSET.search(payload[:2048])
    for charset in (declared[1].decode("ascii") if declared else "utf-8", "utf-8"):
        try:
            return payload.decode(charset, errors="replace")[:MAX_SHOWN]
        except LookupError:
            continue
    return ""
