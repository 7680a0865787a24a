"""Mapping again, after an update, what no mapper understood: from the sealed raw records, without importing again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from crawlers.importers.mapping import Mapper, MappingContext
from crawlers.importers.records import parse_record
from crawlers.importers.registry import named
from crawlers.importers.run import AUTHOR_KEY
from crawlers.importers.sealing import with_capture
from rasoat.clock import Clock
from rasoat.errors import Quarantine
from rasoat.ports import Arrival, EvidenceStore, Inbox, Unmapped
from rasoat.settings import Settings


@dataclass(frozen=True, slots=True)
class RemapReport:
    """`resolved` are the records, as given, that are items now; the caller marks them so (`inbox.resolve_unmapped`)."""

    resolved: tuple[Unmapped, ...]
    arrivals: dict[Arrival, int]
    still: tuple[tuple[Unmapped, str], ...]  # with today's reason


@dataclass(slots=True)
class _Contexts:
    """One mapping context a source, so that equal rows of one file stay apart as they did when it was imported."""

    clock: Clock
    secret: bytes
    made: dict[str, MappingContext] = field(default_factory=dict)

    def of(self, source: str) -> MappingContext:
        """The context of a source."""
        return self.made.setdefault(source, MappingContext(source, self.clock.now(), self.secret))


def remap(
    records: Iterable[Unmapped],
    *,
    mapper: str | None = None,
    inbox: Inbox,
    evidence: EvidenceStore,
    settings: Settings,
    clock: Clock,
    run_id: str,
) -> RemapReport:
    """Try each record again with its own mapper, or with the one named. Safe to repeat.

    Raises:
        UsageError: no such mapper.
        EvidenceError: a sealed record is missing or damaged.
    """
    contexts = _Contexts(clock, settings.secret(AUTHOR_KEY))
    arrivals: Counter[Arrival] = Counter()
    resolved, still = [], []
    for unmapped in records:
        chosen = named(mapper or unmapped.mapper)
        try:
            arrivals[_again(unmapped, chosen, contexts.of(unmapped.source), inbox, evidence, run_id)] += 1
        except Quarantine as error:
            still.append((unmapped, str(error)))
        else:
            resolved.append(unmapped)
    return RemapReport(tuple(resolved), dict(arrivals), tuple(still))


def _again(unmapped: Unmapped, mapper: Mapper, context: MappingContext, inbox: Inbox, evidence: EvidenceStore, run_id: str) -> Arrival:
    raw = evidence.get(unmapped.raw)
    record = parse_record(raw, unmapped.position, unmapped.raw.media_type)
    item = mapper.map(record, context)
    return inbox.put(with_capture(item, unmapped.raw, raw, f"{mapper.name}/{mapper.version}"), run_id=run_id)
