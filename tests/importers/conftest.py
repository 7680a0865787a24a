"""One import in one call."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from crawlers.importers import ImportReport, import_file
from crawlers.importers.limits import Limits
from rasoat.clock import FixedClock, Ids
from rasoat.settings import Settings
from tests.importers.fakes import MemoryEvidence, MemoryInbox

Importer = Callable[..., ImportReport]


@pytest.fixture
def inbox() -> MemoryInbox:
    return MemoryInbox()


@pytest.fixture
def evidence() -> MemoryEvidence:
    return MemoryEvidence()


@pytest.fixture
def take(inbox: MemoryInbox, evidence: MemoryEvidence, settings: Settings, clock: FixedClock, ids: Ids) -> Importer:
    def run(path: Path, mapper: str | None = None, limits: Limits | None = None) -> ImportReport:
        return import_file(
            path, mapper=mapper, inbox=inbox, evidence=evidence, settings=settings, clock=clock, ids=ids, run_id="run-1", limits=limits
        )

    return run
