"""Nothing lost, nothing doubled: a pipeline is hurt at seeded moments, recovers, and is counted.

    python -m bench.faults --plans N --seed S [--items M] [--from K] [--services all|some|none]

One line a plan; the last line is `plans: N lost: 0 doubled: 0 broken_chains: 0`. Exit 1 when any is above 0. See docs/faults.md.
"""

from __future__ import annotations

import argparse
import logging
import shutil
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import structlog

if __name__ == "__main__" and not __package__:  # started as `bench/faults.py`: the project's folder is not on the path then
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

from bench.fault_plans import servers as own
from bench.fault_plans.material import make
from bench.fault_plans.plans import Plan, draw
from bench.fault_plans.running import Outcome, carry_out

_SERVICES = {"all": True, "some": None, "none": False}


def main(arguments: list[str]) -> int:
    """0 when nothing is lost, doubled or broken, and every plan came to its end."""
    asked = _parser().parse_args(arguments)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    numbers = range(asked.first, asked.first + asked.plans)
    plans = [draw(asked.seed, number, asked.items, services=_SERVICES[asked.services]) for number in numbers]
    lost = doubled = broken = unfinished = 0
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="rasoat-faults-"))
        if not asked.keep:
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
        material = make(folder, asked.items, asked.seed)
        servers = stack.enter_context(own.started(asked.seed)) if any(plan.services for plan in plans) else None
        for plan in plans:
            began = time.monotonic()
            outcome = carry_out(plan, material, folder, servers if plan.services else None)
            _tell(plan, outcome, time.monotonic() - began)
            lost, doubled = lost + len(outcome.verdict.lost), doubled + len(outcome.verdict.doubled)
            broken, unfinished = broken + len(outcome.verdict.broken), unfinished + bool(outcome.trouble)
            if not asked.keep:
                shutil.rmtree(folder / f"plan-{plan.number}", ignore_errors=True)
    if unfinished:
        print(f"plans with an error that nobody foresaw: {unfinished}")
    print(f"plans: {len(plans)} lost: {lost} doubled: {doubled} broken_chains: {broken}")
    return int(bool(lost or doubled or broken or unfinished))


def _tell(plan: Plan, outcome: Outcome, seconds: float) -> None:
    verdict = outcome.verdict
    problems = [*verdict.lost, *verdict.doubled, *verdict.broken, *outcome.trouble]
    where = "postgresql+elasticsearch" if plan.services else "sqlite+fts5"
    faults = " ".join(str(fault) for fault in plan.faults)
    done = f"struck {outcome.struck}/{len(plan.faults)}, {outcome.restarts} restarts, {verdict.cases} cases, {verdict.decisions} verdicts"
    print(f"plan {plan.number} seed {plan.seed} {where} [{faults}] {done}, {seconds:.1f} s: {'NOT WELL' if problems else 'ok'}", flush=True)
    for problem in problems[:20]:
        print(f"    {problem}", flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bench.faults", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--plans", type=int, default=10, help="how many")
    parser.add_argument("--seed", type=int, default=1, help="the same seed makes the same plans")
    parser.add_argument("--items", type=int, default=200, help="made-up items that are imported in each plan")
    parser.add_argument("--from", type=int, default=0, dest="first", help="number of the first plan: long series are run in pieces")
    parser.add_argument(
        "--services", choices=sorted(_SERVICES), default="some", help="PostgreSQL and Elasticsearch: one plan in five, all, none"
    )
    parser.add_argument("--keep", action="store_true", help="leave the homes of the plans where they are")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
