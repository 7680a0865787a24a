"""What commands share: the console, progress bars with counts and rates, and opening the home."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, SpinnerColumn, Task, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from crawlers.importers.report import ImportProgress
    from crawlers.report import CrawlProgress
    from flows.runtime import Runtime
    from rasoat.settings import Settings

PIPED_WIDTH = 140
"""Where no terminal says how wide it is: tables must not fold words into splinters."""
_WIDTH = None if sys.stdout.isatty() or "COLUMNS" in os.environ else PIPED_WIDTH
console = Console(highlight=False, width=_WIDTH)
aside = Console(highlight=False, width=_WIDTH, stderr=True)
"""For what a person watches while stdout carries JSON for a script."""


class _Rate(ProgressColumn):
    """Things per second."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text(f"{speed:,.0f}/s" if speed else "", style="dim")


@contextmanager
def counting(label: str, total: int | None = None, *, beside_json: bool = False) -> Iterator[Callable[[int], None]]:
    """A bar with count and rate; call what it yields with how many are done more. Plain lines where there is no terminal."""
    columns = (SpinnerColumn(), TextColumn("{task.description:<28}"), BarColumn(24), MofNCompleteColumn(), _Rate(), TimeElapsedColumn())
    with Progress(*columns, console=aside if beside_json else console, transient=False) as bars:
        task = bars.add_task(label, total=total)
        yield lambda more: bars.advance(task, more)
        bars.update(task, total=bars.tasks[0].completed)


def steps(done: Callable[[int], None]) -> Callable[[ImportProgress], None]:
    """Bars want how many more; importers tell how many of the file so far."""
    before = 0

    def told(progress: ImportProgress) -> None:
        nonlocal before
        done(progress.records - before)
        before = 0 if progress.bytes_read >= progress.bytes_total else progress.records

    return told


def page_steps(done: Callable[[int], None]) -> Callable[[CrawlProgress], None]:
    """The same for crawls, where several sources tell side by side."""
    before: dict[str, int] = {}

    def told(progress: CrawlProgress) -> None:
        done(progress.pages - before.get(progress.source, 0))
        before[progress.source] = progress.pages

    return told


@contextmanager
def runtime(*, service: bool = False) -> Iterator[Runtime]:
    """The home that the environment names, open. `service`: it runs on, and its log is how one sees it."""
    from flows.runtime import open_runtime

    with open_runtime(logged_settings(service=service)) as rt:
        yield rt


def logged_settings(*, service: bool = False) -> Settings:
    """The settings of the environment; from here on this process logs as they say: a service always, a command when asked."""
    from rasoat.logs import configure
    from rasoat.settings import load_settings

    settings = load_settings()
    configure(settings, quiet=not service)
    return settings


def table(title: str, columns: list[str], rows: list[list[object]]) -> Table:
    """A table of values; numbers stand on the right."""
    made = Table(title=title, title_justify="left", box=None, pad_edge=False, header_style="bold", title_style="bold")
    for index, name in enumerate(columns):
        numbers = bool(rows) and all(isinstance(row[index], int | float) for row in rows)
        made.add_column(name, justify="right" if numbers else "left", overflow="fold")
    for row in rows:
        made.add_row(*(f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value) for value in row))
    return made


def print_json(value: object) -> None:
    """JSON on stdout, for scripts."""
    print(json.dumps(value, ensure_ascii=False, indent=2, default=str))
