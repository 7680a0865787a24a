"""What the store hands out: frozen views of rows. No SQL type leaves this room."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from rasoat.assessments import Assessment
from rasoat.cases.decisions import Decision
from rasoat.cases.priority import Priority
from rasoat.cases.states import CaseState, EventKind, Role
from rasoat.cases.workflow import CaseFacts
from rasoat.clock import rfc3339
from rasoat.harms import Harm
from rasoat.items import Item


@dataclass(frozen=True, slots=True)
class EventRecord:
    """One link of a case's chain. `payload` never holds item text, names or numbers, only codes and hashes."""

    seq: int  # from 1 within the case
    case_id: str
    at: datetime
    actor: str  # pseudonym
    role: Role
    kind: EventKind
    from_state: CaseState | None
    to_state: CaseState
    payload: dict[str, str | int | bool | list[str] | None]
    prev_hash: str
    hash: str

    def entry(self) -> dict[str, Any]:
        """All but the two hashes: `hash` is `chain_hash(entry(), prev_hash)`, in the store and in the custody log of a pack."""
        return {
            "seq": self.seq,
            "case_id": self.case_id,
            "at": rfc3339(self.at),
            "actor": self.actor,
            "role": self.role.value,
            "kind": self.kind.value,
            "from_state": self.from_state.value if self.from_state else None,
            "to_state": self.to_state.value,
            "payload": dict(self.payload),
        }


@dataclass(frozen=True, slots=True)
class DecisionRecord:
    """A decision with who, when and in which part. `reason` holds the free text of approve, reject, notice …

    `channel` says how the publisher was told or the pack was sent, `reference` what the platform called it.
    """

    id: str
    case_id: str
    stage: EventKind
    actor: str
    at: datetime
    decision: Decision | None
    reason: str
    channel: str = ""
    reference: str = ""


@dataclass(frozen=True, slots=True)
class CaseItem:
    """An item in a case with its assessment. The lead item opened the case; others are near-duplicates that joined."""

    item: Item
    assessment: Assessment
    lead: bool
    similarity: float  # estimated Jaccard to the lead, 1.0 for the lead itself


@dataclass(frozen=True, slots=True)
class CaseView:
    """All of a case. `review_ui` decides what a blind reader must not see."""

    facts: CaseFacts
    opened_at: datetime
    priority: Priority
    items: tuple[CaseItem, ...]  # lead first
    decisions: tuple[DecisionRecord, ...]
    events: tuple[EventRecord, ...]


@dataclass(frozen=True, slots=True)
class SimilarCase:
    """Another case whose lead item reads much the same, though not enough to be one case."""

    case_id: str
    state: CaseState
    suggested: Harm
    similarity: float  # estimated Jaccard between the two lead items
    title: str
    snippet: str


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One line of the queue."""

    case_id: str
    state: CaseState
    suggested: Harm
    flagged: tuple[Harm, ...]
    probability: float  # of `suggested`
    platform: str
    source: str
    title: str
    snippet: str  # first 200 characters of the lead item's text
    items: int
    opened_at: datetime
    held_by: str | None
    priority: Priority


@dataclass(frozen=True, slots=True)
class QueueQuery:
    """What of the queue to show. Empty tuples mean no restriction."""

    states: tuple[CaseState, ...] = ()
    harms: tuple[Harm, ...] = ()
    sources: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    readable_only: bool = True  # only what this actor may take, by role and separation of duties
    limit: int = 50
    offset: int = 0


@dataclass(frozen=True, slots=True)
class QueuePage:
    """Rows in priority order, and how many there are in all."""

    rows: tuple[QueueRow, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Admission:
    """What became of a flagged item: a new case, or one that it joined."""

    case_id: str
    opened: bool


@dataclass(frozen=True, slots=True)
class Account:
    """A person who works here. `pseudonym` is all that events and exports ever show."""

    login: str
    pseudonym: str
    display_name: str
    roles: frozenset[Role]
    locale: str = "vi"
    disabled: bool = False


@dataclass(frozen=True, slots=True)
class Session:
    """A living log-in. The token itself is known to the browser alone."""

    account: Account
    created_at: datetime
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One run of a crawl, an import or another stage."""

    id: str
    kind: str
    source: str
    state: str  # running, ok, failed …
    started_at: datetime
    finished_at: datetime | None
    counts: dict[str, int]
    problem: str


@dataclass(frozen=True, slots=True)
class DossierRecord:
    """A sealed pack on disk."""

    id: str
    case_id: str
    version: int
    path: str  # its name in `store.packs`
    sha256: str
    built_at: datetime


@dataclass(frozen=True, slots=True)
class PurgeReport:
    """What retention removed: rule name to count; and which cases were due but are under a legal hold."""

    at: datetime
    purged: dict[str, int] = field(default_factory=dict)
    held: tuple[str, ...] = ()
    blobs: int = 0  # pieces of evidence that went with it
    documents: int = 0  # changes that the search index was told of


@dataclass(frozen=True, slots=True)
class Tombstone:
    """What is left of a removal: what went, when, and by which rule. `count` where a rule removes rows and not one case."""

    at: datetime
    action: str
    object_type: str
    object_id: str
    rule: str
    count: int
