"""Search over flagged items made here, in Elasticsearch and in the embedded index, side by side in one run.

`python -m bench.search [--items N] [--on sqlite elasticsearch]`: items a second in, bytes on disk, p50 and p99 of five kinds of query with
highlights and facets as the search page asks for them. Items are made beforehand (2 GB of memory for a million), so that the index alone is
timed. Elasticsearch is that of `make services`, or of RASOAT_SEARCH_URL. Target: p99 under 40 ms in Elasticsearch. CPU counts this process
and the server's, whatever else the server does: measure when nobody else uses it.
"""

from __future__ import annotations

import argparse
import gc
import resource
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.search_corpus import documents, questions, vocabulary, worst
from bench.services import elastic_index
from rasoat.ports import SearchIndex, SearchQuery
from rasoat.store.search_fts5 import Fts5Index

TARGET_MS = 40.0
_UPSERTED = 2000
Times = list[tuple[float, int]]
Rate = Callable[[int, Callable[[], object]], tuple[float, float]]
"""Items, and the work on them: items a second, CPU microseconds an item."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One index in one run: figures by name, in the order they were measured."""

    rates: dict[str, tuple[float, float]]  # items a second, CPU microseconds an item
    bytes: int
    times: dict[str, Times]
    cpu: dict[str, float]  # milliseconds a query


@dataclass(frozen=True, slots=True)
class Bench:
    """An index and what can be read beside it."""

    index: SearchIndex
    bytes: Callable[[], int]
    server_cpu: Callable[[], float]  # seconds


@contextmanager
def _sqlite() -> Iterator[Bench]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "search.sqlite3"
        with closing(Fts5Index(path)) as index:
            yield Bench(index, lambda: sum(file.stat().st_size for file in Path(folder).iterdir()), lambda: 0.0)


@contextmanager
def _elasticsearch() -> Iterator[Bench]:
    with elastic_index("rasoat-bench-search") as index:

        def size() -> int:
            stats = index.client.indices.stats(index=index.alias, metric="store")
            return int(stats["_all"]["primaries"]["store"]["size_in_bytes"])

        def cpu() -> float:
            nodes = index.client.nodes.stats(metric="process")["nodes"].values()
            return sum(float(node["process"]["cpu"]["total_in_millis"]) for node in nodes) / 1000

        yield Bench(index, size, cpu)


OPEN = {"sqlite": _sqlite, "elasticsearch": _elasticsearch}


def ask(index: SearchIndex, asked: Sequence[SearchQuery]) -> Times:
    """Milliseconds of each, and how many it found."""
    out = []
    for query in asked:
        begin = time.perf_counter()
        total = index.search(query).total
        out.append(((time.perf_counter() - begin) * 1000, total))
    return out


def percentile(values: Sequence[float], share: float) -> float:
    """Nearest rank."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def _filled(index: SearchIndex, words: Sequence[str], items: int, rate: Rate) -> tuple[float, float]:
    made = list(documents(items, words))
    gc.freeze()  # or each collection would look at all of them again
    try:
        return rate(items, lambda: index.rebuild(made, 1))
    finally:
        gc.unfreeze()


def measure(name: str, items: int) -> Measured:
    """Fill one index, change some of it, ask it."""
    words = vocabulary()
    asked = questions(words) | worst(words)
    with OPEN[name]() as bench:
        index = bench.index

        def spent() -> float:
            return time.process_time() + bench.server_cpu()

        def rate(count: int, work: Callable[[], object]) -> tuple[float, float]:
            cpu, begin = spent(), time.perf_counter()
            work()
            return count / (time.perf_counter() - begin), (spent() - cpu) / count * 1e6

        rates = {"items in": _filled(index, words, items, rate)}
        on_disk = bench.bytes()
        some = list(documents(_UPSERTED, words))
        batches = [some[n : n + 500] for n in range(0, len(some), 500)]
        rates["changes in, by 500"] = rate(len(some), lambda: [index.upsert(batch, 2) for batch in batches])
        for group in asked.values():
            ask(index, group[:50])  # warm: caches and compiled code of the server, pages of the file
        times, cpu = {}, {}
        for kind, group in asked.items():
            before = spent()
            times[kind] = ask(index, group)
            cpu[kind] = (spent() - before) * 1000 / len(group)
        return Measured(rates, on_disk, times, cpu)


def report(name: str, found: Measured) -> float:
    """Print the figures; returns the greatest p99 of the five kinds."""
    print(f"\n{name}")
    for what, (rate, cpu) in found.rates.items():
        print(f"{what:<28} {rate:>9,.0f} /s   CPU {cpu:,.0f} µs each")
    print(f"{'on disk':<28} {found.bytes / 2**20:>9,.0f} MiB")
    print(f"{'query':<28} {'p50 ms':>8} {'p99 ms':>8} {'CPU ms':>8} {'found':>9}")
    for kind, times in found.times.items():
        print(_line(kind, times, found.cpu[kind]))
    five = list(questions(vocabulary(), 1))
    print(
        _line(
            "the first five together",
            [one for kind in five for one in found.times[kind]],
            sum(found.cpu[kind] for kind in five) / len(five),
        )
    )
    return max(percentile([one[0] for one in found.times[kind]], 0.99) for kind in five)


def _line(name: str, times: Times, cpu: float) -> str:
    wall, totals = [one[0] for one in times], sorted(one[1] for one in times)
    return f"{name:<28} {percentile(wall, 0.5):>8.1f} {percentile(wall, 0.99):>8.1f} {cpu:>8.1f} {totals[len(totals) // 2]:>9,}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print all figures."""
    parser = argparse.ArgumentParser(prog="python -m bench.search", description=__doc__)
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--on", nargs="+", choices=sorted(OPEN), default=["sqlite"])
    asked = parser.parse_args(arguments)
    print(f"{asked.items:,} items")
    for name in asked.on:
        slowest = report(name, measure(name, asked.items))
        print(f"slowest kind: p99 {slowest:.1f} ms (target: under {TARGET_MS:.0f} ms)")
    print(f"\npeak memory of this process {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MiB")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
