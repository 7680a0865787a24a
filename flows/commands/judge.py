"""`search`, `cases`, `dossier`, `verify`, `report`: looking things up and handing them over."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from flows.commands._shared import console, print_json, runtime, table
from rasoat.errors import UsageError

E = TypeVar("E", bound=StrEnum)


def search(
    query: Annotated[str, typer.Argument(help='Words, all of which must occur, and "quoted phrases"; after = with their accents.')] = "",
    code: Annotated[list[str] | None, typer.Option(help="Only these harm codes.")] = None,
    state: Annotated[list[str] | None, typer.Option(help="Only cases in these states.")] = None,
    source: Annotated[list[str] | None, typer.Option(help="Only these sources.")] = None,
    since: Annotated[datetime | None, typer.Option(help="Captured on or after this day.", formats=["%Y-%m-%d"])] = None,
    until: Annotated[datetime | None, typer.Option(help="Captured before this day.", formats=["%Y-%m-%d"])] = None,
    newest: Annotated[bool, typer.Option("--newest", help="Newest first instead of best first.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=200)] = 20,
    offset: Annotated[int, typer.Option(min=0)] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print hits and facets as JSON.")] = False,
) -> None:
    """Search flagged items."""
    from rasoat.cases.states import CaseState
    from rasoat.harms import Harm
    from rasoat.ports import SearchQuery, Sort

    asked = SearchQuery(
        text=query,
        codes=_known(Harm, code, "code"),
        states=_known(CaseState, state, "state"),
        sources=tuple(source or ()),
        since=since.replace(tzinfo=UTC) if since else None,
        until=until.replace(tzinfo=UTC) if until else None,
        sort=Sort.NEWEST if newest else Sort.RELEVANCE,
        limit=limit,
        offset=offset,
    )
    with runtime() as rt:
        page = rt.store.search.search(asked)
    if as_json:
        hits = [
            {
                "id": hit.doc.id,
                "case": hit.doc.case_id,
                "state": hit.doc.state,
                "codes": list(hit.doc.codes),
                "source": hit.doc.source,
                "platform": hit.doc.platform,
                "title": hit.doc.title,
                "text": hit.doc.text,
                "score": hit.score,
                "spans": [[span.start, span.end] for span in hit.text_spans],
            }
            for hit in page.hits
        ]
        print_json({"total": page.total, "hits": hits, "facets": page.facets})
        return
    for hit in page.hits:
        console.print(f"[bold]{hit.doc.case_id[:8]}[/bold] {'·'.join(hit.doc.codes)} {hit.doc.state} [dim]{hit.doc.source}[/dim]")
        console.print(_excerpt(hit.doc.text, hit.text_spans[0].start if hit.text_spans else 0), markup=False, soft_wrap=True)
    console.print(f"[dim]{page.total} in all[/dim]")


def _known(kind: type[E], names: list[str] | None, what: str) -> tuple[E, ...]:
    """What was asked for by name; a name that does not exist finds nothing for ever, so it is refused."""
    for name in names or ():
        if name not in {known.value for known in kind}:
            raise UsageError(f"no {what} '{name}'; there are: {', '.join(kind)}")
    return tuple(kind(name) for name in names or ())


def _excerpt(text: str, at: int, width: int = 160) -> str:
    start = max(0, at - width // 3)
    cut = " ".join(text[start : start + width].split())
    return ("…" if start else "") + cut + ("…" if start + width < len(text) else "")


def cases(
    state: Annotated[list[str] | None, typer.Option(help="Only cases in these states.")] = None,
    code: Annotated[list[str] | None, typer.Option(help="Only cases suggested as these harms.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=500)] = 20,
    check: Annotated[bool, typer.Option("--check", help="Verify the event chain of every case listed.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """List cases in the order of the queue."""
    from rasoat.cases.states import CaseState
    from rasoat.cases.workflow import SYSTEM
    from rasoat.harms import Harm
    from rasoat.store.records import QueueQuery

    query = QueueQuery(states=_known(CaseState, state, "state"), harms=_known(Harm, code, "code"), readable_only=False, limit=limit)
    with runtime() as rt:
        page = rt.store.cases.queue(query, SYSTEM)
        broken = [problem for row in page.rows for problem in rt.store.cases.verify_chain(row.case_id)] if check else []
    if as_json:
        rows_json = [
            {
                "case": row.case_id,
                "state": row.state,
                "suggested": row.suggested,
                "probability": row.probability,
                "priority": row.priority.value,
                "items": row.items,
                "title": row.title,
            }
            for row in page.rows
        ]
        print_json({"total": page.total, "cases": rows_json, "broken": broken})
    else:
        rows: list[list[object]] = [
            [
                row.case_id[:8],
                row.state,
                row.suggested,
                f"{row.probability:.2f}",
                round(row.priority.value),
                row.items,
                row.source,
                " ".join(row.snippet.split())[:60],
            ]
            for row in page.rows
        ]
        console.print(table("", ["case", "state", "code", "p", "priority", "items", "source", "text"], rows))
        console.print(f"[dim]{page.total} in all[/dim]")
        for problem in broken:
            console.print(f"[red]{problem}[/red]")
    if broken:
        raise typer.Exit(1)


def dossier(
    case: Annotated[str, typer.Argument(help="Id of the case, or its first letters.")],
    login: Annotated[str, typer.Option(help="Account of the person who seals; must hold a role that may.")],
) -> None:
    """Build, verify and seal the pack of an approved case. Nothing is sent: a person does that."""
    from flows.stages.dossiers import seal
    from rasoat.cases.workflow import Actor

    with runtime() as rt:
        account = rt.store.accounts.get(login)
        if account is None or account.disabled:
            raise UsageError(f"no account '{login}'")
        record = seal(rt, rt.store.cases.find(case), Actor(account.pseudonym, account.roles))
        console.print(f"sealed: {rt.store.packs.where}/{record.path}\nSHA-256: {record.sha256}", soft_wrap=True)
        if rt.store.packs.shared:
            console.print("Download it from the page of the case in the review site.")


def verify(
    pack: Annotated[Path, typer.Argument(help="A sealed pack (ZIP).")],
    key: Annotated[Path | None, typer.Option(help="Public key (PEM) that must have signed it.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the verdict as JSON.")] = False,
) -> None:
    """Check a pack, offline: exit 0 ok, 1 broken, 2 unverifiable, 64 and above for wrong use."""
    from rasoat.dossier import verify_pack

    if not pack.is_file():
        raise UsageError(f"no such file: {pack}")
    if key and not key.is_file():
        raise UsageError(f"no such file: {key}")
    verdict = verify_pack(pack, key=key.read_bytes() if key else None)
    if as_json:
        print_json(verdict.to_json())
    else:
        colour = {"ok": "green", "broken": "red", "unverifiable": "yellow"}[verdict.status]
        console.print(f"[bold {colour}]{verdict.status}[/bold {colour}]  {pack}", soft_wrap=True)
        for problem in verdict.problems:
            console.print(f"  - {problem}", markup=False, soft_wrap=True)
        for name, fact in verdict.facts.items():
            console.print(f"  {name}: {fact}", markup=False, soft_wrap=True, style="dim")
    raise typer.Exit({"ok": 0, "broken": 1, "unverifiable": 2}[verdict.status])


def lumen(
    pack: Annotated[Path, typer.Argument(help="The sealed pack of a request that was sent (ZIP).")],
    sent: Annotated[datetime, typer.Option(help="The day on which a person sent it.", formats=["%Y-%m-%d"])],
) -> None:
    """Print the public copy of a sent request as Lumen's form, as JSON: a person uploads it. Refused where it would repeat the harm."""
    from rasoat.dossier import public_copy

    if not pack.is_file():
        raise UsageError(f"no such file: {pack}")
    print(public_copy(pack, sent.date()).decode())


def report(
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
    out: Annotated[Path | None, typer.Option(help="Write report.json and report.csv into this folder.")] = None,
) -> None:
    """Transparency report: counts by code and state from the event log; cells of 1 to 4 are suppressed."""
    from flows.stages.report import transparency, write_report

    with runtime() as rt:
        made = transparency(rt)
    if out:
        for path in write_report(made, out):
            console.print(str(path))
    elif as_json:
        print_json(made.to_json())
    else:
        console.print(table(f"{made.at:%Y-%m-%d}", ["code", *made.columns], [[code, *cells] for code, cells in made.rows.items()]))
        console.print(f"[dim]automated decisions: {made.automated_decisions}. Cells of 1 to 4 read '1-4'.[/dim]")
