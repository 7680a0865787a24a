"""How an item was captured, and whether the bytes still are what was hashed. Addresses are defanged; nothing is loaded."""

from __future__ import annotations

from datetime import datetime

from rasoat.canonical import sha256_hex
from rasoat.errors import EvidenceError
from rasoat.items import Capture, Item
from rasoat.missing import given, or_none
from rasoat.ports import EvidenceStore
from rasoat.text.addresses import defang
from review_ui.views.base import View


class CaptureFacts(View):
    """One sighting. `intact` is None until somebody asks for the check."""

    id: str
    method: str
    captured_at: datetime
    tool: str
    url: str
    redirects: tuple[str, ...]
    http_status: int | None
    blob_sha256: str
    blob_size: int
    media_type: str
    sealed: bool
    payload_sha256: str
    text_sha256: str
    intact: bool | None = None
    problem: str = ""  # message key


def capture_facts(item: Item, evidence: EvidenceStore | None = None, *, address: bool = True) -> tuple[CaptureFacts, ...]:
    """The item's captures, newest first; with `evidence` each is read again and its hash compared. Without `address` none is named."""
    newest = sorted(item.captures, key=lambda capture: capture.captured_at, reverse=True)
    return tuple(_facts(capture, problem_of(capture, evidence) if evidence else None, address=address) for capture in newest)


def problem_of(capture: Capture, evidence: EvidenceStore) -> str:
    """Message key of what is wrong with the capture's bytes; empty when nothing is."""
    try:
        data = evidence.get(capture.blob)
    except EvidenceError:
        return "capture_problem_bytes"
    return "" if sha256_hex(data) == capture.blob.sha256 else "capture_problem_bytes"


def all_intact(items: tuple[Item, ...], evidence: EvidenceStore) -> bool:
    """Whether every capture of every item is what was hashed, and each item has at least one."""
    return all(item.captures and not any(problem_of(c, evidence) for c in item.captures) for item in items)


def _facts(capture: Capture, problem: str | None, *, address: bool) -> CaptureFacts:
    return CaptureFacts(
        id=capture.id,
        method=capture.method.value,
        captured_at=capture.captured_at,
        tool=capture.tool,
        url=defang(given(capture.final_url, given(capture.requested_url, ""))) if address else "",
        redirects=tuple(defang(hop) for hop in capture.redirects) if address else (),
        http_status=or_none(capture.http_status),
        blob_sha256=capture.blob.sha256,
        blob_size=capture.blob.size,
        media_type=capture.blob.media_type,
        sealed=capture.blob.sealed,
        payload_sha256=capture.payload_sha256,
        text_sha256=capture.text_sha256,
        intact=None if problem is None else not problem,
        problem=problem or "",
    )
