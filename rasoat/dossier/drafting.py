"""From an approved case to the notice core. Copies, masks and words what people decided; adds no judgement of its own.

Owns the mapping of NOTICES §12. Whether a draft may leave the house is for `refusals` to say.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from rasoat import __version__
from rasoat.assessments import Origin
from rasoat.cases.decisions import ContextBox, Decision, DeferralReason, NoContactReason
from rasoat.cases.workflow import DEFERRAL_DAYS, needs_policy_lead
from rasoat.clock import rfc3339
from rasoat.dossier.grounds import legal_grounds, policy_ground, rule_in_words, territory, two
from rasoat.dossier.notice import (
    FORMAT,
    MAX_EXPLANATION,
    Automation,
    BonaFide,
    CaptureRef,
    Context,
    Locator,
    MachineVersions,
    MeasureAsked,
    Notice,
    NoticeItem,
    Notifier,
    PublisherNotice,
    Redress,
    RequesterCapacity,
    Review,
    Risk,
    TwoLanguages,
)
from rasoat.dossier.request import Readings, Request, asked_items, custody, readings
from rasoat.items import Capture, Item, ItemKind
from rasoat.messages import Messages
from rasoat.missing import Maybe, MissingType, given, or_none
from rasoat.store.records import DecisionRecord, EventRecord
from rasoat.text.addresses import defang

REDRESS_MONTHS: Final = 6  # NOTICES §12.27
REDRESS_DAYS: Final = 184 + DEFERRAL_DAYS
"""The longest six months, counted from the last day on which a deferred letter may go out."""
_CAPTURE_SUFFIX: Final = {"application/json": ".json", "application/vnd.rasoat.row+json": ".json", "text/plain; charset=utf-8": ".txt"}


@dataclass(frozen=True)
class Words:
    """The catalogue in both languages."""

    vi: Messages
    en: Messages

    @classmethod
    def load(cls, request: Request) -> Words:
        """From the data folder of the settings."""
        return cls(Messages.load(request.settings.data, "vi"), Messages.load(request.settings.data, "en"))

    def both(self, key: str, **slots: object) -> TwoLanguages:
        """One message in both languages."""
        return TwoLanguages(vi=self.vi.t(f"dossier.{key}", **slots), en=self.en.t(f"dossier.{key}", **slots))


def draft(request: Request, words: Words) -> Notice:
    """The notice of an approved case.

    Raises:
        pydantic.ValidationError: a required field is missing or beyond its limit.
    """
    ruling, read = request.ruling, readings(request.view)
    assert ruling is not None
    assert ruling.harm is not None
    items = notice_items(request)
    return Notice(
        format=FORMAT,
        built_at=rfc3339(request.built_at),
        software=f"rasoat/{__version__}",
        dossier_id=request.dossier_id,
        version=request.version,
        harm_code=ruling.harm,
        harm_name=two(request.policy.harm(ruling.harm).name),
        secondary_codes=ruling.secondary,
        items=items,
        policy_ground=policy_ground(request),
        legal_grounds=legal_grounds(request),
        explanation=explanation(request, words, items[0] if items else None),
        context_considered=_context(ruling, request),
        expression_risk=_risk(ruling, read, request),
        least_restrictive_measure=_measure(ruling, request),
        territory=territory(request),
        requester_capacity=requester_capacity(request),
        notifier=Notifier(org=request.settings.requester_org, name=None, email=request.settings.requester_email),
        complainant=None,
        bona_fide_statement=_bona_fide(read, words),
        automation=automation(request),
        review_1=_review(read.first, request),
        review_2=_review(read.second, request) if read.second else None,
        adjudication=_review(read.adjudication, request) if read.adjudication else None,
        approval=_review(read.approval, request),
        publisher_notice=_publisher_notice(request, read),
        redress_info=redress(request, words),
        sent_log=(),
        outcome=(),
    )


def _moment(at: Maybe[datetime]) -> str | None:
    return None if isinstance(at, MissingType) else rfc3339(at)


def notice_items(request: Request) -> tuple[NoticeItem, ...]:
    """Fields 5 to 12, the item that was read first."""
    return tuple(_item(item, request) for item in asked_items(request))


def _item(item: Item, request: Request) -> NoticeItem:
    start, end = _quote_at(item, request)
    text = request.hide(item.text)
    return NoticeItem(
        url=given(item.url, ""),
        locator=Locator(id=item.locator, quote_start=start, quote_end=end),
        platform=item.platform,
        kind=item.kind,
        title=None if request.withheld or isinstance(item.title, MissingType) else request.hide(item.title)[:300],
        quote_original=None if request.withheld else request.hide(item.text[start:end]),
        quote_omitted=request.withheld,  # type: ignore[arg-type]
        quote_translation=None,
        content_type="CONTENT_TYPE_VIDEO" if item.kind is ItemKind.VIDEO else "CONTENT_TYPE_TEXT",
        content_language="vi",
        published_at_claimed=_moment(item.published_at),
        captures=tuple(_capture(capture, request) for capture in captures(item, request.built_at)),
        text_file=None if request.withheld else f"text/{item.id}.txt",
        text_masked=text != item.text,
    )


def _quote_at(item: Item, request: Request) -> tuple[int, int]:
    quote = request.ruling.quote if request.ruling else None
    assert quote is not None
    if item.id == quote.item_id:
        return quote.start, quote.end
    words = quote.span.of(next(c.item.text for c in request.view.items if c.item.id == quote.item_id))
    start = item.text.index(words)
    return start, start + len(words)


def captures(item: Item, until: datetime) -> tuple[Capture, ...]:
    """The sightings that this dossier rests on, oldest first."""
    return tuple(sorted((c for c in item.captures if c.captured_at <= until), key=lambda c: (c.captured_at, c.id)))


def _capture(capture: Capture, request: Request) -> CaptureRef:
    return CaptureRef(
        id=capture.id,
        method=capture.method,
        captured_at=rfc3339(capture.captured_at),
        sha256=capture.blob.sha256,
        size=capture.blob.size,
        media_type=capture.blob.media_type,
        payload_sha256=capture.payload_sha256,
        text_sha256=capture.text_sha256,
        tool=capture.tool,
        requested_url=or_none(capture.requested_url),
        final_url=or_none(capture.final_url),
        redirects=capture.redirects,
        http_status=or_none(capture.http_status),
        file=None if request.withheld else _capture_file(capture),
        withheld=request.withheld,  # type: ignore[arg-type]
    )


def _capture_file(capture: Capture) -> str:
    """WARCs lie where a WACZ has them; what people exported lies beside."""
    if capture.blob.media_type == "application/warc":
        return f"archive/{capture.id}.warc.gz"
    return f"captures/{capture.id}{_CAPTURE_SUFFIX.get(capture.blob.media_type, '.bin')}"


def explanation(request: Request, words: Words, item: NoticeItem | None) -> str:
    """Facts, rule, application. Where the three do not fit into 5,000 characters the reader's own words stand alone."""
    reason = request.hide(request.ruling.reason) if request.ruling else ""
    if item is None:
        return reason
    facts = words.vi.t(
        "dossier.explain_facts_quoted" if item.quote_original else "dossier.explain_facts_unquoted",
        url=defang(item.url),
        at=f"{captures(asked_items(request)[0], request.built_at)[0].captured_at:%d/%m/%Y}" if item.captures else "?",
        quote=item.quote_original or "",
    )
    rule = words.vi.t("dossier.explain_rule", rule=rule_in_words(request))
    text = "\n".join((facts, rule, words.vi.t("dossier.explain_application", reason=reason)))
    return text if len(text) <= MAX_EXPLANATION else reason


