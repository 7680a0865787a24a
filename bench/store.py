"""The store, measured on items made here: puts, drops, admissions and commands a second; the queue over 100,000 open cases.

`python -m bench.store [--items N] [--cases N]`. Targets: 1,500 puts/s; a queue page so quick that it renders within 80 ms.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rasoat.assessments import Assessment, Origin, Reason, Span, Versions
from rasoat.canonical import sha256_hex
from rasoat.cases import commands as c
from rasoat.cases.states import Role
from rasoat.cases.workflow import Actor
from rasoat.clock import FixedClock, Ids
from rasoat.harms import Harm, Severity
from rasoat.items import Capture, CaptureMethod, Item, ItemKind, Platform, item_id
from rasoat.settings import Settings
from rasoat.store import Flagged, Store, open_store
from rasoat.store.records import QueueQuery

WORDS_LINE = (
    "lừa đảo chuyển tiền nhận quà trúng thưởng ngân hàng mã xác thực đăng nhập tài khoản nhà cái thưởng nạp rút thuốc giảm cân cam kết "
    "khỏi bệnh hôm nay trời mưa chợ gạo rau xe buýt học sinh công viên cây xanh nước sạch đường phố người dân cuối tuần miễn phí"
)
WORDS = WORDS_LINE.split(" ")
VERSIONS = Versions("bench", "bench", "bench", "bench")
QUEUE_TARGET_MS = 80.0
PUT_TARGET = 1500.0


@dataclass(frozen=True, slots=True)
class Rate:
    """How often something was done in how much wall and CPU time."""

    name: str
    count: int
    wall: float
    cpu: float

    def line(self) -> str:
        """For people."""
        return (
            f"{self.name:<34} {self.count / self.wall:>10,.0f} /s   CPU {self.cpu / self.wall:4.0%}   {self.count:,} in {self.wall:.2f} s"
        )


def timed(name: str, count: int, work: Callable[[], object]) -> Rate:
    """Run once."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return Rate(name, count, time.perf_counter() - wall, time.process_time() - cpu)


def made_items(store: Store, count: int, rng: random.Random) -> Iterator[Item]:
    """Comments of some 100 characters; every one has its raw record as a sealed blob, as importers do."""
    blob = store.evidence.put(b"{}", "application/json", sealed=True)
    at = datetime(2026, 1, 1, tzinfo=UTC)
    for i in range(count):
        text = " ".join(rng.choices(WORDS, k=22))
        locator = f"https://bench.example/{i}"
        capture = Capture(f"bench-{i}", CaptureMethod.IMPORT, at, blob, blob.sha256, sha256_hex(text.encode()), "bench")
        yield Item(
            id=item_id(Platform.FACEBOOK, ItemKind.COMMENT, locator),
            platform=Platform.FACEBOOK,
            kind=ItemKind.COMMENT,
            locator=locator,
            source="bench",
            text=text,
            verbatim=text,
            captured_at=at + timedelta(seconds=i),
            url=locator,
            captures=(capture,),
        )


def assessment(rng: random.Random, *flagged: Harm) -> Assessment:
    """As the classifier would say it."""
    odds = {harm: rng.uniform(0.6, 1.0) if harm in flagged else rng.uniform(0, 0.2) for harm in Harm}
    reasons = tuple(Reason(harm, Origin.RULE, "rule:bench", 2.0, Span(0, 8), "bench") for harm in flagged)
    return Assessment(odds, flagged, reasons, VERSIONS, datetime(2026, 1, 1, tzinfo=UTC))


def flagged(item: Item, rng: random.Random) -> Flagged:
    """With a signature like those of `classifiers.near_duplicates`: 128 numbers, 32 bands; no two alike."""
    signature = tuple(rng.getrandbits(32) for _ in range(128))
    bands = [sha256_hex(repr(signature[n : n + 4]).encode())[:16].encode() for n in range(0, 128, 4)]
    severity = rng.choice(list(Severity))
    return Flagged(item, assessment(rng, rng.choice(list(Harm))), signature, bands, severity, sampled=False)


def admit(store: Store, one: Flagged) -> str:
    """One call, as the assess stage makes it."""
    return store.cases.admit(
        one.item, one.assessment, signature=one.signature, band_keys=one.band_keys, severity=one.severity, sampled=one.sampled
    ).case_id


def drop(store: Store, decided: list[tuple[Item, Assessment, bool]]) -> int:
    """One transaction."""
    store.inbox.drop_many(decided)
    return len(decided)


