"""The bundled demo: fictional web, fictional posts, demo people. Prepared once; a second start repeats nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from crawlers.demo_web import DemoWeb
from crawlers.sources import SourceSpec, load_sources
from flows.commands._shared import console, counting, steps
from flows.runtime import Runtime
from flows.stages.assess import assess
from flows.stages.crawl import KIND as CRAWL
from flows.stages.crawl import crawl_in_child
from flows.stages.importing import KIND as IMPORT
from flows.stages.importing import import_files
from flows.stages.project import project
from rasoat.cases.states import Role
from rasoat.settings import Settings

PASSWORD: Final = "thu-nghiem-rasoat"  # noqa: S105  (printed on purpose: demo accounts on loopback)
PEOPLE: Final = (
    ("lan", "Lan (người đọc)", frozenset({Role.REVIEWER})),
    ("minh", "Minh (người đọc)", frozenset({Role.REVIEWER})),
    ("ha", "Hà (người duyệt)", frozenset({Role.APPROVER, Role.SENDER})),
    ("quang", "Quang (phụ trách chính sách)", frozenset({Role.POLICY_LEAD})),
    ("thu", "Thu (bàn khiếu nại)", frozenset({Role.COMPLAINT_PANEL})),
    ("van", "Vân (vận hành)", frozenset({Role.OPERATOR, Role.ADMIN})),
    ("kien", "Kiên (kiểm toán)", frozenset({Role.AUDITOR})),
)


@contextmanager
def prepare(rt: Runtime) -> Iterator[None]:
    """Serve the demo web; crawl, import and assess what was not yet; print the demo accounts. Serves until left."""
    add_people(rt)
    with DemoWeb(rt.settings.data, port=rt.settings.demo_port) as web:
        console.print(f"Demo web: {web.url} (a proxy for fictional sites under .example)")
        _crawl_once(rt, web.url)
        _import_once(rt)
        _assess_all(rt)
        _print_counts(rt)
        yield


def demo_specs(settings: Settings) -> list[SourceSpec]:
    """The sources that live in the demo web."""
    return [spec for spec in load_sources(settings.data).values() if spec.network.proxy == "demo"]


@contextmanager
def demo_proxy(settings: Settings, specs: Sequence[SourceSpec]) -> Iterator[str | None]:
    """The demo web's address while any of these sources needs it, else None."""
    if not any(spec.network.proxy == "demo" for spec in specs):
        yield None
        return
    with DemoWeb(settings.data, port=0) as web:
        yield web.url


def add_people(rt: Runtime) -> None:
    """The demo accounts, once."""
    for login, name, roles in PEOPLE:
        if rt.store.accounts.get(login) is None:
            rt.store.accounts.add(login, PASSWORD, name, roles, "vi")


def post_files(settings: Settings) -> list[Path]:
    """The bundled posts, comments and messages."""
    return sorted(path for path in (settings.data / "demo" / "posts").iterdir() if path.suffix in {".ndjson", ".jsonl", ".csv"})


def _crawl_once(rt: Runtime, proxy: str) -> None:
    missing = [spec.name for spec in demo_specs(rt.settings) if not _done(rt, CRAWL, spec.name)]
    if missing:
        crawl_in_child(rt.settings, missing, demo_proxy=proxy)


def import_posts(rt: Runtime) -> None:
    """Import the bundled posts that were not imported yet."""
    _import_once(rt)
    _assess_all(rt)


def _import_once(rt: Runtime) -> None:
    missing = [path for path in post_files(rt.settings) if not _done(rt, IMPORT, path.name)]
    if missing:
        with counting("import bundled posts") as done:
            import_files(rt, missing, progress=steps(done))


def _assess_all(rt: Runtime) -> None:
    if waiting := rt.store.inbox.count_pending():
        with counting("classify, open cases", waiting) as done:
            assess(rt, progress=done)
    project(rt)


def _done(rt: Runtime, kind: str, source: str) -> bool:
    last = rt.store.runs.last(kind, source)
    return last is not None and last.state == "finished"


def _print_counts(rt: Runtime) -> None:
    counts = rt.store.counts()
    shown = ("pages", "captures", "items", "assessed", "flagged", "dropped", "cases", "sealed")
    console.print("   ".join(f"{name} {counts[name]:,}" for name in shown))
    console.print("Demo accounts (password of all: [bold]" + PASSWORD + "[/bold]):")
    for login, name, roles in PEOPLE:
        console.print(f"  {login:<6} {name:<32} [dim]{', '.join(sorted(roles))}[/dim]")
