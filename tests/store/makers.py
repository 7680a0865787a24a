"""Items, assessments, people and decisions for the store's tests. All fictional."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from rasoat.assessments import Assessment, Origin, Reason, Span, Versions
from rasoat.canonical import sha256_hex
from rasoat.cases import commands as c
from rasoat.cases.decisions import ContextBox, Decision, Measure, NoContactReason, NoticeChoice, PlatformAnswer, Quote
from rasoat.cases.states import Role
from rasoat.cases.workflow import Actor
from rasoat.harms import Harm, Outcome, Severity
from rasoat.items import Capture, CaptureMethod, Item, ItemKind, Platform, Publisher, PublisherKind, item_id
from rasoat.store import Store

TEXT = "Tặng quà miễn phí, gửi mã OTP cho chúng tôi để nhận thưởng ngay hôm nay"
START = datetime(2026, 1, 1, tzinfo=UTC)
REASON = "yêu cầu mã OTP để chiếm tài khoản"


def make_item(store: Store, name: str = "1", text: str = TEXT, *, seen: int = 0, minutes: int = 0, source: str = "demo") -> Item:
    """A comment with one capture; `seen` tells sightings apart."""
    blob = store.evidence.put(f"{name} {text} {seen}".encode(), "application/json", sealed=True)
    at = START + timedelta(minutes=minutes)
    capture = Capture(
        f"capture-{name}-{seen}-{sha256_hex(text.encode())[:6]}",
        CaptureMethod.FETCH,
        at,
        blob,
        blob.sha256,
        sha256_hex(text.encode()),
        "test",
    )
    locator = f"https://vi-du.example/{name}"
    return Item(
        id=item_id(Platform.FACEBOOK, ItemKind.COMMENT, locator),
        platform=Platform.FACEBOOK,
        kind=ItemKind.COMMENT,
        locator=locator,
        source=source,
        text=text,
        verbatim=text,
        captured_at=at,
        url=locator,
        title=f"Bình luận {name}",
        published_at=at,
        publisher=Publisher(PublisherKind.PERSON, "0" * 32),
        reach=7,
        captures=(capture,),
    )


def make_assessment(*flagged: Harm, probability: float = 0.9) -> Assessment:
    """What the classifier would say."""
    return Assessment(
        probabilities={harm: probability if harm in flagged else 0.01 for harm in Harm},
        flagged=flagged,
        reasons=tuple(Reason(harm, Origin.RULE, "rule:test", 2.5, Span(0, 8), "Tặng quà") for harm in flagged),
        versions=Versions("m1", "r1", "l1", "p1"),
        at=START,
        thresholds={harm: 0.5 for harm in Harm},
    )


def signature_of(seed: int, differ: int = 0) -> tuple[int, ...]:
    """128 numbers; `differ` of them are not those of the seed."""
    return tuple(seed * 1000 + n if n >= differ else seed * 1000 + n + 500_000_000 for n in range(128))


def bands_of(signature: tuple[int, ...]) -> tuple[bytes, ...]:
    """32 bands of four."""
    return tuple(f"{n}:{signature[n : n + 4]}".encode() for n in range(0, 128, 4))


def open_case(
    store: Store,
    name: str = "1",
    text: str = TEXT,
    *,
    harm: Harm = Harm.FRD,
    seed: int | None = None,
    differ: int = 0,
    severity: Severity = Severity.S2,
    sampled: bool = False,
    probability: float = 0.9,
    item: Item | None = None,
    source: str = "demo",
) -> str:
    """Put and admit one item; returns its case."""
    item = item or make_item(store, name, text, source=source)
    store.inbox.put(item, run_id="run")
    signature = None if seed is None else signature_of(seed, differ)
    found = make_assessment(harm, probability=probability)
    bands = () if signature is None else bands_of(signature)
    return store.cases.admit(item, found, signature=signature, band_keys=bands, severity=severity, sampled=sampled).case_id


def decide(store: Store, case_id: str, outcome: Harm | Outcome = Harm.FRD) -> Decision:
    """A complete decision on the lead item of a case."""
    if isinstance(outcome, Outcome):
        return Decision(outcome=outcome, context=frozenset({ContextBox.NO_BOX}), reason="không vi phạm quy tắc nào")
    lead = store.cases.view(case_id).items[0].item
    return Decision(
        outcome=outcome,
        quote=Quote(item_id=lead.id, start=0, end=8),
        context=frozenset({ContextBox.NO_BOX}),
        innocent_reading="có thể là chương trình khuyến mãi thật",
        reason=REASON,
        measure=Measure.LETTER if outcome is Harm.AGG else Measure.REMOVE_ITEM,
        policy_ground="facebook.fraud",
    )


PEOPLE = {
    "an": (Role.REVIEWER,),
    "binh": (Role.REVIEWER,),
    "chi": (Role.APPROVER, Role.SENDER),
    "dung": (Role.POLICY_LEAD,),
    "em": (Role.COMPLAINT_PANEL,),
}


def hire(store: Store) -> dict[str, Actor]:
    """Five people, by login."""
    made = {login: store.accounts.add(login, "mot mat khau dai", login.title(), roles) for login, roles in PEOPLE.items()}
    return {login: Actor(account.pseudonym, account.roles) for login, account in made.items()}


def approve(store: Store, case_id: str, people: dict[str, Actor], outcome: Harm = Harm.FRD) -> None:
    """From triage to the publisher's notice; for codes that need no second reading."""
    store.cases.apply(case_id, c.Claim(), people["an"])
    store.cases.apply(case_id, c.Code(decision=decide(store, case_id, outcome)), people["an"])
    store.cases.apply(case_id, c.Claim(), people["chi"])
    store.cases.apply(case_id, c.Approve(bona_fide=True, capture_verified=True, reason="đã đọc lại bản chụp"), people["chi"])


def send(store: Store, case_id: str, people: dict[str, Actor]) -> None:
    """From approval to a closed request."""
    notice = c.GiveNotice(choice=NoticeChoice.SENT, channel="thư điện tử", reason="gửi theo địa chỉ trên trang")
    store.cases.apply(case_id, notice, people["chi"])
    store.cases.apply(case_id, c.Seal(dossier_id="hs-1", pack_sha256="a" * 64), people["chi"])
    store.cases.apply(case_id, c.MarkSent(channel="biểu mẫu của nền tảng"), people["chi"])
    store.cases.apply(case_id, c.RecordAnswer(answer=PlatformAnswer.ACTIONED), people["chi"])
    store.cases.apply(case_id, c.Close(reason="đã xong"), people["chi"])


def no_contact() -> c.GiveNotice:
    """Nobody could be told."""
    reason = NoContactReason.NO_CONTACT_FOUND
    return c.GiveNotice(choice=NoticeChoice.NOT_SENT, no_contact=reason, reason="không tìm thấy địa chỉ liên hệ")


def changed(item: Item, text: str) -> Item:
    """The same item with other words and without its capture."""
    return replace(item, text=text, verbatim=text, captures=())
