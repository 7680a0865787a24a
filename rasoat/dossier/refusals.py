"""Every reason why a dossier may not leave the house (NOTICES §12, end), collected, so that a reviewer sees all of them at once.

Owns the checks. Each refusal has a code whose words stand in the catalogues as `dossier.refused_<code>`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from rasoat.canonical import sha256_hex
from rasoat.cases.decisions import Decision
from rasoat.cases.states import CaseState
from rasoat.cases.workflow import needs_policy_lead, seal_problems
from rasoat.dossier.custody import chain_problems, write_custody
from rasoat.dossier.drafting import captures
from rasoat.dossier.notice import MAX_QUOTE
from rasoat.dossier.request import Channel, Readings, Request, asked_items, asked_of, custody, readings
from rasoat.errors import CharterError, ConfigError, EvidenceError
from rasoat.harms import NO_DOSSIER, Harm
from rasoat.items import Capture, Item, Platform
from rasoat.messages import Messages
from rasoat.missing import MissingType
from rasoat.ports import EvidenceStore

_APPROVED: Final = frozenset({CaseState.PUBLISHER_NOTICE, CaseState.DOSSIER_READY, CaseState.SENT, CaseState.ANSWERED})


@dataclass(frozen=True)
class Refusal:
    """One reason. `code` is stable; `slots` fill its words."""

    code: str
    slots: dict[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The message that says it."""
        return f"dossier.refused_{self.code}"

    def text(self, messages: Messages) -> str:
        """In the reader's language."""
        return messages.t(self.key, **self.slots)


def refusals(request: Request, evidence: EvidenceStore) -> tuple[Refusal, ...]:
    """Everything that stands against a dossier of this case; empty when it may be built."""
    read = readings(request.view)
    found = [*_stage(request), *_people(request, read), *_requester(request), *_chain(request)]
    if request.ruling is not None and request.harm is not None:
        found += [*_ruling(request.ruling, read), *_grounds(request.ruling, request), *_quote(request.ruling, request)]
        for item in asked_items(request):
            found += [*_item(item, request), *_captures(item, request, evidence)]
        found += _clashes(request)
    return tuple(found)


def _stage(request: Request) -> Iterator[Refusal]:
    """The state, the harm, and the rules of WORKFLOW §2-3 for sealing; a pack can be built again after it was sealed."""
    facts = request.view.facts
    if facts.state not in _APPROVED:
        yield Refusal("not_approved", {"state": facts.state.value})
    if request.harm is None:
        yield Refusal("out_of_scope", {"outcome": facts.ruling.outcome.value if facts.ruling else "?"})
        return
    for code in sorted({request.harm, *(facts.ruling.secondary if facts.ruling else ())} & NO_DOSSIER):
        if code is request.harm or code is Harm.CSE:
            yield Refusal("no_dossier_code", {"code": code.value})
    if facts.state in _APPROVED and request.harm not in NO_DOSSIER:
        for problem in seal_problems(replace(facts, state=CaseState.PUBLISHER_NOTICE), request.built_at, request.staffing):
            yield Refusal("workflow", {"problem": problem})


def _people(request: Request, read: Readings) -> Iterator[Refusal]:
    required = (("review_1", read.first), ("approval", read.approval), ("publisher_notice", read.notice))
    for name, record in required:
        if record is None:
            yield Refusal("missing", {"field": name})
    others = {record.actor for record in (read.first, read.second, read.adjudication) if record} | request.view.facts.readers
    if read.approval is not None and read.approval.actor in others:
        yield Refusal("self_approved", {"person": read.approval.actor})


def _requester(request: Request) -> Iterator[Refusal]:
    settings = request.settings
    if not settings.requester_org.strip():
        yield Refusal("missing", {"field": "notifier.org"})
    if "@" not in settings.requester_email:
        yield Refusal("missing", {"field": "notifier.email"})
    try:
        capacity = request.policy.capacity(settings.requester_capacity)
    except ConfigError:
        yield Refusal("capacity_unknown", {"capacity": settings.requester_capacity})
        return
    if request.channel is Channel.IN_PRODUCT_FLAG and (capacity.public_authority or not capacity.in_product_flags):
        yield Refusal("flag_by_authority", {"capacity": capacity.id})
    if capacity.codes and request.harm is not None and request.harm not in capacity.codes:
        yield Refusal("capacity_code", {"capacity": capacity.id, "code": request.harm.value})


