"""What `rasoat doctor` looks at. Each check says what it found and, where something is wrong, how to mend it."""

from __future__ import annotations

import os
import shutil
import socket
import sqlite3
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib import metadata
from typing import Literal
from urllib.parse import urlsplit

from rasoat.errors import RasoatError
from rasoat.settings import Settings

LOW_DISK = 2 * 2**30
"""Below 2 GiB a crawl of a few sources may fill the disk."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor's report. `note`: works, but less than it could."""

    what: str
    state: Literal["ok", "note", "wrong"]
    says: str
    mend: str = ""

    def to_json(self) -> dict[str, str]:
        """As a flat object."""
        return asdict(self)


def checkup(settings: Settings) -> list[Finding]:
    """Every check; an error that we raise on purpose becomes a finding."""
    findings = []
    for what, check in CHECKS.items():
        try:
            findings += [Finding(what, *told) for told in check(settings)]
        except RasoatError as error:
            findings.append(Finding(what, "wrong", str(error), getattr(error, "hint", "")))
    return findings


Told = tuple[Literal["ok", "note", "wrong"], str, str]


def _python(_: Settings) -> Iterator[Told]:
    version = sys.version.split()[0]
    yield "ok", version, ""
    if sqlite3.sqlite_version_info < (3, 35):
        yield "wrong", f"SQLite {sqlite3.sqlite_version} is too old", "use a Python built with SQLite 3.35 or later"


def _disk(settings: Settings) -> Iterator[Told]:
    home = settings.home if settings.home.exists() else settings.home.parent
    free = shutil.disk_usage(home).free
    says = f"{free / 2**30:.1f} GiB free for {settings.home}"
    yield ("ok", says, "") if free > LOW_DISK else ("wrong", says, "free some space, or set RASOAT_HOME to a larger disk")
    if not os.access(home, os.W_OK):
        yield "wrong", f"{home} cannot be written", "set RASOAT_HOME to a folder of yours"


def _fonts(_: Settings) -> Iterator[Told]:
    import typst

    page = "#set document(date: none)\n#text(fallback: false)[Đề nghị gỡ bỏ: ặ ừ ỹ]"
    if typst.compile(page.encode(), format="pdf"):
        yield "ok", "PDF pages can be set in Vietnamese with the built-in fonts", ""
    else:
        yield "wrong", "no PDF can be made", "reinstall: make install"


def _policy(settings: Settings) -> Iterator[Told]:
    from rasoat.policy import Policy

    policy = Policy.load(settings.data)
    yield "ok", f"version {policy.version}, {len(policy.grounds)} legal grounds allowed", ""


def _models(settings: Settings) -> Iterator[Told]:
    from classifiers.classifier import load_classifier

    versions = load_classifier(settings.data, settings.models).versions
    yield "ok", f"model {versions.model}, rules {versions.rules}, lexicon {versions.lexicon}", ""


def _sources(settings: Settings) -> Iterator[Told]:
    from crawlers.sources import load_sources

    yield "ok", f"{len(load_sources(settings.data))} sources", ""


def _store(settings: Settings) -> Iterator[Told]:
    from rasoat.store import open_store

    if not settings.home.exists():
        yield "note", f"{settings.home} does not exist yet", "it is made at the first run"
        return
    with open_store(settings) as store:
        problems = store.check()
        counts = store.counts()
        people = store.staffing().people
    for problem in problems:
        yield "wrong", problem, "restore the last backup, or see docs/operating.md"
    if not problems:
        yield "ok", f"{counts['items']} items, {counts['cases']} cases, every chain verifies", ""
    if people < 3:
        yield "note", f"{people} accounts: with fewer than 3 people no dossier is sealed", "rasoat db add-account"


def _prefect(_: Settings) -> Iterator[Told]:
    try:
        version = metadata.version("prefect")  # importing it takes 2 s and writes a profile
    except metadata.PackageNotFoundError:
        yield "note", "Prefect is not installed; every command works without it", "make install"
        return
    url = os.environ.get("PREFECT_API_URL", "")
    if not url:
        yield (
            "note",
            f"Prefect {version}, no server named",
            "set PREFECT_API_URL to see runs in Prefect's own page; needed by nothing else",
        )
        return
    parts = urlsplit(url)
    with socket.socket() as probe:
        probe.settimeout(2)
        reached = probe.connect_ex((parts.hostname or "127.0.0.1", parts.port or 80)) == 0
    yield ("ok", f"server at {url}", "") if reached else ("wrong", f"no server at {url}", "start one with: prefect server start")


CHECKS: dict[str, Callable[[Settings], Iterator[Told]]] = {
    "Python": _python,
    "disk": _disk,
    "fonts": _fonts,
    "policy": _policy,
    "models": _models,
    "sources": _sources,
    "store": _store,
    "Prefect": _prefect,
}
