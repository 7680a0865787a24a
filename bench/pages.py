"""Pages as people get them: queue (50 rows of 10,000 open cases), item page, search and policy through the real application.

`python -m bench.pages [--cases N] [--rounds N]`. Target: p50 under 80 ms for queue and item page (HTML and JSON), all in one process.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import random
import resource
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import httpx

from bench.store import assessment, made_items
from classifiers.classifier import load_classifier
from rasoat.cases.states import Role
from rasoat.harms import Harm
from rasoat.policy import Policy
from rasoat.settings import ROOT, Settings
from rasoat.store import Flagged, Store, open_store
from review_ui.app import create_app
from review_ui.visit import SESSION_COOKIE

TARGET_MS = 80.0
_BATCH = 500


def fill(store: Store, policy: Policy, count: int) -> list[str]:
    """Open `count` cases; returns their ids."""
    rng, ids = random.Random(11), []
    items = made_items(store, count, rng)
    while batch := list(itertools.islice(items, _BATCH)):
        for item in batch:
            store.inbox.put(item, run_id="bench")
        harms = [rng.choice([harm for harm in Harm if harm is not Harm.CSE]) for _ in batch]
        ready = [
            Flagged(item, assessment(rng, harm), None, (), policy.harm(harm).severity, sampled=False)
            for item, harm in zip(batch, harms, strict=True)
        ]
        ids += [admitted.case_id for admitted in store.cases.admit_many(ready)]
    while store.project():
        pass
    return ids


async def measure(web: httpx.AsyncClient, name: str, paths: Sequence[str]) -> float:
    """Ask for each path, one after the other; print and return the median in milliseconds."""
    times, size = [], 0
    for path in paths:
        begin = time.perf_counter()
        answer = await web.get(path)
        times.append((time.perf_counter() - begin) * 1000)
        answer.raise_for_status()
        size = max(size, len(answer.content))
    times.sort()
    p50, p99 = times[len(times) // 2], times[min(len(times) - 1, int(len(times) * 0.99))]
    print(f"{name:<34} p50 {p50:6.1f} ms   p99 {p99:6.1f} ms   {size / 1024:6.1f} KB   {'ok' if p50 <= TARGET_MS else 'OVER THE TARGET'}")
    return p50


async def run(store: Store, settings: Settings, policy: Policy, ids: list[str], rounds: int) -> bool:
    """All pages; whether queue and item page keep the target."""
    app = create_app(settings, store, policy, load_classifier(settings.data, settings.models))
    store.accounts.add("bench", "bench-bench-bench", "Bench", {Role.REVIEWER})
    cookies = {SESSION_COOKIE: store.accounts.sessions.create("bench")}
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", cookies=cookies) as web:
        await web.get("/queue")  # templates compile once
        await web.get(f"/cases/{ids[0]}")
        cases = random.Random(1).sample(ids, min(rounds, len(ids)))
        queue = await measure(web, "queue, 50 rows", ["/queue"] * rounds)
        filtered = await measure(web, "queue, filtered", ["/queue?code=FRD&platform=facebook"] * rounds)
        item = await measure(web, "item page", [f"/cases/{case}" for case in cases])
        await measure(web, "queue as JSON", ["/queue.json"] * rounds)
        await measure(web, "item page as JSON", [f"/cases/{case}.json" for case in cases])
        await measure(web, "search", ["/search?q=lua+dao"] * rounds)
        await measure(web, "policy", ["/policy"] * rounds)
    return max(queue, filtered, item) <= TARGET_MS


def main(argv: Sequence[str] | None = None) -> int:
    """Fill a home of its own, measure, clean up."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=60)
    wanted = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(home=Path(folder) / "home")
        policy = Policy.load(ROOT / "data")
        with open_store(settings) as store:
            begin = time.perf_counter()
            ids = fill(store, policy, wanted.cases)
            print(f"{len(ids):,} open cases, made in {time.perf_counter() - begin:.0f} s")
            kept = asyncio.run(run(store, settings, policy, ids, wanted.rounds))
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
