"""What a dossier is built from, and who read the case: gathered once, so that refusals, notice and letter see the same thing.

Pure. Knows nothing of PDF, ZIP or keys.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from rasoat.cases.decisions import Decision
from rasoat.cases.states import EventKind
from rasoat.cases.workflow import Staffing
from rasoat.harms import Harm
from rasoat.items import Item, Platform
from rasoat.missing import MissingType
from rasoat.policy import Policy
from rasoat.settings import Settings
from rasoat.store.records import CaseView, DecisionRecord, EventRecord


class Channel(StrEnum):
    """The way on which a person will send it. A public authority may never use an in-product user flag (NOTICES §0.3)."""

    WRITTEN = "written"  # legal form, e-mail, letter
    IN_PRODUCT_FLAG = "in_product_flag"


@dataclass(frozen=True, slots=True)
class Readings:
    """The verdicts that count: those of the last round."""

    first: DecisionRecord | None
    second: DecisionRecord | None
    adjudication: DecisionRecord | None
    approval: DecisionRecord | None
    notice: DecisionRecord | None


@dataclass(frozen=True)
class Request:
    """All that a dossier is made of. `mask` hides personal data in words; `reversed_urls` are `Item.url_hash`es of lost complaints."""

    view: CaseView
    policy: Policy
    settings: Settings
    staffing: Staffing
    built_at: datetime
    dossier_id: str
    mask: Callable[[str], str]
    version: int = 1
    channel: Channel = Channel.WRITTEN
    reversed_urls: frozenset[str] = frozenset()

    @property
    def ruling(self) -> Decision | None:
        """What the case rests on."""
        return self.view.facts.ruling

    @property
    def harm(self) -> Harm | None:
        """The harm that people found."""
        return self.ruling.harm if self.ruling else None

    def hide(self, text: str) -> str:
        """`text` as it may leave the house: personal data masked, halves of characters replaced (JSON has none)."""
        return self.mask(text.encode("utf-8", "replace").decode())

    @property
    def withheld(self) -> str | None:
        """Why quote, text and capture bytes stay out of the pack: repeating them would do the harm again (NOTICES §12.7)."""
        codes = {self.harm, *(self.ruling.secondary if self.ruling else ())}
        if Harm.PII in codes:
            return "leaked_data"
        return "self_harm_method" if Harm.SHM in codes else None


def readings(view: CaseView) -> Readings:
    """The last verdict of each part, leaving out what an earlier round said."""
    first = _last(view, EventKind.CODED, None)
    return Readings(
        first=first,
        second=_last(view, EventKind.SECOND_READ, first) if view.facts.second is not None else None,
        adjudication=_last(view, EventKind.ADJUDICATED, first) if view.facts.adjudicator is not None else None,
        approval=_last(view, EventKind.APPROVED, first) if view.facts.approver is not None else None,
        notice=_last(view, EventKind.NOTICE_GIVEN, first) if view.facts.notice is not None else None,
    )


def _last(view: CaseView, stage: EventKind, since: DecisionRecord | None) -> DecisionRecord | None:
    found = [d for d in view.decisions if d.stage is stage and (since is None or d.at >= since.at)]
    return max(found, key=lambda d: d.at) if found else None


def custody(view: CaseView, built_at: datetime) -> tuple[EventRecord, ...]:
    """The case's events up to this dossier: sealing and what follows come after it, so that a rebuild gives the same bytes."""
    kept: list[EventRecord] = []
    for event in sorted(view.events, key=lambda event: event.seq):
        if event.kind is EventKind.SEALED or event.at > built_at:
            break
        kept.append(event)
    return tuple(kept)


def asked_items(request: Request) -> tuple[Item, ...]:
    """The item that the quote was taken from, then each near-duplicate that holds the same words, has an address, and was there
    before the approval: nobody has read the others, so nothing is asked about them.
    """
    quote = request.ruling.quote if request.ruling else None
    approval = readings(request.view).approval
    lead = next((c.item for c in request.view.items if quote and c.item.id == quote.item_id), None)
    if quote is None or lead is None:
        return ()
    words = quote.span.of(lead.text)
    others = (
        c.item
        for c in request.view.items
        if c.item.id != lead.id
        and words
        and words in c.item.text
        and not isinstance(c.item.url, MissingType)
        and (approval is None or c.item.captured_at <= approval.at)
    )
    return (lead, *sorted(others, key=lambda item: item.id))


def asked_of(request: Request) -> Platform | None:
    """The platform of the item complained of."""
    items = asked_items(request)
    return items[0].platform if items else None
