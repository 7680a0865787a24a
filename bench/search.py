"""Search over flagged items made here: p50 and p99 for rare, common and very common words, phrases, filters; indexing and rebuild.

`python -m bench.search [--items N]`. Target: p99 under 50 ms over 100,000 items. Word frequencies follow Zipf's law, as those of texts do;
the commonest word stands in nine of ten items. Wall time and CPU time, because other work on the machine shows in the first only.
"""

from __future__ import annotations

import argparse
import itertools
import random
import resource
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rasoat.cases.states import CaseState
from rasoat.harms import Harm
from rasoat.items import Platform
from rasoat.ports import SearchDoc, SearchQuery, Sort
from rasoat.store.search_fts5 import Fts5Index

TARGET_MS = 50.0
START = datetime(2026, 1, 1, tzinfo=UTC)
_COMMON = "lừa đảo tiền nhà cái thuốc khỏi bệnh hàng giả đường phố người dân ngân mã thưởng nạp rút quà chợ gạo xe trời nước"
_RARER = "nghĩa khuya trống miếng quãng thượng xuống giường ruộng tưởng chuyến đẹp mới xa gần"


def vocabulary(size: int = 12_000) -> list[str]:
    """Made-up syllables with Vietnamese letters; the first are the commonest."""
    heads = ["b", "c", "ch", "đ", "gi", "h", "kh", "l", "m", "ng", "nh", "ph", "qu", "r", "s", "t", "th", "tr", "v", "x"]
    middles = ["a", "ă", "â", "e", "ê", "i", "o", "ô", "ơ", "u", "ư", "ươ", "uyê", "oa", "iê"]
    tails = ["", "c", "ch", "m", "n", "ng", "nh", "p", "t", "i", "o", "u", "y", "1", "2", "3", "4", "5", "6", "7", "8", "9"]
    marks = ["", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323"]
    made = [head + middle + mark + tail for head, middle, tail, mark in itertools.product(heads, middles, tails, marks)]
    random.Random(3).shuffle(made)
    return (f"{_COMMON} {_RARER}".split() + made)[:size]


def documents(count: int, words: Sequence[str]) -> Iterator[SearchDoc]:
    """Comments and posts of 8 to 90 words."""
    rng = random.Random(5)
    weights = list(itertools.accumulate(1 / (rank + 1) for rank in range(len(words))))
    states, harms, platforms = list(CaseState), [harm.value for harm in Harm], [one.value for one in Platform]
    often = [1 / (n + 1) for n in range(len(states))]  # most cases wait or are closed; a few stand in between
    for i in range(count):
        text = " ".join(rng.choices(words, cum_weights=weights, k=rng.randint(8, 90)))
        code, source = rng.choice(harms), rng.randrange(12)
        yield SearchDoc(
            id=f"{i:064x}",
            case_id=f"case-{i}",
            state=rng.choices(states, often)[0].value,
            codes=tuple(sorted({code, rng.choice((code, "SPM"))})),
            source=f"source-{source}",
            platform=platforms[source % len(platforms)],
            title=text[:40],
            text=text,
            url=f"https://bench.example/{i}",
            published_at=None,
            captured_at=START + timedelta(seconds=i * 37),
        )


def queries(words: Sequence[str]) -> dict[str, list[SearchQuery]]:
    """Names to queries of one kind."""
    rng = random.Random(9)

    def two(low: int, high: int) -> str:
        return " ".join(rng.sample(words[low:high], 2))

    since = START + timedelta(days=20)
    return {
        "two rare words": [SearchQuery(two(1000, 6000)) for _ in range(60)],
        "rare and common": [SearchQuery(f"{rng.choice(words[:20])} {rng.choice(words[2000:6000])}") for _ in range(60)],
        "two common words": [SearchQuery(two(5, 60)) for _ in range(60)],
        "the two commonest words": [SearchQuery(two(0, 3)) for _ in range(20)],
        "the commonest word alone": [SearchQuery(words[0])] * 10,
        "phrase of common words": [SearchQuery(f'"{two(0, 20)}"') for _ in range(60)],
        "filters, newest first": [SearchQuery(two(0, 60), codes=("FRD",), sort=Sort.NEWEST, since=since) for _ in range(60)],
        "filters, relevance": [SearchQuery(two(0, 60), states=("triage",), platforms=("web",)) for _ in range(60)],
        "no words, one filter": [SearchQuery(codes=("HAT",), sort=Sort.NEWEST), SearchQuery(sources=("source-3",))] * 10,
        "no words, dates": [SearchQuery(since=since, offset=rng.randrange(500)) for _ in range(20)],
    }


def measure(index: Fts5Index, asked: Sequence[SearchQuery]) -> list[tuple[float, float, int]]:
    """Wall and CPU milliseconds of each, and how many it found."""
    out = []
    for query in asked:
        wall, cpu = time.perf_counter(), time.process_time()
        total = index.search(query).total
        out.append(((time.perf_counter() - wall) * 1000, (time.process_time() - cpu) * 1000, total))
    return out


def percentile(values: Sequence[float], share: float) -> float:
    """Nearest rank."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def rate(name: str, count: int, work: Callable[[], object]) -> None:
    """Run once and print items a second."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(f"{name:<28} {count / wall:>9,.0f} /s   CPU {cpu / wall:4.0%}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Print all figures."""
    parser = argparse.ArgumentParser(prog="python -m bench.search", description=__doc__)
    parser.add_argument("--items", type=int, default=100_000)
    asked = parser.parse_args(arguments)
    words = vocabulary()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "search.sqlite3"
        index = Fts5Index(path)
        rate("rebuild", asked.items, lambda: index.rebuild(documents(asked.items, words)))
        some = list(documents(2000, words))
        rate("upsert by 500", len(some), lambda: [index.upsert(some[n : n + 500]) for n in range(0, len(some), 500)])  # type: ignore[func-returns-value]
        print(f"{'size':<28} {path.stat().st_size / 2**20:>9,.0f} MiB")
        everything: list[tuple[float, float, int]] = []
        print(f"{'query':<28} {'p50 ms':>8} {'p99 ms':>8} {'p99 CPU':>8} {'found':>9}")
        for name, group in queries(words).items():
            measure(index, group[:3])
            times = measure(index, group)
            everything += times
            print(_line(name, times))
        print(_line(f"all (target: p99 {TARGET_MS:.0f} ms)", everything))
        index.close()
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MiB")
    return 0


def _line(name: str, times: Sequence[tuple[float, float, int]]) -> str:
    wall, cpu = [one[0] for one in times], [one[1] for one in times]
    found = sorted(one[2] for one in times)[len(times) // 2]
    return f"{name:<28} {percentile(wall, 0.5):>8.1f} {percentile(wall, 0.99):>8.1f} {percentile(cpu, 0.99):>8.1f} {found:>9,}"


if __name__ == "__main__":
    raise SystemExit(main())
