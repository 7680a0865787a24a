"""Exported files to inbox, and records that could not be mapped back through a newer mapper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import structlog

from crawlers.importers import ImportReport, RemapReport, import_file, remap
from crawlers.importers.report import Progress
from flows.runtime import Runtime
from rasoat.errors import RasoatError
from rasoat.logs import working_on

log = structlog.get_logger(__name__)
KIND = "import"


def import_files(rt: Runtime, paths: Sequence[Path], *, mapper: str | None = None, progress: Progress | None = None) -> list[ImportReport]:
    """Import each file; the same file twice adds nothing. What was read before an error stays.

    Raises:
        RasoatError: a file that cannot be read; the run is written down as failed with the reason.
    """
    reports = []
    for path in paths:
        run_id = rt.store.runs.start(KIND, path.name)
        try:
            with working_on(run_id=run_id):
                report = import_file(
                    path,
                    mapper=mapper,
                    inbox=rt.store.inbox,
                    evidence=rt.store.evidence,
                    settings=rt.settings,
                    clock=rt.clock,
                    ids=rt.ids,
                    run_id=run_id,
                    progress=progress,
                )
        except RasoatError as error:
            rt.store.runs.finish(run_id, "failed", {}, problem=str(error))
            # not which file it was: its name may be a person's
            log.warning("run.failed", run_id=run_id, stage=KIND, kind=type(error).__name__)
            raise
        counts = {"read": report.read, "unmapped": report.unmapped, **{arrival.value: n for arrival, n in report.arrivals.items()}}
        rt.store.runs.finish(run_id, "failed" if report.failed else "finished", counts)
        log.info("run.ended", run_id=run_id, stage=KIND, counts=counts)
        reports.append(report)
    return reports


def remap_unmapped(rt: Runtime, *, mapper: str | None = None) -> RemapReport:
    """Map again, from the sealed raw records, what no mapper understood."""
    known = {waiting.record: waiting.id for waiting in rt.store.inbox.unmapped()}
    report = remap(
        known,
        mapper=mapper,
        inbox=rt.store.inbox,
        evidence=rt.store.evidence,
        settings=rt.settings,
        clock=rt.clock,
        run_id=rt.store.runs.start(KIND, "remap"),
    )
    for record in report.resolved:
        rt.store.inbox.resolve_unmapped(known[record])
    return report


def report_json(report: ImportReport) -> dict[str, Any]:
    """One import, for scripts."""
    fill = {rate.field: {"given": rate.given, "missing": rate.missing, "unreadable": rate.unreadable} for rate in report.fill}
    return {**asdict(report), "fill": fill, "mapped": report.mapped}
