"""`db`: look after the store and the search index."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

import typer

from flows.commands._shared import console, counting, print_json, runtime, table

db = typer.Typer(no_args_is_help=True, help="Look after the store and the search index.")


@db.command()
def counts(as_json: Annotated[bool, typer.Option("--json", help="One flat object of numbers.")] = False) -> None:
    """What is in the store: pages, captures, items, assessed, flagged, dropped, cases, sealed, and more."""
    with runtime() as rt:
        numbers = rt.store.counts()
    if as_json:
        print_json(numbers)
    else:
        console.print(table("", ["what", "how many"], [[name, number] for name, number in numbers.items()]))


@db.command(name="rebuild-index")
def rebuild_index() -> None:
    """Make the search index anew from SQL while reviewers go on searching, then swap it in."""
    with runtime() as rt, counting("index") as done:
        done(rt.store.rebuild_index())


@db.command(name="dead-letters")
def dead_letters(
    retry: Annotated[bool, typer.Option("--retry", help="Try them all again, then list what is still refused.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print them as JSON.")] = False,
) -> None:
    """List items that the search index refuses for good, and why; exit 1 when there are any. Their cases are whole in SQL."""
    from flows.stages.project import project

    with runtime() as rt:
        if retry and rt.store.retry_dead_letters():
            project(rt)
        letters = rt.store.dead_letters()
    if as_json:
        print_json([asdict(letter) for letter in letters])
    elif letters:
        rows: list[list[object]] = [
            [one.item_id[:12], one.case_id[:8], one.tries, f"{one.first_at:%Y-%m-%d %H:%M}", one.problem] for one in letters
        ]
        console.print(table("", ["item", "case", "tries", "since (UTC)", "why"], rows))
    else:
        console.print("[green]none[/green]")
    if letters:
        raise typer.Exit(1)


def project(
    follow: Annotated[
        bool, typer.Option("--follow", help="Go on with what comes, until Ctrl-C or SIGTERM; waits while the index is away.")
    ] = False,
) -> None:
    """Bring the search index up to date with SQL: once, or all the time. A lock lets one work at a time."""
    from flows.stages import project as stage

    stop = stage.Stop()
    if follow:
        stop.listen()
    with runtime(service=follow) as rt:
        if follow:
            console.print("Following; Ctrl-C stops.")
        done = stage.follow(rt, stop) if follow else stage.project(rt)
    console.print(f"{done:,} changes carried to the index")


@db.command()
def check() -> None:
    """Verify every event chain, the audit log, and that all evidence is there; exit 1 when something is broken."""
    with runtime() as rt:
        problems = rt.store.check()
    for problem in problems:
        console.print(problem, markup=False, soft_wrap=True)
    console.print("[green]ok[/green]" if not problems else f"[red]{len(problems)} problems[/red]")
    if problems:
        raise typer.Exit(1)


@db.command()
def purge() -> None:
    """Remove what retention no longer allows (docs/retention.md), and say what went."""
    from flows.stages.purge import purge as run_purge

    with runtime() as rt:
        report = run_purge(rt)
    console.print(f"purged at {report.at:%Y-%m-%d %H:%M} UTC")
    console.print(table("", ["rule", "removed"], [[rule, n] for rule, n in report.purged.items()]))
    console.print(f"evidence removed: {report.blobs}   index told of: {report.documents}")
    for case_id in report.held:
        console.print(f"due, and under a legal hold: {case_id}")


@db.command()
def purged(
    since: Annotated[datetime, typer.Option(help="From this day on.", formats=["%Y-%m-%d"])] = datetime(2000, 1, 1),
    as_json: Annotated[bool, typer.Option("--json", help="Print the entries as JSON.")] = False,
) -> None:
    """What was purged: what, when and by which rule of docs/retention.md; never its words."""
    with runtime() as rt:
        found = rt.store.tombstones(since.replace(tzinfo=UTC))
    if as_json:
        print_json([asdict(one) for one in found])
    else:
        rows: list[list[object]] = [[f"{one.at:%Y-%m-%d %H:%M}", one.object_type, one.object_id, one.rule, one.count] for one in found]
        console.print(table("", ["when (UTC)", "what", "which", "rule", "how many"], rows))


@db.command()
def hold(
    case: Annotated[str, typer.Argument(help="The case, or how its id starts.")],
    reference: Annotated[str, typer.Option(help="Of the written order, as your file names it.")],
    until: Annotated[datetime, typer.Option(help="The last day, at most six months away.", formats=["%Y-%m-%d"])],
    by: Annotated[str, typer.Option(help="Login of who enters it.")],
    approved_by: Annotated[str, typer.Option(help="Login of who approved it: another person, with the role data_protection.")],
) -> None:
    """Put a case under legal hold: retention leaves it alone until the day. A new order renews it."""
    with runtime() as rt:
        placed = rt.store.holds.place(rt.store.cases.find(case), reference, until.replace(tzinfo=UTC), by=by, approved_by=approved_by)
    console.print(f"held until {placed.until:%Y-%m-%d}: case {placed.case_id}, hold {placed.id}")


@db.command()
def holds(
    release: Annotated[str, typer.Option(help="First end the hold with this id.")] = "",
    by: Annotated[str, typer.Option(help="With --release: login of who ends it.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print them as JSON.")] = False,
) -> None:
    """List the legal holds in force, the one that ends first first."""
    with runtime() as rt:
        if release:
            rt.store.holds.release(release, by=by)
        found = rt.store.holds.all()
    if as_json:
        print_json([asdict(one) for one in found])
    else:
        rows: list[list[object]] = [[one.id, one.case_id, one.reference, f"{one.until:%Y-%m-%d}", one.approved_by] for one in found]
        console.print(table("", ["hold", "case", "order", "until", "approved by"], rows))


@db.command()
def quarantine(
    item: Annotated[str, typer.Argument(help="Id of an item that cannot be assessed, as the log has it; without one, list them.")] = "",
    problem: Annotated[str, typer.Option(help="Why, in a few words and without the item's own.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print them as JSON.")] = False,
) -> None:
    """Set aside an item that stops the assessors, or list those: each waits again when its words change, and goes after 30 days."""
    from rasoat.errors import UsageError

    if bool(item) != bool(problem):
        raise UsageError("say which item and --problem why, or neither to list them")
    with runtime() as rt:
        if item and not rt.store.inbox.quarantine(item, problem):
            raise UsageError(f"no item '{item}' waits for assessment")
        found = rt.store.inbox.quarantined()
    if as_json:
        print_json([{"item": item_id, "problem": why} for item_id, why in found])
    else:
        console.print(table("", ["item", "why"], [[item_id, why] for item_id, why in found]))
