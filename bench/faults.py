"""Nothing lost, nothing doubled: a pipeline is hurt at seeded moments, recovers, and is counted.

    python -m bench.faults --plans N --seed S [--items M] [--from K] [--services all|some|none]

One line a plan; the last line is `plans: N lost: 0 doubled: 0 broken_chains: 0`. Exit 1 when any is above 0. See docs/faults.md.
"""

from __future__ import annotations

import argparse
import logging
import multiprocessing
import shutil
import sys
import tempfile
import time
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import structlog

if __name__ == "__main__" and not __package__:  # started as `bench/faults.py`: the project's folder is not on the path then
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

from bench.fault_plans import servers as own
from bench.fault_plans import web
from bench.fault_plans.material import Material, make
from bench.fault_plans.plans import Plan, draw
from bench.fault_plans.running import Outcome, carry_out
from bench.fault_plans.servers import Servers

_SERVICES = {"all": True, "some": None, "none": False}


@dataclass(frozen=True, slots=True)
class Totals:
    """Of several plans. `unfinished`: with an error that nobody foresaw, or without an end."""

    lost: int = 0
    doubled: int = 0
    broken: int = 0
    unfinished: int = 0

    def __add__(self, other: Totals) -> Totals:
        return Totals(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))


def main(arguments: list[str]) -> int:
    """0 when nothing is lost, doubled or broken, and every plan came to its end."""
    asked = _parser().parse_args(arguments)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    numbers = range(asked.first, asked.first + asked.plans)
    plans = [draw(asked.seed, number, asked.items, services=_SERVICES[asked.services]) for number in numbers]
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="rasoat-faults-"))
        if not asked.keep:
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
        made = make(folder, asked.items, asked.seed)
        material = replace(made, web=stack.enter_context(web.served(made.pages)))
        totals = _both(plans, material, folder, asked)
    if totals.unfinished:
        print(f"plans with an error that nobody foresaw: {totals.unfinished}")
    print(f"plans: {len(plans)} lost: {totals.lost} doubled: {totals.doubled} broken_chains: {totals.broken}")
    return int(totals != Totals())


def _both(plans: list[Plan], material: Material, folder: Path, asked: argparse.Namespace) -> Totals:
    """Plans in the home beside those on the servers, which mostly wait: in a process of their own, before any thread is started here."""
    at_home = [plan for plan in plans if not plan.services]
    shared = [plan for plan in plans if plan.services]
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe(duplex=False)
    beside = context.Process(target=lambda: there.send(_lane(at_home, material, folder, None, asked)))
    beside.start()
    there.close()
    try:
        totals = Totals()
        if shared:
            with own.started(asked.seed) as servers:
                totals = _lane(shared, material, folder, servers, asked)
        with suppress(EOFError):  # it fell, and has said why
            received: Totals = here.recv()
            return totals + received
        return totals + Totals(unfinished=len(at_home))
    finally:
        beside.join()


def _lane(plans: list[Plan], material: Material, folder: Path, servers: Servers | None, asked: argparse.Namespace) -> Totals:
    totals = Totals()
    for plan in plans:
        began = time.monotonic()
        outcome = carry_out(plan, material, folder, servers)
        _tell(plan, outcome, time.monotonic() - began)
        verdict = outcome.verdict
        totals += Totals(len(verdict.lost), len(verdict.doubled), len(verdict.broken), int(bool(outcome.trouble)))
        if not asked.keep:
            shutil.rmtree(folder / f"plan-{plan.number}", ignore_errors=True)
    return totals


def _tell(plan: Plan, outcome: Outcome, seconds: float) -> None:
    verdict = outcome.verdict
    problems = [*verdict.lost, *verdict.doubled, *verdict.broken, *outcome.trouble]
    where = "postgresql+elasticsearch" if plan.services else "sqlite+fts5"
    where += "+crawl" * plan.crawl + "+http" * plan.http
    faults = " ".join(str(fault) for fault in plan.faults)
    done = f"struck {outcome.struck}/{len(plan.faults)}, {outcome.restarts} restarts, {verdict.cases} cases, {verdict.decisions} verdicts"
    lines = [f"plan {plan.number} seed {plan.seed} {where} [{faults}] {done}, {seconds:.1f} s: {'NOT WELL' if problems else 'ok'}"]
    print("\n    ".join(lines + problems[:20]), flush=True)


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