def _chain(request: Request) -> Iterator[Refusal]:
    events = custody(request.view, request.built_at)
    for problem in chain_problems(write_custody(request.view.facts.id, events)):
        yield Refusal("custody_broken", {"problem": problem})


def _ruling(ruling: Decision, read: Readings) -> Iterator[Refusal]:
    if not ruling.context:
        yield Refusal("no_context")
    if needs_policy_lead(ruling) and read.adjudication is None:
        yield Refusal("high_risk_unsigned", {"risk": ruling.expression_risk.value})
    if ruling.measure is None:
        yield Refusal("missing", {"field": "least_restrictive_measure"})
    if len(ruling.reason.split()) < 3:
        yield Refusal("no_explanation")


def _grounds(ruling: Decision, request: Request) -> Iterator[Refusal]:
    if ruling.policy_ground is None and not ruling.legal_grounds:
        yield Refusal("no_ground")
    if ruling.policy_ground is not None:
        try:
            section = request.policy.section(ruling.policy_ground)
        except ConfigError:
            yield Refusal("section_unknown", {"ground": ruling.policy_ground})
        else:
            if ruling.harm not in section.codes:
                yield Refusal("ground_other_code", {"ground": section.id, "code": str(ruling.outcome.value)})
            if asked_of(request) not in (section.platform, Platform.FILE, None):
                yield Refusal("section_other_platform", {"ground": section.id})
    for ground_id in ruling.legal_grounds:
        try:
            ground = request.policy.ground(ground_id)
        except CharterError:
            yield Refusal("ground_not_allowed", {"ground": ground_id})
        else:
            if ruling.harm not in ground.codes:
                yield Refusal("ground_other_code", {"ground": ground.id, "code": str(ruling.outcome.value)})
    template = {text.casefold() for ground in request.policy.harms.values() for text in (ground.definition.vi, ground.definition.en)}
    if ruling.reason.strip().casefold() in template:
        yield Refusal("template_explanation")


def _quote(ruling: Decision, request: Request) -> Iterator[Refusal]:
    if ruling.quote is None:
        yield Refusal("missing", {"field": "quote_original"})
        return
    if ruling.quote.end - ruling.quote.start > MAX_QUOTE:
        yield Refusal("quote_too_long", {"length": str(ruling.quote.end - ruling.quote.start), "limit": str(MAX_QUOTE)})
    texts = [c.item.text for c in request.view.items if c.item.id == ruling.quote.item_id]
    if not texts or ruling.quote.end > len(texts[0]) or not ruling.quote.span.of(texts[0]).strip():
        yield Refusal("quote_outside")


def _item(item: Item, request: Request) -> Iterator[Refusal]:
    if isinstance(item.url, MissingType) or not item.url.startswith(("http://", "https://")):
        yield Refusal("no_url", {"item": item.id[:12]})
    if not item.locator.strip():
        yield Refusal("no_locator", {"item": item.id[:12]})
    if item.url_hash in request.reversed_urls:
        yield Refusal("reversed_before", {"item": item.id[:12]})


def _captures(item: Item, request: Request, evidence: EvidenceStore) -> Iterator[Refusal]:
    kept = captures(item, request.built_at)
    if not kept:
        yield Refusal("no_capture", {"item": item.id[:12]})
    for capture in kept:
        if not _intact(capture, evidence):
            yield Refusal("capture_mismatch", {"capture": capture.id})


def _clashes(request: Request) -> Iterator[Refusal]:
    """Two captures of one id and different bytes: one of them is not what it says it is."""
    known: dict[str, str] = {}
    for capture in (capture for item in asked_items(request) for capture in captures(item, request.built_at)):
        if known.setdefault(capture.id, capture.blob.sha256) != capture.blob.sha256:
            yield Refusal("capture_mismatch", {"capture": capture.id})


def _intact(capture: Capture, evidence: EvidenceStore) -> bool:
    try:
        data = evidence.get(capture.blob)
    except EvidenceError:
        return False
    return len(data) == capture.blob.size and sha256_hex(data) == capture.blob.sha256
