"""A hand-made approved case: fictional, whole, and easy to bend."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from rasoat.assessments import Assessment, Origin, Reason, Span, Versions
from rasoat.canonical import GENESIS, chain_hash, sha256_hex, text_hash
from rasoat.cases.decisions import ContextBox, Decision, ExpressionRisk, Measure, NoticeChoice, Quote
from rasoat.cases.priority import Priority
from rasoat.cases.states import CaseState, EventKind, Role
from rasoat.cases.workflow import CaseFacts, Staffing
from rasoat.dossier import Request, Signer, make_pack
from rasoat.errors import EvidenceError
from rasoat.harms import Harm
from rasoat.items import BlobRef, Capture, CaptureMethod, Item, ItemKind, Platform, Publisher, PublisherKind, item_id
from rasoat.policy import Policy
from rasoat.ports import EvidenceStore
from rasoat.settings import Settings
from rasoat.store.records import CaseItem, CaseView, DecisionRecord, EventRecord

T0 = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
BUILT_AT = T0 + timedelta(days=3)
DOSSIER_ID = "5f0c2b1e-7a3d-4c1b-9e2f-0a1b2c3d4e5f"
CASE_ID = "c0ffee00-0000-4000-8000-000000000001"
TEXT = (
    "🔥 CƠ HỘI VÀNG!!! Nạp 5 triệu hôm nay, nhận lãi 30% mỗi tháng, cam kết không rủi ro. "
    "Gửi mã OTP cho em để kích hoạt ví. Liên hệ Zalo 0900 000 000 — chỉ còn 3 suất."
)
QUOTE = "nhận lãi 30% mỗi tháng, cam kết không rủi ro. Gửi mã OTP cho em"
REASON = "Bài hứa lãi 30% mỗi tháng không rủi ro và xin mã OTP để chiếm ví, là cách lừa lấy tiền của người đọc."


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack in a file. `sha256` is of the whole ZIP."""

    path: Path
    sha256: str
    dossier_id: str


def written(request: Request, evidence: EvidenceStore, signer: Signer, folder: Path) -> Pack:
    """Built into `folder`."""
    data = make_pack(request, evidence, signer)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{request.dossier_id}.zip"
    path.write_bytes(data)
    return Pack(path, sha256_hex(data), request.dossier_id)


class MemoryEvidence:
    """Bytes in a dictionary."""

    def __init__(self) -> None:
        self.blobs: dict[str, bytes] = {}

    def put(self, data: bytes, media_type: str, *, sealed: bool = False) -> BlobRef:
        self.blobs[sha256_hex(data)] = data
        return BlobRef(sha256_hex(data), len(data), media_type, sealed)

    def get(self, ref: BlobRef) -> bytes:
        try:
            return self.blobs[ref.sha256]
        except KeyError as error:
            raise EvidenceError(f"no blob {ref.sha256}") from error

    def delete(self, ref: BlobRef) -> None:
        self.blobs.pop(ref.sha256, None)


def mask(text: str) -> str:
    """As `classifiers.personal_data.mask` would: the seam, not the thing."""
    return text.replace("0900 000 000", "0900•••000")


def capture(evidence: EvidenceStore, number: int, text: str, size: int = 2000, media_type: str = "application/warc") -> Capture:
    body = f"WARC/1.1 {number} ".encode() + bytes((number * 7 + i * 13) % 251 for i in range(size))
    blob = evidence.put(body, media_type, sealed=media_type != "application/warc")
    return Capture(
        id=f"00000000-0000-4000-8000-{number:012d}",
        method=CaptureMethod.FETCH if media_type == "application/warc" else CaptureMethod.IMPORT,
        captured_at=T0 + timedelta(minutes=number),
        blob=blob,
        payload_sha256=sha256_hex(body),
        text_sha256=text_hash(text),
        tool="rasoat/0.1.0 scrapy/2.19.0",
        requested_url="https://dau-tu-vang.example/bai-viet/co-hoi-30",
        final_url="https://dau-tu-vang.example/bai-viet/co-hoi-30",
        http_status=200,
    )


def item(evidence: EvidenceStore, text: str = TEXT, captures: int = 1, size: int = 2000, name: str = "co-hoi-30", **changes: Any) -> Item:
    url = f"https://dau-tu-vang.example/bai-viet/{name}"
    made = Item(
        id=item_id(Platform.WEB, ItemKind.PAGE, url),
        platform=Platform.WEB,
        kind=ItemKind.PAGE,
        locator=url,
        source="demo",
        text=text,
        verbatim=text,
        captured_at=T0,
        url=url,
        title="Đầu tư vàng: lãi 30% mỗi tháng",
        published_at=T0 - timedelta(days=2),
        publisher=Publisher(PublisherKind.DOMAIN, "dau-tu-vang.example"),
        captures=tuple(capture(evidence, n, text, size) for n in range(1, captures + 1)),
    )
    return replace(made, **changes)


