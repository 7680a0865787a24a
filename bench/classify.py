"""Classifying: comments a second by the linear model, by the rules, and by both, on texts made here; CPU time, peak memory."""

from __future__ import annotations

import os
import random
import resource
import time
from collections.abc import Callable, Sequence
from multiprocessing import get_context

from classifiers.classifier import Classifier, load_classifier
from classifiers.near_duplicates import signature
from classifiers.training.corpus import generate, load_grammars
from rasoat.settings import ROOT

COUNT = 8000
HARMFUL = 0.05
TARGET = 5000
"""Comments a second on two cores (issue: linear model with rules)."""


def comments(count: int = COUNT) -> list[str]:
    """Ordinary and harmful comments as the grammars write them, one in twenty harmful, 80 characters in the mean."""
    grammars, shared, _ = load_grammars()
    made = list(generate(grammars, shared, seed=11))
    rng = random.Random(11)
    harmless = [example.text for example in made if not example.harms]
    harmful = [example.text for example in made if example.harms]
    return [rng.choice(harmful if rng.random() < HARMFUL else harmless) for _ in range(count)]


def articles(count: int = 200) -> list[str]:
    """News of 3,000 characters."""
    grammars, shared, _ = load_grammars()
    news = [example.text for example in generate(grammars, shared, seed=12) if example.group == "civic-news"]
    rng = random.Random(12)
    return [" ".join(rng.choices(news, k=40))[:3000] for _ in range(count)]


def measured(name: str, work: Callable[[], object], count: int) -> float:
    """Time it (best of three), print a line, return the rate."""
    best, cpu = float("inf"), 0.0
    for _ in range(3):
        wall, spent = time.perf_counter(), time.process_time()
        work()
        took = time.perf_counter() - wall
        if took < best:
            best, cpu = took, time.process_time() - spent
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    used = f"{count / cpu:>10,.0f}/s of CPU time" if cpu > best / 10 else "  the CPU time is the children's"
    print(f"{name:<34} {count / best:>10,.0f}/s wall   {used}   peak {peak:>4.0f} MB", flush=True)
    return count / best


_shared: Classifier | None = None


def _two(texts: Sequence[str]) -> int:
    assert _shared is not None
    return len(_shared.assess_many(texts))


def main() -> None:
    """Print everything."""
    global _shared  # noqa: PLW0603  (workers inherit it by fork)
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    classifier = _shared = load_classifier(ROOT / "data", ROOT / "models")
    texts, long = comments(), articles()
    print(f"{len(texts)} comments of {sum(map(len, texts)) / len(texts):.0f} characters; {len(long)} articles of 3,000")
    measured("linear only", lambda: classifier.model.gated(texts), len(texts))
    measured("rules only", lambda: [classifier.rules.match(text) for text in texts], len(texts))
    alone = measured("whole, one core", lambda: classifier.assess_many(texts), len(texts))
    with get_context("fork").Pool(2) as pool:
        halves = [texts[i : i + 500] for i in range(0, len(texts), 500)]
        rate = max(alone, measured("whole, two processes", lambda: pool.map(_two, halves), len(texts)))
    measured("one comment at a time", lambda: [classifier.assess(text) for text in texts[:500]], 500)
    measured("articles, one core", lambda: classifier.assess_many(long), len(long))
    measured("near-duplicate signatures", lambda: [signature(text) for text in texts[:2000]], 2000)
    print(f"target {TARGET}/s: {'met' if rate >= TARGET else f'missed by {1 - rate / TARGET:.0%}'}")


if __name__ == "__main__":
    main()
