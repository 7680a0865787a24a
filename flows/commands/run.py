"""`review`, `schedule`, `tour`: what stays in the foreground."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from flows.commands._shared import console, counting, logged_settings, runtime
from rasoat.errors import UsageError


def review(
    demo: Annotated[bool, typer.Option("--demo", help="First prepare the bundled demo: crawl, import, classify, demo accounts.")] = False,
) -> None:
    """Serve the review site in the foreground until Ctrl-C."""
    from contextlib import ExitStack

    from flows.site import free_or_raise, serve

    with ExitStack() as stack:
        rt = stack.enter_context(runtime())
        free_or_raise(rt.settings)
        if demo:
            from flows.demo import prepare

            stack.enter_context(prepare(rt))
        serve(rt)


def tour(
    out: Annotated[Path, typer.Option(help="Folder for the sealed pack.")] = Path("tour"),
) -> None:
    """Walk one demo case through the real site as the demo people, from claim to sealed pack, and say why at each step."""
    from flows.tour import walk

    with runtime() as rt:
        pack = walk(rt, out, say=lambda line: console.print(line, soft_wrap=True))
    console.print(f"\nThe sealed pack: [bold]{pack}[/bold]\nCheck it: rasoat verify {pack}", soft_wrap=True)


def schedule(
    once: Annotated[bool, typer.Option("--once", help="Run every flow once now, in order, and stop.")] = False,
    list_: Annotated[bool, typer.Option("--list", help="Say what would run when, and stop.")] = False,
) -> None:
    """Serve the Prefect flows by each source's cron, until Ctrl-C. Needs Prefect; the same commands work without it."""
    from rasoat.settings import load_settings

    logged_settings()
    # Prefect reads this when it is imported; without it, it would write to the user's home
    os.environ.setdefault("PREFECT_HOME", str(load_settings().home / "prefect"))
    try:
        from flows import prefect_flows
    except ImportError as error:
        raise UsageError("Prefect is not installed: make install (every command works without it)") from error

    if list_:
        for line in prefect_flows.timetable(load_settings()):
            console.print(line, markup=False, soft_wrap=True)
    elif once:
        with counting("flows") as done:
            prefect_flows.run_once()
            done(1)
    else:
        prefect_flows.serve()