def decision(lead: Item, quote: str = QUOTE, **changes: Any) -> Decision:
    start = lead.text.index(quote)
    values: dict[str, Any] = {
        "outcome": Harm.FRD,
        "quote": Quote(item_id=lead.id, start=start, end=start + len(quote)),
        "context": frozenset({ContextBox.NO_BOX}),
        "innocent_reading": "Người viết quảng cáo một khoản đầu tư rủi ro có thật.",
        "reason": REASON,
        "measure": Measure.REMOVE_ITEM,
        "policy_ground": "hosting-fraud",
        "legal_grounds": ("VN-CPL-10",),
        "expression_risk": ExpressionRisk.LOW,
    }
    return Decision(**(values | changes))


def events(*, notice: dict[str, Any] | None = None) -> tuple[EventRecord, ...]:
    s, e, r = CaseState, EventKind, Role
    steps: list[tuple[EventKind, str, Role, CaseState | None, CaseState, dict[str, Any]]] = [
        (e.OPENED, "system", r.SYSTEM, None, s.TRIAGE, {"suggested": "FRD"}),
        (e.CLAIMED, "an-01", r.REVIEWER, s.TRIAGE, s.REVIEW_1, {}),
        (e.CODED, "an-01", r.REVIEWER, s.REVIEW_1, s.APPROVAL, {"outcome": "FRD"}),
        (e.CLAIMED, "cuc-03", r.APPROVER, s.APPROVAL, s.APPROVAL, {}),
        (e.APPROVED, "cuc-03", r.APPROVER, s.APPROVAL, s.PUBLISHER_NOTICE, {"bona_fide": True}),
        (e.NOTICE_GIVEN, "cuc-03", r.APPROVER, s.PUBLISHER_NOTICE, s.PUBLISHER_NOTICE, notice or {"choice": "sent"}),
    ]
    made: list[EventRecord] = []
    previous = GENESIS
    for seq, (kind, actor, role, before, after, payload) in enumerate(steps, 1):
        event = EventRecord(seq, CASE_ID, T0 + timedelta(hours=seq), actor, role, kind, before, after, payload, previous, "")
        event = replace(event, hash=chain_hash(event.entry(), previous))
        previous = event.hash
        made.append(event)
    return tuple(made)


def assessment() -> Assessment:
    return Assessment(
        probabilities={harm: 0.97 if harm is Harm.FRD else 0.01 for harm in Harm},
        flagged=(Harm.FRD,),
        reasons=(Reason(Harm.FRD, Origin.RULE, "rule:frd.otp-request", 2.5, Span(0, 4), "OTP"),),
        versions=Versions("linear-1", "r-1", "lex-1", "pol-1"),
    )


def view(lead: Item, *others: Item, ruling: Decision | None = None, **facts: Any) -> CaseView:
    ruled = ruling or decision(lead)
    made = CaseFacts(
        id=CASE_ID,
        state=CaseState.PUBLISHER_NOTICE,
        suggested=Harm.FRD,
        sampled=False,
        since=T0,
        first_reader="an-01",
        approver="cuc-03",
        readers=frozenset({"an-01"}),
        first=ruled,
        ruling=ruled,
        notice=NoticeChoice.SENT,
    )
    decisions = (
        DecisionRecord("d1", CASE_ID, EventKind.CODED, "an-01", T0 + timedelta(hours=3), ruled, ""),
        DecisionRecord("d2", CASE_ID, EventKind.APPROVED, "cuc-03", T0 + timedelta(hours=5), None, "Đã đối chiếu bản ghi với trang."),
        DecisionRecord("d3", CASE_ID, EventKind.NOTICE_GIVEN, "cuc-03", T0 + timedelta(hours=6), None, "Gửi tới địa chỉ ở chân trang."),
    )
    items = (CaseItem(lead, assessment(), True, 1.0), *(CaseItem(other, assessment(), False, 0.9) for other in others))
    return CaseView(replace(made, **facts), T0, Priority(100.0, 0.97, 1.0, 1.0), items, decisions, events())


STAFFING = Staffing(people=5, complaint_desk=frozenset({"dao-04"}))


@dataclass
class Desk:
    """Everything that a build needs, each part replaceable."""

    settings: Settings
    policy: Policy
    evidence: MemoryEvidence = field(default_factory=MemoryEvidence)
    signer: Signer = field(default_factory=lambda: Signer.from_seed(bytes(range(32))))

    def case(self, **changes: Any) -> CaseView:
        return view(item(self.evidence), **changes)

    def request(self, case: CaseView, **changes: Any) -> Request:
        values: dict[str, Any] = {
            "view": case,
            "policy": self.policy,
            "settings": self.settings,
            "staffing": STAFFING,
            "built_at": BUILT_AT,
            "dossier_id": DOSSIER_ID,
            "mask": mask,
        }
        return Request(**(values | changes))

    def build(self, case: CaseView, out_dir: Path | None = None, **changes: Any) -> Pack:
        """A pack in a file, as an auditor gets it."""
        request = self.request(case, **changes)
        return written(request, self.evidence, self.signer, out_dir or self.settings.dossier_dir)