def stage_rates(store: Store, count: int, rng: random.Random) -> Iterator[Rate]:
    """Put, drop, admit, apply."""
    items = list(made_items(store, count, rng))
    yield timed(
        "evidence put, sealed, 400 bytes", 1000, lambda: [store.evidence.put(rng.randbytes(400), "x/y", sealed=True) for _ in range(1000)]
    )
    alone, many = items[: count // 2], [items[n : n + 64] for n in range(count // 2, count, 64)]
    yield timed("inbox.put, new", len(alone), lambda: [store.inbox.put(item, run_id="bench") for item in alone])
    yield timed("inbox.put_many by 64, new", count - len(alone), lambda: [store.inbox.put_many(batch, run_id="bench") for batch in many])
    yield timed("inbox.put, seen again", count, lambda: [store.inbox.put(item, run_id="bench") for item in items])
    half, nothing = items[: count // 2], assessment(rng)
    some = len(half) // 4
    yield timed("inbox.drop", some, lambda: [drop(store, [(item, nothing, False)]) for item in half[:some]])
    batches = [[(item, nothing, False) for item in half[n : n + 100]] for n in range(some, len(half), 100)]
    yield timed("inbox.drop_many by 100", len(half) - some, lambda: [drop(store, batch) for batch in batches])
    middle = count // 2 + count // 4
    rest, items_b = [flagged(item, rng) for item in items[count // 2 : middle]], items[middle:]
    cases: list[str] = []
    yield timed("cases.admit", len(rest), lambda: cases.extend(admit(store, one) for one in rest))
    rest_b = [flagged(item, rng) for item in items_b]
    yield timed(
        "cases.admit_many by 100", len(rest_b), lambda: [store.cases.admit_many(rest_b[n : n + 100]) for n in range(0, len(rest_b), 100)]
    )
    reader = Actor("p-bench", frozenset({Role.REVIEWER}))
    some_cases = cases[: max(1, len(cases) // 4)]
    yield timed("cases.apply, claim, durable", len(some_cases), lambda: [store.cases.apply(case, c.Claim(), reader) for case in some_cases])
    yield timed("cases.view", len(some_cases), lambda: [store.cases.view(case) for case in some_cases])
    yield timed("project to the index", len(rest), lambda: [None for _ in iter(lambda: store.project(1000), 0)])


def multiply_cases(path: Path, total: int) -> None:
    """Fill the cases table up to `total` with copies of what is there, events included, by plain SQL: only the queue looks at them."""
    with sqlite3.connect(path) as conn:
        columns = [row[1] for row in conn.execute("PRAGMA table_info(cases)") if row[1] not in ("id", "state", "opened_at", "weight")]
        names = ",".join(columns)
        have = conn.execute("SELECT count(*) FROM cases").fetchone()[0]
        copies = -(-total // max(have, 1))
        conn.execute(
            "CREATE TEMP TABLE n AS WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < ?) SELECT i FROM c", (copies,)
        )
        conn.execute(
            f"INSERT INTO cases (id, opened_at, weight, {names}) SELECT id || '-' || i, opened_at - abs(random() % 1209600000000),"
            f" weight * (0.5 + abs(random() % 1000) / 1000.0), {names} FROM cases, n"
        )
        conn.execute(
            "INSERT INTO events SELECT id, 1, opened_at, 'system', 'system', 'opened', NULL, 'triage', '{}', hex(zeroblob(32)),"
            " hex(zeroblob(32)) FROM cases WHERE state IS NULL"
        )
        conn.execute("ANALYZE")
    conn.close()


def queue_times(store: Store, repeat: int = 30) -> Iterator[tuple[str, float, float, float]]:
    """Median and worst of a page and the median of its CPU time, in milliseconds."""
    reader = Actor("p-other", frozenset({Role.REVIEWER, Role.APPROVER, Role.POLICY_LEAD}))
    asked: Sequence[tuple[str, Callable[[], object]]] = (
        ("queue, first page", lambda: store.cases.queue(QueueQuery(), reader)),
        ("queue, page 20", lambda: store.cases.queue(QueueQuery(offset=1000), reader)),
        ("queue, two harms, one source", lambda: store.cases.queue(QueueQuery(harms=(Harm.FRD, Harm.HAT), sources=("bench",)), reader)),
        ("next_for", lambda: store.cases.next_for(reader)),
    )
    for name, work in asked:
        work()
        times = []
        for _ in range(repeat):
            began, cpu = time.perf_counter(), time.process_time()
            work()
            times.append(((time.perf_counter() - began) * 1000, (time.process_time() - cpu) * 1000))
        yield (
            name,
            sorted(wall for wall, _ in times)[repeat // 2],
            max(wall for wall, _ in times),
            sorted(cpu for _, cpu in times)[repeat // 2],
        )


def main(arguments: Sequence[str] | None = None) -> int:
    """Print all figures."""
    parser = argparse.ArgumentParser(prog="python -m bench.store", description=__doc__)
    parser.add_argument("--items", type=int, default=8000)
    parser.add_argument("--cases", type=int, default=100_000)
    asked = parser.parse_args(arguments)
    rng = random.Random(7)
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(home=Path(folder) / "home")
        began = time.perf_counter()
        with open_store(settings, clock=FixedClock(datetime(2026, 1, 2, tzinfo=UTC)), ids=Ids(1)) as store:
            print(f"{'open, new home':<34} {time.perf_counter() - began:>10.3f} s")
            for rate in stage_rates(store, asked.items, rng):
                print(rate.line() + (f"   (wished: {PUT_TARGET:,.0f} /s)" if rate.name == "inbox.put, new" else ""))
        began = time.perf_counter()
        open_store(settings).close()
        print(f"{'open, up to date':<34} {time.perf_counter() - began:>10.3f} s")
        multiply_cases(settings.home / "rasoat.sqlite3", asked.cases)
        with open_store(settings, clock=FixedClock(datetime(2026, 1, 2, tzinfo=UTC))) as store:
            print(f"over {store.counts()['open']:,} open cases (a page must render within {QUEUE_TARGET_MS:.0f} ms)")
            for name, median, worst, cpu in queue_times(store):
                print(f"{name:<34} {median:>10.1f} ms median, {worst:.1f} ms worst, {cpu:.1f} ms of CPU")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory {peak:,.0f} MiB on {os.cpu_count()} cores")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
