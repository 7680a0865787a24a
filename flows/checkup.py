"""What `rasoat doctor` looks at. Each check says what it found and, where something is wrong, how to mend it."""

from __future__ import annotations

import os
import socket
import sqlite3
import sys
from collections.abc import Callable, Iterator
from importlib import metadata
from urllib.parse import urlsplit

from flows.checkup_lines import FAIL, OK, WARN, Finding, Told, low_disk
from rasoat.clock import Clock, SystemClock
from rasoat.errors import RasoatError
from rasoat.settings import Settings


def checkup(settings: Settings, *, deep: bool = False, clock: Clock | None = None) -> list[Finding]:
    """Every check; an error that we raise on purpose becomes a finding. `deep` asks the services too, and takes its time."""
    findings = []
    for what, check in CHECKS.items():
        try:
            findings += [Finding(what, *told) for told in check(settings)]
        except RasoatError as error:
            findings.append(Finding(what, FAIL, str(error), getattr(error, "hint", "")))
    return findings + list(_deep(settings, clock or SystemClock())) if deep else findings


def _deep(settings: Settings, clock: Clock) -> Iterator[Finding]:
    from flows.checkup_deep import deep
    from rasoat.store import open_store

    try:
        with open_store(settings, clock=clock) as store:
            for what, told in deep(settings, store, clock):
                yield Finding(what, *told)
    except RasoatError as error:
        yield Finding("database", FAIL, str(error), getattr(error, "hint", ""))


def _python(_: Settings) -> Iterator[Told]:
    version = sys.version.split()[0]
    yield OK, version, ""
    if sqlite3.sqlite_version_info < (3, 35):
        yield FAIL, f"SQLite {sqlite3.sqlite_version} is too old", "use a Python built with SQLite 3.35 or later"


def _disk(settings: Settings) -> Iterator[Told]:
    yield from low_disk(settings.home if settings.home.exists() else settings.home.parent)


def _fonts(_: Settings) -> Iterator[Told]:
    import typst

    page = "#set document(date: none)\n#text(fallback: false)[Đề nghị gỡ bỏ: ặ ừ ỹ]"
    if typst.compile(page.encode(), format="pdf"):
        yield OK, "PDF pages can be set in Vietnamese with the built-in fonts", ""
    else:
        yield FAIL, "no PDF can be made", "reinstall: make install"


def _policy(settings: Settings) -> Iterator[Told]:
    from rasoat.policy import Policy

    policy = Policy.load(settings.data)
    yield OK, f"version {policy.version}, {len(policy.grounds)} legal grounds allowed", ""


def _models(settings: Settings) -> Iterator[Told]:
    from classifiers.classifier import load_classifier

    versions = load_classifier(settings.data, settings.models).versions
    yield OK, f"model {versions.model}, rules {versions.rules}, lexicon {versions.lexicon}", ""


def _sources(settings: Settings) -> Iterator[Told]:
    from crawlers.sources import load_sources

    yield OK, f"{len(load_sources(settings.data))} sources", ""


def _store(settings: Settings) -> Iterator[Told]:
    from rasoat.store import open_store

    if not settings.home.exists():
        yield WARN, f"{settings.home} does not exist yet", "it is made at the first run"
        return
    with open_store(settings) as store:
        problems = store.check()
        counts = store.counts()
        people = store.staffing().people
        asked = store.requests.standing()
    for problem in problems:
        yield FAIL, problem, "restore the last backup, or see docs/operating.md"
    if not problems:
        yield OK, f"{counts['items']} items, {counts['cases']} cases, every chain verifies", ""
    if people < 3:
        yield WARN, f"{people} accounts: with fewer than 3 people no dossier is sealed", "rasoat users add"
    if asked.overdue:
        yield FAIL, f"{asked.overdue} requests of people wait for their answer past the last day", "`rasoat db requests` names them"
    elif asked.open:
        yield OK, f"{asked.open} requests of people wait for their answer, the first until {asked.next_due}", ""


def _prefect(_: Settings) -> Iterator[Told]:
    try:
        version = metadata.version("prefect")  # importing it takes 2 s and writes a profile
    except metadata.PackageNotFoundError:
        yield WARN, "Prefect is not installed; every command works without it", "make install"
        return
    url = os.environ.get("PREFECT_API_URL", "")
    if not url:
        yield (
            WARN,
            f"Prefect {version}, no server named",
            "set PREFECT_API_URL to see runs in Prefect's own page; needed by nothing else",
        )
        return
    parts = urlsplit(url)
    with socket.socket() as probe:
        probe.settimeout(2)
        reached = probe.connect_ex((parts.hostname or "127.0.0.1", parts.port or 80)) == 0
    yield (OK, f"server at {url}", "") if reached else (FAIL, f"no server at {url}", "start one with: prefect server start")


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
