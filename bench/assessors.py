"""Assessment by one, two and four processes on one PostgreSQL, with the shipped models: items a second, and every item exactly once.

`python -m bench.assessors [--items N] [--workers 1 2 4] [--harmful SHARE] [--server postgresql|sqlite]`. Each line is `rasoat assess
--workers N` on a home of its own with the same made-up comments, of which `--harmful` are scams that open a case each; the time to load the
models is given apart. Ends with `assessed twice: 0 left: 0` and exit code 0, or 1.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final

from sqlalchemy import func, select

from bench.databases import KINDS, environment, made_home
from bench.store import WORDS, made_items
from crawlers.importers.run import BATCH
from rasoat.items import Item
from rasoat.settings import ROOT, Settings
from rasoat.store import Store, open_store
from rasoat.store.tables import AssessmentRow

_SCAM: Final = "Tài khoản ngân hàng số {n} của bạn đã bị khóa. Truy cập http://xac-minh-tk.example và nhập mã OTP để mở lại trong {h} giờ."


@dataclass(frozen=True)
class Done:
    """What one round did, and what SQL says of it."""

    workers: int
    intake: float  # seconds in which all items were put into the inbox, in batches as an import puts them
    seconds: float
    loading: float
    assessed: int
    flagged: int
    left: int
    twice: int

    def line(self) -> str:
        """For people."""
        rate, spent = self.assessed / self.seconds, f"{self.seconds:6.1f} s, loading {self.loading:.1f} s"
        put = self.assessed / self.intake
        return f"workers {self.workers}   {rate:>8,.1f} items/s   {spent}   flagged {self.flagged:,}   put before: {put:,.0f} items/s"


def comments(store: Store, count: int, harmful: float, skip: int = 0) -> Iterator[Item]:
    """Made-up comments of some 100 to 200 characters, the same in every round; those after the first `skip`."""
    rng = random.Random(5)
    for item in islice(made_items(store, skip + count, random.Random(5)), skip, None):
        text = " ".join(rng.choices(WORDS, k=30)).capitalize() + "."
        if rng.random() < harmful:
            text = f"{_SCAM.format(n=rng.randrange(10**9), h=rng.randrange(2, 72))} {' '.join(rng.choices(WORDS, k=10))}."
        yield replace(item, text=text, verbatim=text)


def fill(settings: Settings, count: int, harmful: float, skip: int = 0) -> float:
    """Put them into the inbox; seconds that took."""
    with open_store(settings) as store:
        made = list(comments(store, count, harmful, skip))
        began = time.perf_counter()
        for at in range(0, len(made), BATCH):
            store.inbox.put_many(made[at : at + BATCH], run_id="bench")
        return time.perf_counter() - began


def _assess(settings: Settings, workers: int, *more: str) -> tuple[float, dict[str, int]]:
    command = [sys.executable, "-m", "flows", "assess", "--workers", str(workers), "--json", *more]
    began = time.perf_counter()
    answer = subprocess.run(command, env={**os.environ, **environment(settings)}, capture_output=True, text=True, check=False, cwd=ROOT)
    if answer.returncode:
        raise RuntimeError(f"rasoat assess ended with {answer.returncode}:\n{answer.stderr[-2000:]}")
    counts: dict[str, int] = json.loads(answer.stdout)
    return time.perf_counter() - began, counts


def once(kind: str, items: int, workers: int, harmful: float) -> Done:
    """One round on a home of its own."""
    with made_home(kind) as settings:
        fill(settings, workers, harmful, skip=items)
        loading, first = _assess(settings, workers, "--limit", str(workers))  # as many as load a model: one item each
        intake = fill(settings, items, harmful)
        seconds, counts = _assess(settings, workers)
        with open_store(settings) as store:
            left, known = store.inbox.count_pending(), store.counts()
            with store.cases._db.reading() as conn:
                again = select(AssessmentRow.item_id).group_by(AssessmentRow.item_id).having(func.count() > 1)
                twice = len(conn.execute(again).all())
        total = counts["assessed"] + first["assessed"]
        twice += abs(total - known["assessed"]) + max(0, total - items - workers)
        return Done(workers, intake, max(0.001, seconds - loading), loading, counts["assessed"], counts["flagged"], left, twice)


def main(argv: Sequence[str] | None = None) -> int:
    """Each number of workers in turn."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=20_000)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 4])
    parser.add_argument("--harmful", type=float, default=0.25, help="share of the comments that are scams")
    parser.add_argument("--server", choices=KINDS, default="postgresql")
    wanted = parser.parse_args(argv)
    print(f"{wanted.server}: {wanted.items:,} comments, {os.cpu_count()} cores", flush=True)
    rounds = []
    for workers in wanted.workers:
        rounds.append(once(wanted.server, wanted.items, workers, wanted.harmful))
        print(rounds[-1].line(), flush=True)
    twice, left = sum(one.twice for one in rounds), sum(one.left for one in rounds)
    print(f"assessed twice: {twice} left: {left}")
    return 1 if twice or left else 0


if __name__ == "__main__":
    sys.exit(main())
