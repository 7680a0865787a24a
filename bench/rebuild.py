"""`rasoat db rebuild-index` of many items while readers search all the time through the store: items a second, and what the readers felt.

`python -m bench.rebuild [--items N] [--readers M] [--on services sqlite]`. The index is filled once, then made anew by the command itself
while every reader searches; an answer that fails or misses an item counts as failed. Ends with `failed reads: 0` and exit code 0, or 1.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from multiprocessing.context import SpawnContext
from multiprocessing.synchronize import Event
from typing import TYPE_CHECKING, Final

from bench.search_corpus import vocabulary
from bench.search_homes import KINDS, child_environment, fill, home
from rasoat.errors import RasoatError
from rasoat.ports import SearchPage, SearchQuery
from rasoat.settings import ROOT, Settings
from rasoat.store import open_store

if TYPE_CHECKING:
    from multiprocessing.queues import Queue

_CASES: Final = 200
_CONTEXT: Final[SpawnContext] = multiprocessing.get_context("spawn")


@dataclass(slots=True)
class Felt:
    """What one reader saw."""

    milliseconds: list[float] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    def look(self, search: Callable[[SearchQuery], SearchPage], query: SearchQuery, expected: int | None = None) -> None:
        """One search; with `expected`, that many items must match."""
        begin = time.perf_counter()
        try:
            total = search(query).total
        except RasoatError as error:
            self.failed.append(f"{type(error).__name__}: {error}"[:200])
        else:
            if expected is not None and total != expected:
                self.failed.append(f"{total:,} of {expected:,} items")
        self.milliseconds.append((time.perf_counter() - begin) * 1000)


def read(settings: Settings, expected: int, seed: int, ready: Event, stop: Event, told: Queue[Felt]) -> None:
    """Search until `stop`: two common words with facets as the page asks for them, and in turn everything, which must be all there."""
    felt, rng, words = Felt(), random.Random(seed), vocabulary()
    with open_store(settings) as store:
        while not stop.is_set():
            felt.look(store.search.search, SearchQuery(), expected)
            felt.look(store.search.search, SearchQuery(" ".join(rng.sample(words[5:60], 2))))
            ready.set()
    told.put(felt)


def rebuild(settings: Settings) -> float:
    """The command in a process of its own; seconds from its start to its end."""
    begin = time.perf_counter()
    command = [sys.executable, "-m", "flows", "db", "rebuild-index"]
    subprocess.run(command, env=child_environment(settings), cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - begin


def measure(kind: str, items: int, readers: int) -> list[str]:
    """One store; returns what failed."""
    print(f"\n{KINDS[kind]}")
    with home(kind) as settings:
        with open_store(settings) as store:
            begin = time.perf_counter()
            fill(store, settings, items, min(_CASES, items))
            print(f"{'into SQL, unmeasured way':<36} {time.perf_counter() - begin:>8.1f} s")
        alone = rebuild(settings)
        print(f"{'rebuild, nobody reads':<36} {alone:>8.1f} s   {items / alone:>8,.0f} items/s")
        stop, told = _CONTEXT.Event(), _CONTEXT.Queue()
        begun = [_CONTEXT.Event() for _ in range(readers)]
        people = [_CONTEXT.Process(target=read, args=(settings, items, n, begun[n], stop, told)) for n in range(readers)]
        for one in people:
            one.start()
        if not all(event.wait(120) for event in begun):
            raise RuntimeError("a reader did not begin")
        beside = rebuild(settings)
        stop.set()
        all_felt = [told.get(timeout=120) for _ in people]
        for one in people:
            one.join()
    failed = [why for felt in all_felt for why in felt.failed]
    times = sorted(ms for felt in all_felt for ms in felt.milliseconds)
    p50, p99 = times[len(times) // 2], times[min(len(times) - 1, int(len(times) * 0.99))]
    print(f"{f'rebuild, {readers} readers all the time':<36} {beside:>8.1f} s   {items / beside:>8,.0f} items/s")
    print(f"{'reads meanwhile':<36} {len(times):>8,}     p50 {p50:.1f} ms   p99 {p99:.1f} ms   worst {times[-1]:.1f} ms")
    for why in failed[:5]:
        print(f"   failed: {why}")
    return failed


def main(arguments: Sequence[str] | None = None) -> int:
    """Print all figures."""
    parser = argparse.ArgumentParser(prog="python -m bench.rebuild", description=__doc__)
    parser.add_argument("--items", type=int, default=20_000)
    parser.add_argument("--readers", type=int, default=2)
    parser.add_argument("--on", nargs="+", choices=list(KINDS), default=list(KINDS))
    asked = parser.parse_args(arguments)
    print(f"{asked.items:,} items")
    failed = sum(len(measure(kind, asked.items, asked.readers)) for kind in asked.on)
    print(f"\nfailed reads: {failed}")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
