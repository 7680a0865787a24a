"""`db request`, `db requests`, `db answer-request`: what people ask whose posts are kept, until when, and how it was answered."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated, Final

import typer

from flows.commands._shared import aside, console, print_json, runtime, table
from rasoat.cases.subject_requests import RefusalGround, RequestKind, RequestOutcome


def request(
    kind: Annotated[RequestKind, typer.Option(help="What the person asks for.")],
    reference: Annotated[str, typer.Option(help="Of the letter, as your file names it; only its hash is kept.")],
    received: Annotated[datetime, typer.Option(help="The day on which it came.", formats=["%Y-%m-%d"])],
    by: Annotated[str, typer.Option(help="Login of who enters it.")],
    case: Annotated[str, typer.Argument(help="The case with their post, or how its id starts; nothing where none was found.")] = "",
) -> None:
    """Register the request of a person whose post is kept. It is to be answered within 30 days; nothing happens by itself."""
    with runtime() as rt:
        case_id = rt.store.cases.find(case) if case else None
        made = rt.store.requests.register(kind, case_id, reference, received.date(), by=by)
    console.print(f"to be answered until {made.due_on}: request {made.id}", soft_wrap=True)


def requests(
    answered: Annotated[bool, typer.Option("--answered", help="Also those that have their answer; they go after 24 months.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print them as JSON.")] = False,
) -> None:
    """List the requests of people, the one that is due first first; exit 1 when one is overdue."""
    with runtime() as rt:
        found, now = rt.store.requests.all(answered=answered), rt.clock.now()
    late = [one.id for one in found if one.overdue(now)]
    if as_json:
        print_json([asdict(one) | {"overdue": one.id in late} for one in found])
    else:
        rows: list[list[object]] = [
            [one.id, one.kind.value, one.case_id or "none", one.received_on, one.due_on, _status(one.outcome, one.ground, one.id in late)]
            for one in found
        ]
        console.print(table("", ["request", "kind", "case", "received", "due", ""], rows))
    if late:
        raise typer.Exit(1)


def _status(outcome: RequestOutcome | None, ground: RefusalGround | None, late: bool) -> str:
    if outcome is None:
        return "OVERDUE" if late else "open"
    return f"{outcome.value}: {ground.value}" if ground else outcome.value


def answer_request(
    request_id: Annotated[str, typer.Argument(metavar="request", help="As `rasoat db requests` names it.")],
    outcome: Annotated[RequestOutcome, typer.Option(help="How two people answered.")],
    by: Annotated[str, typer.Option(help="Login of who enters it.")],
    approved_by: Annotated[str, typer.Option(help="Login of who approved it: another person, with the role data_protection.")],
    ground: Annotated[RefusalGround | None, typer.Option(help="Why it is refused.")] = None,
    post: Annotated[list[str] | None, typer.Option(help="Access: which posts of the case are theirs, where it holds several.")] = None,
    out: Annotated[Path | None, typer.Option(help="Access: write the document into this new file; it is printed when not given.")] = None,
    complaint_waived: Annotated[
        bool, typer.Option("--complaint-waived", help="Erasure: they know that nobody can complain about the case afterwards.")
    ] = False,
) -> None:
    """Answer a request. Granted access writes what is kept as JSON, granted erasure erases the case now; people make corrections."""
    from flows.stages.answering import answer
    from rasoat.errors import UsageError

    if out is not None and out.exists():
        raise UsageError(f"{out} is there already: name a new file")
    with runtime() as rt:
        done = answer(rt, request_id, outcome, ground, by=by, approved_by=approved_by, theirs=post or (), waived=complaint_waived)
    told = done.answered.request
    aside.print(f"{told.kind.value} {_status(told.outcome, told.ground, late=False)}: request {told.id}", soft_wrap=True)
    if done.document and out is None:
        print(done.document, end="")
    elif done.document and out is not None:
        _write(out, done.document)
        aside.print(f"what is kept is in {out}; hand it over yourself, then remove it", markup=False, soft_wrap=True)
    if told.kind is RequestKind.RECTIFICATION and told.outcome is RequestOutcome.GRANTED:
        aside.print("nothing was changed: the correction is yours to make, in the case and in what was sent")
    for case_id in done.answered.also_in:
        aside.print(f"the same post is kept in another case, register it for that one too: {case_id}", soft_wrap=True)


def _write(path: Path, document: str) -> None:
    """For its owner's eyes only."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(document)


COMMANDS: Final[dict[str, Callable[..., None]]] = {"request": request, "requests": requests, "answer-request": answer_request}
