"""`crawl`, `import`, `assess`, `collect`: from the world to cases."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.commands._shared import aside, console, counting, logged_settings, page_steps, print_json, runtime, steps, table
from rasoat.errors import RasoatError, RetryLater, UsageError
from rasoat.ports import Arrival

if TYPE_CHECKING:
    from crawlers.importers.report import ImportReport
    from crawlers.report import CrawlReport
    from crawlers.sources import SourceSpec
    from flows.runtime import Runtime


def crawl(
    what: Annotated[list[str] | None, typer.Argument(help="Names of sources, or one URL of any site.", metavar="[URL | SOURCE…]")] = None,
    max_pages: Annotated[int, typer.Option(help="With a URL: stop after so many pages.", min=1)] = 100,
    allow_private: Annotated[bool, typer.Option("--allow-private", help="With a URL: private and loopback addresses too.")] = False,
    demo_proxy: Annotated[str | None, typer.Option(help="Where the demo web is served.", hidden=True)] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the reports as JSON.")] = False,
) -> None:
    """Fetch public pages of a site or of named sources; resumes what was killed. robots.txt is obeyed."""
    from flows.stages.crawl import crawl_sources

    with runtime() as rt:
        specs = _specs(rt, what or [], max_pages, allow_private)
        with counting(f"crawl {specs[0].name}" if len(specs) == 1 else f"crawl {len(specs)} sources", beside_json=as_json) as done:
            reports = crawl_sources(rt, specs, demo_proxy=demo_proxy, progress=page_steps(done))
        _print_crawl(reports, as_json)
    if not all(report.ok for report in reports):
        raise typer.Exit(1)


def _specs(rt: Runtime, what: list[str], max_pages: int, allow_private: bool) -> list[SourceSpec]:
    from crawlers.run import spec_for_url
    from crawlers.sources import load_sources

    if len(what) == 1 and "://" in what[0]:
        return [spec_for_url(what[0], max_pages=max_pages, allow_private=allow_private)]
    known = load_sources(rt.settings.data)
    if not what:
        raise UsageError(f"say what to crawl: a URL, or names of sources ({', '.join(sorted(known)) or 'none are defined'})")
    if any("://" in name for name in what):
        raise UsageError("one URL at a time, and no names of sources beside it")
    if unknown := [name for name in what if name not in known]:
        raise UsageError(f"no source named '{unknown[0]}'; known ones: {', '.join(sorted(known))}")
    return [known[name] for name in what]


def _print_crawl(reports: list[CrawlReport], as_json: bool) -> None:
    if as_json:
        print_json([asdict(report) for report in reports])
        return
    rows: list[list[object]] = [
        [
            r.source,
            r.pages,
            sum(r.items.values()),
            r.items.get(Arrival.NEW, 0),
            sum(r.skipped.values()),
            sum(r.errors.values()),
            "resumed" if r.resumed else "",
        ]
        for r in reports
    ]
    console.print(table("", ["source", "pages", "items", "new", "skipped", "errors", ""], rows))
    for report in reports:
        for failure in report.assertion_failures:
            console.print(f"[red]{report.source}: {failure}[/red]", soft_wrap=True)
        for kind, count in {**report.skipped, **report.errors}.items():
            console.print(f"[dim]{report.source}: {kind} {count}[/dim]", soft_wrap=True)


def import_(
    files: Annotated[list[Path] | None, typer.Argument(help="CSV, TSV, JSON, JSON Lines, Zeeschuimer, SMS reports; .gz, .zip too.")] = None,
    mapper: Annotated[str | None, typer.Option(help="Read the files with this mapper instead of guessing.")] = None,
    remap: Annotated[bool, typer.Option("--remap", help="Map again what could not be mapped before.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the reports as JSON.")] = False,
) -> None:
    """Take in files that a person exported. Authors become keyed hashes on the way in."""
    from flows.stages.importing import import_files, remap_unmapped, report_json

    if not files and not remap:
        raise UsageError("say which files to import, or --remap")
    with runtime() as rt:
        reports, refused = [], []
        with counting("import", beside_json=as_json) as done:
            for file in files or []:
                try:
                    reports += import_files(rt, [file], mapper=mapper, progress=steps(done))
                except RetryLater:
                    raise  # the store, not this file, is to blame
                except RasoatError as error:
                    refused.append(error)
        if remap:
            again = remap_unmapped(rt, mapper=mapper)
            (aside if as_json else console).print(f"mapped again: {len(again.resolved)}, still not: {len(again.still)}")
    if as_json:
        print_json([report_json(report) for report in reports])
    elif reports:
        _print_imports(reports)
    for problem in refused[:-1]:
        aside.print(f"rasoat: {problem}", style="red", markup=False, soft_wrap=True)
    if refused:
        raise refused[-1]
    if any(report.failed for report in reports):
        raise typer.Exit(65)


def _print_imports(reports: list[ImportReport]) -> None:
    rows: list[list[object]] = [
        [r.file, ", ".join(r.mappers), r.read, r.arrivals.get(Arrival.NEW, 0), r.mapped - r.arrivals.get(Arrival.NEW, 0), r.unmapped]
        for r in reports
    ]
    console.print(table("", ["file", "mapper", "read", "new", "known", "unmapped"], rows))
    for r in reports:
        filled = ", ".join(
            f"{rate.field} {rate.share:.0%}" + (f" ({rate.unreadable} unreadable)" if rate.unreadable else "") for rate in r.fill
        )
        console.print(f"[dim]{r.file}: {filled}[/dim]", soft_wrap=True)
        for reason, count in r.reasons.items():
            console.print(f"{r.file}: {count} × {reason}", style="yellow", markup=False, soft_wrap=True)
        for position, reason in r.problems[:5]:
            console.print(f"  {position}: {reason}", markup=False, soft_wrap=True)


def collect(
    source: Annotated[str, typer.Argument(help="Name of a source.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the counts as JSON.")] = False,
) -> None:
    """Crawl one source, assess what came, project it to the index: what its schedule does, now."""
    from flows.collecting import collect as run_collect

    counts = asdict(run_collect(logged_settings(), source))
    if as_json:
        print_json(counts)
    else:
        console.print("   ".join(f"{name} {count:,}" for name, count in counts.items()))


def assess(
    limit: Annotated[int | None, typer.Option(help="Stop after so many items.", min=1)] = None,
    model: Annotated[
        Path | None, typer.Option(help="A folder that `rasoat train --base` wrote, in the shipped transformer's place.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(help="Assess with so many processes (RASOAT_ASSESS_WORKERS); several machines may do so too.", min=1)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the counts as JSON.")] = False,
) -> None:
    """Classify what waits in the inbox; open cases for what is flagged, drop the text of the rest, project to the index."""
    from flows.stages.assess import assess as run_assess
    from flows.stages.assess_workers import assess_in_workers
    from flows.stages.project import project

    with runtime() as rt:
        rt.model = model
        processes = workers or rt.settings.assess_workers
        waiting = rt.store.inbox.count_pending()
        with counting("assess", min(waiting, limit) if limit else waiting, beside_json=as_json) as done:
            if processes > 1:
                report = assess_in_workers(rt, processes, limit=limit, progress=done)
            else:
                report = run_assess(rt, limit=limit, progress=done)
        indexed = project(rt)
    counts = {**asdict(report), "indexed": indexed}
    if as_json:
        print_json(counts)
    else:
        console.print("   ".join(f"{name} {count:,}" for name, count in counts.items()))
