"""`bench.faults`: plans are made again by their seed, and ten of them, two on servers of their own, lose and double nothing."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter

import pytest

from bench.fault_plans.plans import CRAWLER, EMBEDDED, SERVICES_EVERY, SHARED, Kind, draw
from rasoat.settings import ROOT

CI_ITEMS = 60


def test_a_seed_makes_the_same_plans_again_wherever_a_piece_begins() -> None:
    assert [draw(3, number, 200) for number in range(20, 30)] == [draw(3, number, 200) for number in range(30)][20:]
    assert draw(3, 1, 200).faults != draw(4, 1, 200).faults


def test_a_series_meets_every_fault_and_goes_to_the_servers_for_its_share() -> None:
    plans = [draw(1, number, 200) for number in range(200)]
    met = Counter(fault.kind for plan in plans for fault in plan.faults)
    assert met.keys() == {*EMBEDDED, *SHARED}
    assert sum(plan.services for plan in plans) == 200 / SERVICES_EVERY
    assert {plan.faults[0].kind for plan in plans if not plan.services} <= set(EMBEDDED)
    killed = {(fault.role, plan.http) for plan in plans for fault in plan.faults if fault.kind is Kind.KILL}
    assert {(CRAWLER, False), ("importer", False), ("assessor", False), ("worker", False), ("projector", False)} <= killed
    assert {("site", False), ("site", True)} <= killed, "the people at the store, and the review site that they work on"


@pytest.mark.serial
@pytest.mark.timeout(240)
def test_ten_plans_lose_and_double_nothing() -> None:
    command = [sys.executable, "-m", "bench.faults", "--plans", "10", "--seed", "1", "--items", str(CI_ITEMS)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=230)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1] == "plans: 10 lost: 0 doubled: 0 broken_chains: 0"
    assert done.stdout.count("sqlite+fts5") == 8
    assert done.stdout.count("postgresql+elasticsearch") == 2
    for where in ("sqlite+fts5+crawl", "sqlite+fts5+http", "postgresql+elasticsearch+crawl", "postgresql+elasticsearch+http"):
        assert f" {where} " in done.stdout
