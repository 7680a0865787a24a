"""A desk at which dossiers are built, and one pack that the tests of `verify` share."""

from __future__ import annotations

import pytest

from rasoat.policy import Policy
from rasoat.settings import ROOT, Settings
from tests.dossier.made import Desk


@pytest.fixture(scope="session")
def policy() -> Policy:
    return Policy.load(ROOT / "data")


@pytest.fixture
def desk(settings: Settings, policy: Policy) -> Desk:
    return Desk(settings, policy)


@pytest.fixture(scope="session")
def pack(tmp_path_factory: pytest.TempPathFactory, policy: Policy) -> bytes:
    """The bytes of a good pack."""
    desk = Desk(Settings(home=tmp_path_factory.mktemp("home")), policy)
    return desk.build(desk.case()).path.read_bytes()
