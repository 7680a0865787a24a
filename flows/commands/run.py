"""`review`, `schedule`, `worker`, `tour`: what stays in the foreground."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.commands._shared import console, counting, logged_settings, runtime
from rasoat.errors import UsageError

if TYPE_CHECKING:
    from rasoat.settings import Settings


def review(
    demo: Annotated[bool, typer.Option("--demo", help="First prepare the bundled demo: crawl, import, classify, demo accounts.")] = False,
) -> None:
    """Serve the review site in the foreground until Ctrl-C."""
    from contextlib import ExitStack

    from flows.site import free_or_raise, serve

    with ExitStack() as stack:
        rt = stack.enter_context(runtime(service=not demo))
        free_or_raise(rt.settings)
        if demo:
            from flows.demo import prepare

            stack.enter_context(prepare(rt))  # tells people how it goes, and logs like a command that ends: when asked to
            logged_settings(service=True)
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
    deploy: Annotated[bool, typer.Option("--deploy", help="Register everything on the Prefect server for workers, and stop.")] = False,
) -> None:
    """Serve the Prefect flows by each source's cron, until Ctrl-C. Needs Prefect; the same commands work without it."""
    settings = _prefect_settings()
    from flows import prefect_deploy, prefect_flows

    if list_:
        for line in prefect_flows.timetable(settings):
            console.print(line, markup=False, soft_wrap=True)
    elif once:
        with counting("flows") as done:
            prefect_flows.run_once()
            done(1)
    elif deploy:
        for line in prefect_deploy.deploy(settings):
            console.print(line, markup=False, soft_wrap=True)
    else:
        prefect_deploy.serve(settings)


def worker(
    limit: Annotated[int, typer.Option(min=1, help="Flow runs at once on this machine.")] = 2,
) -> None:
    """Run what `rasoat schedule --deploy` registered, on this machine, until Ctrl-C. Any number of machines may do so."""
    settings = _prefect_settings()
    from flows import prefect_deploy

    if not os.environ.get("PREFECT_API_URL"):
        raise UsageError("no Prefect server is named; set PREFECT_API_URL")
    command = prefect_deploy.worker_command(limit)
    os.execve(command[0], command, prefect_deploy.worker_environment(settings))  # noqa: S606  (our own command, no shell)


def _prefect_settings() -> Settings:
    """The settings, with Prefect made ready to be imported.

    Raises:
        UsageError: Prefect is not installed.
    """
    settings = logged_settings(service=True)
    # Prefect reads these when it is imported: without the first it would write to the user's home, without the second tell its makers
    os.environ.setdefault("PREFECT_HOME", str(settings.home / "prefect"))
    os.environ.setdefault("DO_NOT_TRACK", "1")
    try:
        import prefect  # noqa: F401
    except ImportError as error:
        raise UsageError("Prefect is not installed: make install (every command works without it)") from error
    return settings
