"""`doctor`: is everything in order, and how to mend what is not."""

from __future__ import annotations

from typing import Annotated

import typer

from flows.commands._shared import console, logged_settings, print_json


def doctor(
    deep: Annotated[
        bool,
        typer.Option("--deep", help="Also ask the services, read samples of what is kept again, write and find a probe, compare clocks."),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
) -> None:
    """Check Python, disk, fonts, services, models, policy and store, and say how to mend each; exit 1 when something fails."""
    from flows.checkup import checkup

    findings = checkup(logged_settings(), deep=deep)
    if as_json:
        print_json([finding.to_json() for finding in findings])
    else:
        marks = {"ok": "[green]ok[/green]  ", "warn": "[yellow]warn[/yellow]", "fail": "[red]fail[/red]"}
        for finding in findings:
            console.print(f"{marks[finding.state]} [bold]{finding.what}[/bold]  ", end="")
            console.print(finding.says, markup=False, soft_wrap=True)
            if finding.hint:
                console.print(f"      → {finding.hint}", markup=False, soft_wrap=True)
    if any(finding.state == "fail" for finding in findings):
        raise typer.Exit(1)
