"""How far the search index is behind SQL while items change all the time: `rasoat project --follow` against people who take and give back.

`python -m bench.outbox [--rate 500] [--seconds 60] [--on services sqlite]`. Each change is a real command on a real case of fifty items
and makes all of them stale; so many a second that `--rate` items change. Prints the lag in items and in seconds, seen five times a second.
Ends with `wrong in the index: 0` and exit code 0, or 1.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from bench.search_homes import KINDS, child_environment, fill, home
from rasoat.cases import commands as c
from rasoat.cases.states import Role
from rasoat.cases.workflow import Actor
from rasoat.ports import SearchQuery
from rasoat.settings import ROOT, Settings
from rasoat.store import Store, open_store

_A_CASE: Final = 50
_LOOK: Final = 0.2
_PATIENCE: Final = 120.0


@dataclass(slots=True)
class Lag:
    """What was seen, look by look."""

    items: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def look(self, store: Store) -> int:
        """One more; returns how many wait."""
        found = store.outbox_lag()
        self.items.append(found.waiting)
        self.seconds.append(found.age(datetime.now(UTC)))
        return found.waiting


@contextmanager
def projector(settings: Settings) -> Iterator[None]:
    """The command as an operator runs it; stopped by SIGTERM, which must end it well."""
    command = [sys.executable, "-m", "flows", "project", "--follow"]
    process = subprocess.Popen(
        command, env=child_environment(settings), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdout is not None
    try:
        process.stdout.readline()
        yield
        process.terminate()
        if process.wait(60):
            raise RuntimeError(f"the projector ended with {process.returncode}")
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def change(store: Store, cases: Sequence[str], rate: int, seconds: float) -> tuple[int, float]:
    """Take cases and give them back, evenly; returns how many items changed in how many seconds."""
    person, taken = Actor("p-bench", frozenset({Role.REVIEWER})), [False] * len(cases)
    begin, changed = time.monotonic(), 0
    while (now := time.monotonic() - begin) < seconds:
        if (ahead := changed / rate - now) > 0:
            time.sleep(ahead)
            continue
        n = changed // _A_CASE % len(cases)
        store.cases.apply(cases[n], c.Release() if taken[n] else c.Claim(), person)
        taken[n] = not taken[n]
        changed += _A_CASE
    return changed, time.monotonic() - begin


def wrong(store: Store, cases: Sequence[str]) -> int:
    """How many items the index shows in another state than SQL has them, or not at all, or twice."""
    held = Counter(store.cases.view(case).facts.state.value for case in cases)
    shown = store.search.search(SearchQuery(limit=0)).facets["states"]
    return sum(abs(held.get(state, 0) * _A_CASE - shown.get(state, 0)) for state in held.keys() | shown.keys())


def measure(kind: str, rate: int, seconds: float, cases: int) -> int:
    """One store; returns how many items are wrong in the index at the end."""
    print(f"\n{KINDS[kind]}")
    lag, done = Lag(), threading.Event()
    with home(kind) as settings, open_store(settings) as store:
        opened = fill(store, settings, cases * _A_CASE, cases)
        store.rebuild_index()
        with projector(settings):
            _until_fresh(store)

            def watch() -> None:
                while not done.wait(_LOOK):
                    lag.look(store)

            watcher = threading.Thread(target=watch)
            watcher.start()
            try:
                changed, took = change(store, opened, rate, seconds)
            finally:
                done.set()
                watcher.join()
            drained = _until_fresh(store)
        missing = wrong(store, opened)
    print(f"changed {changed:,} items in {took:.1f} s: {changed / took:,.0f} items/s; the rest was in the index {drained:.1f} s later")
    for name, values in (("items behind", lag.items), ("seconds behind", lag.seconds)):
        ordered = sorted(values)
        p50, p99 = ordered[len(ordered) // 2], ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
        print(f"{name:<18} p50 {p50:>8,.1f}   p99 {p99:>8,.1f}   worst {ordered[-1]:>8,.1f}")
    return missing


def _until_fresh(store: Store) -> float:
    """Wait until nothing waits; seconds that it took."""
    begin = time.monotonic()
    while store.outbox_lag().waiting:
        if time.monotonic() - begin > _PATIENCE:
            raise RuntimeError(f"after {_PATIENCE:.0f} s the index is still behind")
        time.sleep(0.02)
    return time.monotonic() - begin


def main(arguments: Sequence[str] | None = None) -> int:
    """Print all figures."""
    parser = argparse.ArgumentParser(prog="python -m bench.outbox", description=__doc__)
    parser.add_argument("--rate", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--cases", type=int, default=200)
    parser.add_argument("--on", nargs="+", choices=list(KINDS), default=list(KINDS))
    asked = parser.parse_args(arguments)
    print(f"{asked.rate:,} items a second for {asked.seconds:.0f} s, over {asked.cases * _A_CASE:,} items")
    missing = sum(measure(kind, asked.rate, asked.seconds, asked.cases) for kind in asked.on)
    print(f"\nwrong in the index: {missing}")
    return 1 if missing else 0


if __name__ == "__main__":
    raise SystemExit(main())
