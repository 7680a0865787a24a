"""The item page: one case as one person may see it. Assembles the parts; each part guards its own secret."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from rasoat.assessments import Assessment, Span
from rasoat.cases.states import CaseState, Role
from rasoat.cases.workflow import Actor, Staffing, seal_problems
from rasoat.harms import FIX_FIRST, NO_DOSSIER, Harm
from rasoat.items import Item, PublisherKind
from rasoat.missing import MissingType, given, or_none
from rasoat.policy import Policy
from rasoat.ports import EvidenceStore
from rasoat.store.records import CaseItem, CaseView, DossierRecord, SimilarCase
from rasoat.text.addresses import defang
from review_ui.views.acts import acts, complaint_note
from review_ui.views.base import View
from review_ui.views.captures import CaptureFacts, capture_facts
from review_ui.views.choices import DecisionChoices, choices
from review_ui.views.original import original
from review_ui.views.policy import HarmPage, harm_page
from review_ui.views.problems import problem_key
from review_ui.views.queue import Factor, factors, severity_of
from review_ui.views.reasons import Describe, ReasonLine, Score, marks, reason_lines, scores
from review_ui.views.text import MAX_SHOWN, Piece, mask_text, pieces
from review_ui.views.verdicts import HistoryLine, Verdict, history, sees_verdicts, verdicts

TEXT_TABS = ("clean", "verbatim", "original")
HIDDEN: Final = "⟦ẩn⟧"
"""Opens a stretch of verbatim text that no visitor of the page sees; `⟦/ẩn⟧` closes it (the crawlers' words)."""
MAX_SIMILAR: Final = 10
"""Similar cases shown: the list is a help to see a campaign, not a search."""


class ItemFacts(View):
    """What was published, where and when. `publisher` of a person is left out: there is no page about people."""

    id: str
    platform: str
    kind: str
    source: str
    title: str
    url: str
    publisher: str
    published_at: datetime | None
    captured_at: datetime
    reach: int | None
    length: int


class Sibling(View):
    """Another item of the case: a near-duplicate."""

    id: str
    platform: str
    source: str
    snippet: str
    similarity: float
    lead: bool
    open: bool


class SimilarLine(View):
    """Another case that reads much the same. `state` is empty for a blind reader: how that one ended would lead."""

    case_id: str
    suggested: str
    state: str
    snippet: str
    similarity: float


class Made(View):
    """Which versions made the assessment."""

    model: str
    rules: str
    lexicon: str
    policy: str
    at: datetime | None


class Pack(View):
    """A sealed pack."""

    id: str
    version: int
    sha256: str
    built_at: datetime
    download: bool


class Problem(View):
    """Why something is not possible: a message key with its slots."""

    key: str
    slots: dict[str, str]


class CasePage(View):
    """All that the page and its JSON show."""

    id: str
    state: str
    since: datetime
    opened_at: datetime
    suggested: str
    suggested_name: str
    flagged: tuple[str, ...]
    severity: int
    factors: tuple[Factor, ...]
    held: str
    held_until: datetime | None
    blind: bool
    withheld: bool
    scope_warning: bool
    item: ItemFacts
    siblings: tuple[Sibling, ...]
    similar: tuple[SimilarLine, ...]
    hidden_text: str  # parts of the page that no visitor sees: "marked" in the text shown, or only "elsewhere"; empty where none are
    no_address: bool  # no item of the case has one, so there can be no pack
    complaint: str  # message key: why this person neither notes nor decides a complaint; empty where they may, or there can be none
    text_tab: str
    pieces: tuple[Piece, ...]
    cut: bool
    reasons: tuple[ReasonLine, ...]
    scores: tuple[Score, ...]
    made: Made
    policy: HarmPage
    captures: tuple[CaptureFacts, ...]
    verdicts: tuple[Verdict, ...]
    history: tuple[HistoryLine, ...]
    acts: tuple[str, ...]
    choices: DecisionChoices | None
    fix_first: bool
    letter_only: bool
    notice: str
    fix_until: datetime | None
    deferred_until: datetime | None
    seal_problems: tuple[Problem, ...]
    packs: tuple[Pack, ...]


@dataclass(frozen=True)
class Asked:
    """What of the case was asked for: which item, which text, which masked values by click, whether all of a long text."""

    item_id: str = ""
    tab: str = "clean"
    reveal: tuple[Span, ...] = ()
    full: bool = False


@dataclass(frozen=True)
class Ground:
    """What the page stands on beside the case itself."""

    policy: Policy
    describe: Describe
    staffing: Staffing
    now: datetime
    locale: str
    may_download: bool
    can_seal: bool
    evidence: EvidenceStore


def _hidden_text(item: Item, shown: tuple[Piece, ...]) -> str:
    """Whether the page hid words from its readers: `marked` in what is shown, `elsewhere` on the page, or not at all."""
    if HIDDEN not in item.verbatim:
        return ""
    return "marked" if any(HIDDEN in piece.shown for piece in shown) else "elsewhere"


def case_page(
    view: CaseView,
    actor: Actor,
    asked: Asked,
    ground: Ground,
    dossiers: tuple[DossierRecord, ...],
    similar: tuple[SimilarCase, ...] = (),
    *,
    scope: bool,
) -> CasePage:
    """Build the model. `scope`: the subject check says 'likely out of scope', so scores stay hidden."""
    facts, policy, locale = view.facts, ground.policy, ground.locale
    entry = next((e for e in view.items if e.item.id == asked.item_id), view.items[0])
    withheld = facts.suggested is Harm.CSE or facts.state is CaseState.ESCALATED_CSE
    address = not withheld or Role.SAFETY_OFFICER in actor.roles  # who escalates further needs to know where
    reasons = () if withheld else reason_lines(entry.assessment, policy, ground.describe, locale, scores=not scope)
    tab = asked.tab if asked.tab in TEXT_TABS else "clean"
    shown, cut = ((), False) if withheld else _pieces(entry.item, reasons, asked, tab, ground.evidence)
    nowhere = not any(has_address(one.item) for one in view.items)
    open_acts = acts(facts, actor, ground.now, ground.staffing, can_seal=ground.can_seal and not nowhere)
    deciding = not {"code", "second_read", "adjudicate"}.isdisjoint(open_acts)
    holder = facts.holder(ground.now)
    seeing = sees_verdicts(facts, actor)
    ruled = facts.ruling.harm if facts.ruling and seeing else None
    return CasePage(
        id=facts.id,
        state=facts.state.value,
        since=facts.since,
        opened_at=view.opened_at,
        suggested=facts.suggested.value,
        suggested_name=policy.harm(facts.suggested).name.of(locale),
        flagged=tuple(harm.value for harm in entry.assessment.flagged),
        severity=severity_of(view.priority),
        factors=() if scope else factors(view.priority),
        held="" if holder is None else "me" if holder == actor.pseudonym else "other",
        held_until=facts.claimed_until if holder == actor.pseudonym else None,
        blind=not seeing,
        withheld=withheld,
        scope_warning=scope,
        item=item_facts(entry.item, withheld=withheld, address=address),
        siblings=_siblings(view, entry.item.id, withheld=withheld),
        similar=() if withheld else _similar(similar, seeing=seeing),
        hidden_text="" if withheld else _hidden_text(entry.item, shown),
        no_address=nowhere,
        complaint=complaint_note(facts, actor),
        text_tab=tab,
        pieces=shown,
        cut=cut,
        reasons=reasons,
        scores=() if scope or withheld else scores(entry.assessment, policy, locale),
        made=_made(entry.assessment),
        policy=harm_page(policy, ruled or facts.suggested, locale),
        captures=capture_facts(entry.item, address=address),
        verdicts=() if withheld else verdicts(view, actor, policy, locale),
        history=history(view, actor),
        acts=open_acts,
        choices=choices(policy, entry.item.platform, entry.item.id, reasons, locale) if deciding else None,
        fix_first=ruled in FIX_FIRST,
        letter_only=ruled in NO_DOSSIER,
        notice=facts.notice.value if facts.notice else "",
        fix_until=facts.fix_until,
        deferred_until=facts.deferred_until,
        seal_problems=_seal_problems(view, actor, ground),
        packs=tuple(Pack(id=d.id, version=d.version, sha256=d.sha256, built_at=d.built_at, download=ground.may_download) for d in dossiers),
    )


def _pieces(item: Item, reasons: tuple[ReasonLine, ...], asked: Asked, tab: str, evidence: EvidenceStore) -> tuple[tuple[Piece, ...], bool]:
    """Spans are offsets into the clean text, so only that tab is marked. No pieces where there is no original to show."""
    if tab == "original":
        return pieces(original(item, evidence) or "", ()), False
    text = item.text if tab == "clean" else item.verbatim or item.text
    limit = len(text) if asked.full else MAX_SHOWN
    marked = marks(reasons) if tab == "clean" else ()
    return pieces(text[:limit], marked, asked.reveal if tab == "clean" else ()), len(text) > limit


def item_facts(item: Item, *, withheld: bool = False, address: bool = True) -> ItemFacts:
    """`withheld`: nothing that was written; without `address` nothing that leads there."""
    return ItemFacts(
        id=item.id,
        platform=item.platform.value,
        kind=item.kind.value,
        source=item.source,
        title="" if withheld else mask_text(given(item.title, "")),
        url=defang(given(item.url, "")) if address else "",
        publisher=_publisher(item) if address else "",
        published_at=or_none(item.published_at),
        captured_at=item.captured_at,
        reach=or_none(item.reach),
        length=len(item.text),
    )


def _hidden(item: Item, shown: tuple[Piece, ...], *, withheld: bool) -> str:
    if withheld or HIDDEN not in item.verbatim:
        return ""
    return "marked" if any(HIDDEN in piece.shown for piece in shown) else "elsewhere"


def has_address(item: Item) -> bool:
    """Whether a request could say where the item is (NOTICES §12)."""
    return given(item.url, "").startswith(("http://", "https://"))


def _publisher(item: Item) -> str:
    if isinstance(item.publisher, MissingType) or item.publisher.kind is PublisherKind.PERSON:
        return ""
    return defang(item.publisher.name)


def _siblings(view: CaseView, open_id: str, *, withheld: bool) -> tuple[Sibling, ...]:
    def line(entry: CaseItem) -> Sibling:
        return Sibling(
            id=entry.item.id,
            platform=entry.item.platform.value,
            source=entry.item.source,
            snippet="" if withheld else mask_text(entry.item.text[:160]),
            similarity=round(entry.similarity, 3),
            lead=entry.lead,
            open=entry.item.id == open_id,
        )

    return tuple(line(entry) for entry in view.items)


def _similar(cases: tuple[SimilarCase, ...], *, seeing: bool) -> tuple[SimilarLine, ...]:
    """Child-safety cases are not among them: nobody is led to one."""
    return tuple(
        SimilarLine(
            case_id=one.case_id,
            suggested=one.suggested.value,
            state=one.state.value if seeing else "",
            snippet=mask_text(one.title or one.snippet),
            similarity=round(one.similarity, 3),
        )
        for one in cases[:MAX_SIMILAR]
        if one.suggested is not Harm.CSE and one.state is not CaseState.ESCALATED_CSE
    )


def _made(assessment: Assessment) -> Made:
    v = assessment.versions
    return Made(model=v.model, rules=v.rules, lexicon=v.lexicon, policy=v.policy, at=assessment.at)


def _seal_problems(view: CaseView, actor: Actor, ground: Ground) -> tuple[Problem, ...]:
    if view.facts.state is not CaseState.PUBLISHER_NOTICE or not actor.roles & {Role.APPROVER, Role.SENDER, Role.POLICY_LEAD}:
        return ()
    found = [problem_key(text) for text in seal_problems(view.facts, ground.now, ground.staffing)]
    if not any(has_address(entry.item) for entry in view.items):
        found.append(("seal_no_address", {}))
    return tuple(Problem(key=key, slots=slots) for key, slots in found)
