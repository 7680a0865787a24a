"""The import of one file, from bytes to inbox: read, choose a mapper, map, seal, put. Streams: never holds a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import Final

from crawlers.importers.formats import read_records
from crawlers.importers.limits import Limits
from crawlers.importers.mapping import Mapper, MappingContext
from crawlers.importers.records import Broken, Record
from crawlers.importers.registry import detect, named
from crawlers.importers.report import ImportProgress, ImportReport, Progress, Tally
from crawlers.importers.sealing import SEALERS, seal, seal_all, with_capture
from crawlers.importers.unpacking import Member, opened
from rasoat.clock import Clock, Ids
from rasoat.errors import InputError, Place, Quarantine, RetryLater
from rasoat.items import BlobRef, Item
from rasoat.ports import Arrival, BatchInbox, EvidenceStore, Unmapped
from rasoat.settings import Settings

SNIFFED: Final = 20
"""Records looked at to choose a mapper."""
SNIFFED_BYTES: Final = 16 * 1024 * 1024
"""... but no more than this is held for it."""
BATCH: Final = 64
"""Records sealed side by side; also how often progress is told."""
BATCH_BYTES: Final = 4 * 1024 * 1024
AUTHOR_KEY: Final = "author.key"
"""Name of the home's secret that author keys are made with."""


@dataclass(frozen=True, slots=True)
class _Read:
    """A record with what became of it: an item, or the reason why not."""

    record: Record | Broken
    position: str
    outcome: Item | str


@dataclass(slots=True)
class _Import:
    """One run over one file."""

    file: str
    source: str
    run_id: str
    inbox: BatchInbox
    evidence: EvidenceStore
    clock: Clock
    author_secret: bytes
    sealers: Executor
    tally: Tally = field(default_factory=Tally)
    mappers: list[str] = field(default_factory=list)
    formats: list[str] = field(default_factory=list)
    encoding: str = ""

    def member(self, member: Member, mapper: Mapper | None, limits: Limits) -> Iterator[None]:
        """Import one file; yields after each batch, so that the caller can tell how far it is."""
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
        batch: list[_Read] = []
        try:
            for record in chain(head, records):
                batch.append(_Read(record, prefix + record.position, _outcome(record, chosen, context)))
                if len(batch) >= BATCH or sum(len(read.record.raw) for read in batch) > BATCH_BYTES:
                    full, batch = batch, []
                    self._keep(full, chosen)
                    yield
        finally:  # also when the file breaks off: what was read before the bad place is kept
            self._keep(batch, chosen)
        yield

    def _keep(self, batch: list[_Read], mapper: Mapper) -> None:
        refs = seal_all((read.record for read in batch), self.evidence, self.sealers)
        tool = f"{mapper.name}/{mapper.version}"
        arrivals = iter(self._put_all(list(zip(batch, refs, strict=True)), tool))
        for read, raw in zip(batch, refs, strict=True):
            self.tally.read += 1
            if isinstance(read.outcome, str):
                unmapped = Unmapped(self.source, mapper.name, mapper.version, read.position, read.outcome, raw)
                self.inbox.put_unmapped(unmapped, run_id=self.run_id)
                self.tally.problem(read.position, read.outcome)
            else:
                self.tally.item(read.outcome, next(arrivals))

    def _put_all(self, batch: Sequence[tuple[_Read, BlobRef]], tool: str) -> list[Arrival]:
        """What became of the items of a batch: taken together, or one by one where something stands against that."""
        items = [(read.outcome, read.record, raw) for read, raw in batch if isinstance(read.outcome, Item)]
        try:
            return self.inbox.put_many([with_capture(item, raw, record.raw, tool) for item, record, raw in items], run_id=self.run_id)
        except (RetryLater, Quarantine):
            return [self._put(item, record, raw, tool) for item, record, raw in items]

    def _put(self, item: Item, record: Record | Broken, raw: BlobRef, tool: str) -> Arrival:
        try:
            return self.inbox.put(with_capture(item, raw, record.raw, tool), run_id=self.run_id)
        except RetryLater:  # an equal record was just dropped, and its bytes with it: seal again, once
            return self.inbox.put(with_capture(item, seal(record, self.evidence), record.raw, tool), run_id=self.run_id)

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
    inbox: BatchInbox,
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
    with ThreadPoolExecutor(SEALERS, "seal") as sealers, opened(path, limits) as file:
        run = _Import(path.name, f"import:{path.name}", run_id, inbox, evidence, clock, settings.secret(AUTHOR_KEY), sealers)
        for member in file.members:
            for _ in run.member(member, chosen, limits):
                if progress:
                    progress(ImportProgress(run.tally.read, min(file.read_bytes, file.size - 1), file.size))
        if progress:
            progress(ImportProgress(run.tally.read, file.size, file.size))
        return run.report(file.skipped)


def _outcome(record: Record | Broken, mapper: Mapper, context: MappingContext) -> Item | str:
    if isinstance(record, Broken):
        return record.problem
    try:
        return mapper.map(record, context)
    except Quarantine as error:
        return str(error)


def _head(records: Iterator[Record | Broken]) -> list[Record | Broken]:
    head: list[Record | Broken] = []
    held = 0
    for record in islice(records, SNIFFED):
        head.append(record)
        held += len(record.raw)
        if held > SNIFFED_BYTES:
            break
    return head