def _context(ruling: Decision, request: Request) -> Context:
    order = list(ContextBox)
    return Context(
        boxes=tuple(sorted(ruling.context, key=order.index)),
        note=request.hide(ruling.context_note),
        innocent_reading=request.hide(ruling.innocent_reading),
    )


def _risk(ruling: Decision, read: Readings, request: Request) -> Risk:
    signed = read.adjudication.actor if read.adjudication and needs_policy_lead(ruling) else None
    return Risk(level=ruling.expression_risk, note=request.hide(ruling.expression_note), signed_off_by=signed)


def _measure(ruling: Decision, request: Request) -> MeasureAsked:
    assert ruling.measure is not None
    policy = next(m for m in request.policy.measures if m.id is ruling.measure)
    return MeasureAsked(measure=ruling.measure, name=two(policy.name), why=two(policy.help))


def requester_capacity(request: Request) -> RequesterCapacity:
    """Field 20."""
    capacity = request.policy.capacity(request.settings.requester_capacity)
    return RequesterCapacity(id=capacity.id, label=two(capacity.label), public_authority=capacity.public_authority)


def _bona_fide(read: Readings, words: Words) -> BonaFide:
    assert read.approval is not None
    return BonaFide(text=words.both("bona_fide"), signer=read.approval.actor, at=rfc3339(read.approval.at))


def automation(request: Request) -> Automation:
    """Field 24: what software did before people decided."""
    assessments = [c.assessment for c in request.view.items]
    versions = {(a.versions.model, a.versions.rules, a.versions.lexicon, a.versions.policy) for a in assessments}
    machine = {Origin.MODEL, Origin.RULE, Origin.HASH}
    return Automation(
        detection=any(a.flagged and (not a.reasons or any(r.origin in machine for r in a.reasons)) for a in assessments),
        versions=tuple(MachineVersions(model=m, rules=r, lexicon=x, policy=p) for m, r, x, p in sorted(versions)),
        decision="human",
    )


def _review(record: DecisionRecord | None, request: Request) -> Review:
    assert record is not None
    outcome = record.decision.outcome.value if record.decision else record.stage.value
    return Review(reviewer=record.actor, at=rfc3339(record.at), decision=outcome, reason=request.hide(_reason(record)))


def _reason(record: DecisionRecord) -> str:
    return record.reason or (record.decision.reason if record.decision else "")


def _publisher_notice(request: Request, read: Readings) -> PublisherNotice:
    assert read.notice is not None
    facts = request.view.facts
    assert facts.notice is not None
    payload = _notice_payload(request)
    deferral, no_contact = payload.get("deferral"), payload.get("no_contact")
    return PublisherNotice(
        choice=facts.notice,
        at=rfc3339(read.notice.at),
        channel=request.hide(read.notice.channel) or None,
        deferral=DeferralReason(deferral) if isinstance(deferral, str) else None,
        deferred_until=rfc3339(facts.deferred_until) if facts.deferred_until else None,
        no_contact=NoContactReason(no_contact) if isinstance(no_contact, str) else None,
        reason=request.hide(read.notice.reason),
    )


def _notice_payload(request: Request) -> dict[str, str | int | bool | list[str] | None]:
    events: list[EventRecord] = [e for e in custody(request.view, request.built_at) if e.kind.value == "notice_given"]
    return events[-1].payload if events else {}


def redress(request: Request, words: Words) -> Redress:
    """Field 27."""
    return Redress(
        address=request.settings.requester_email,
        months=REDRESS_MONTHS,
        not_before=(request.built_at + timedelta(days=REDRESS_DAYS)).date().isoformat(),
        free=True,
        decided_by=words.both("redress_decided_by"),
        external=(words.both("redress_platform"), words.both("redress_eu"), words.both("redress_court")),
    )
