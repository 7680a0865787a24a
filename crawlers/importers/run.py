"""The import of one file, from bytes to inbox: read, choose a mapper, map, seal, put. Streams: never holds a file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Final

from crawlers.importers.formats import read_records
from crawlers.importers.limits import Limits
from crawlers.importers.mapping import Mapper, MappingContext
from crawlers.importers.records import Broken, Record
from crawlers.importers.registry import detect, named
from crawlers.importers.report import ImportProgress, ImportReport, Progress, Tally
from crawlers.importers.sealing import seal, with_capture
from crawlers.importers.unpacking import Member, opened
from rasoat.clock import Clock, Ids
from rasoat.errors import InputError, Place, Quarantine, RetryLater
from rasoat.items import Item
from rasoat.ports import Arrival, EvidenceStore, Inbox, Unmapped
from rasoat.settings import Settings

SNIFFED: Final = 20
"""Records looked at to choose a mapper."""
SNIFFED_BYTES: Final = 16 * 1024 * 1024
"""... but no more than this is held for it."""
PROGRESS_EVERY: Final = 100
AUTHOR_KEY: Final = "author.key"
"""Name of the home's secret that author keys are made with."""


@dataclass(slots=True)
class _Import:
    """One run over one file."""

    file: str
    source: str
    run_id: str
    inbox: Inbox
    evidence: EvidenceStore
    clock: Clock
    author_secret: bytes
    tally: Tally = field(default_factory=Tally)
    mappers: list[str] = field(default_factory=list)
    formats: list[str] = field(default_factory=list)
    encoding: str = ""

    def member(self, member: Member, mapper: Mapper | None, limits: Limits) -> Iterator[None]:
        """Import one file; yields after each record, so that the caller can tell how far it is."""
        found, encoding, records = read_records(member.stream, member.name or self.file, limits)
        self.encoding = self.encoding or encoding
        head = _head(records)
        good = [record for record in head if isinstance(record, Record)]
        if not good and head:
            self._refuse(head)
        chosen = mapper or detect(good, member.stream.name) if good else mapper
        if chosen is None:
            raise InputError("nothing in it but a header", place=Place(member.stream.name))
        self._note(chosen.name, found.value)
        context = MappingContext(self.source, self.clock.now(), self.author_secret, self.tally.unreadable)
        prefix = f"{member.name} " if member.name else ""
        for record in head:
            self._one(record, prefix, chosen, context)
            yield
        for record in records:
            self._one(record, prefix, chosen, context)
            yield

    def _one(self, record: Record | Broken, prefix: str, mapper: Mapper, context: MappingContext) -> None:
        self.tally.read += 1
        position = prefix + record.position
        if isinstance(record, Broken):
            self._set_aside(record, position, record.problem, mapper)
            return
        try:
            item = mapper.map(record, context)
        except Quarantine as error:
            self._set_aside(record, position, str(error), mapper)
            return
        self.tally.item(item, self._put(item, record, f"{mapper.name}/{mapper.version}"))

    def _put(self, item: Item, record: Record, tool: str) -> Arrival:
        try:
            return self.inbox.put(with_capture(item, seal(record, self.evidence), record, tool), run_id=self.run_id)
        except RetryLater:  # an equal record was just dropped, and its bytes with it: seal again, once
            return self.inbox.put(with_capture(item, seal(record, self.evidence), record, tool), run_id=self.run_id)

    def _set_aside(self, record: Record | Broken, position: str, problem: str, mapper: Mapper) -> None:
        raw = self.evidence.put(record.raw, record.media_type, sealed=True)
        unmapped = Unmapped(self.source, mapper.name, mapper.version, position, problem, raw)
        self.inbox.put_unmapped(unmapped, run_id=self.run_id)
        self.tally.problem(position, problem)

    def _refuse(self, broken: list[Record | Broken]) -> None:
        first = broken[0]
        problem = first.problem if isinstance(first, Broken) else ""
        hint = "not one record could be read; is this the right file?"
        raise InputError(f"{first.position}: {problem}", place=Place(self.file), hint=hint)

    def _note(self, mapper: str, form: str) -> None:
        if mapper not in self.mappers:
            self.mappers.append(mapper)
        if form not in self.formats:
            self.formats.append(form)

    def report(self, skipped: list[str]) -> ImportReport:
        """What came of it."""
        return ImportReport(
            self.file,
            self.source,
            tuple(self.mappers),
            tuple(self.formats),
            self.encoding,
            self.tally.read,
            dict(self.tally.arrivals),
            self.tally.unmapped,
            tuple(self.tally.problems),
            dict(self.tally.reasons),
            self.tally.fill(),
            tuple(skipped),
        )


def import_file(
    path: Path,
    *,
    mapper: str | None = None,
    inbox: Inbox,
    evidence: EvidenceStore,
    settings: Settings,
    clock: Clock,
    ids: Ids,
    run_id: str,
    progress: Progress | None = None,
    limits: Limits | None = None,
) -> ImportReport:
    """Import one file (CSV, TSV, JSON Lines, JSON; also gzip and zip of these). The same file twice doubles nothing.

    `ids` is what every stage is handed; captures here are named by their content instead, so that a repeat adds none.
    Records that are not understood are kept sealed with the reason and counted; `report.failed` says that none was.

    Raises:
        UsageError: no such file, no such mapper, or no telling which mapper fits.
        InputError: empty, binary, undecodable, too large, or without one readable record. What was read before stays imported.
    """
    limits = limits or Limits()
    path = Path(path)
    chosen = named(mapper) if mapper else None
    run = _Import(path.name, f"import:{path.name}", run_id, inbox, evidence, clock, settings.secret(AUTHOR_KEY))
    with opened(path, limits) as file:
        for member in file.members:
            for _ in run.member(member, chosen, limits):
                if progress and run.tally.read % PROGRESS_EVERY == 0:
                    progress(ImportProgress(run.tally.read, file.read_bytes, file.size))
        if progress:
            progress(ImportProgress(run.tally.read, file.size, file.size))
        return run.report(file.skipped)


def _head(records: Iterator[Record | Broken]) -> list[Record | Broken]:
    head: list[Record | Broken] = []
    held = 0
    for record in islice(records, SNIFFED):
        head.append(record)
        held += len(record.raw)
        if held > SNIFFED_BYTES:
            break
    return head
