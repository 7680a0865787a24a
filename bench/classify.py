"""Classifying, beside a PhoBERT-base-shaped model in torch fp32 (random weights: speed does not depend on them), in one run on two cores.

    python -m bench.classify [--without-torch]

Comments a second by the whole cascade and its parts, p99 of a single text, start-up, memory and the size of what ships.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from multiprocessing import get_context
from pathlib import Path
from typing import Final

from classifiers.classifier import Classifier, load_classifier
from classifiers.near_duplicates import signature
from classifiers.training.corpus import load_corpus
from rasoat.settings import ROOT

COUNT: Final = 8000
HARMFUL: Final = 0.05
LONGEST: Final = 400
CORES: Final = 2
FASTER: Final = 100
"""Times the texts a second of the PhoBERT-shaped model (issue 4)."""
P99_MS: Final = 10.0
START_S: Final = 3.0
MEMORY_MB: Final = 600
WEIGHTS_MB: Final = 40


def comments(count: int = COUNT) -> list[str]:
    """Ordinary and harmful comments as the grammars write them, one in twenty harmful."""
    made = list(load_corpus(ROOT / "data" / "training" / "corpus").generate(seed=11))
    rng = random.Random(11)
    harmless = [example.text for example in made if not example.harms and len(example.text) <= LONGEST]
    harmful = [example.text for example in made if example.harms and len(example.text) <= LONGEST]
    return [rng.choice(harmful if rng.random() < HARMFUL else harmless) for _ in range(count)]


def articles(texts: Sequence[str], count: int = 100) -> list[str]:
    """3,000 characters each."""
    rng = random.Random(12)
    return [" ".join(rng.choices(texts, k=60))[:3000] for _ in range(count)]


def measured(name: str, work: Callable[[], object], count: int, rounds: int = 3) -> float:
    """Time it (best of some), print a line, return the rate."""
    best, cpu = float("inf"), 0.0
    for _ in range(rounds):
        wall, spent = time.perf_counter(), time.process_time()
        work()
        took = time.perf_counter() - wall
        if took < best:
            best, cpu = took, time.process_time() - spent
    used = f"{count / cpu:>10,.0f}/s of CPU time" if cpu > best / 10 else "  the CPU time is the children's"
    print(f"{name:<44} {count / best:>10,.0f}/s wall   {used}", flush=True)
    return count / best


_shared: Classifier | None = None


def _part(texts: Sequence[str]) -> int:
    assert _shared is not None
    return len(_shared.assess_many(texts))


def phobert(texts: Sequence[str]) -> float:
    """Texts a second through 12 layers of 768 (RoBERTa, 64,001 pieces) in torch fp32 on two threads, batches of 32 sorted by length."""
    import torch
    from transformers import RobertaConfig, RobertaForSequenceClassification

    torch.set_num_threads(CORES)
    torch.manual_seed(0)
    config = RobertaConfig(
        vocab_size=64_001, hidden_size=768, num_hidden_layers=12, num_attention_heads=12, intermediate_size=3072,
        max_position_embeddings=258, type_vocab_size=1, num_labels=11,
    )  # fmt: skip
    model = RobertaForSequenceClassification(config).eval()
    sizes = sorted(min(256, 2 + round(1.3 * len(text.split()))) for text in texts)  # PhoBERT: about 1.3 pieces a syllable, as published
    batches = [torch.randint(5, 64_000, (len(part), max(part))) for at in range(0, len(sizes), 32) if (part := sizes[at : at + 32])]

    def work() -> None:
        with torch.inference_mode():
            for batch in batches:
                model(batch)

    return measured("PhoBERT-base-shaped, torch fp32, 2 threads", work, len(texts), rounds=2)


def single(classifier: Classifier, texts: Sequence[str]) -> float:
    """99th percentile of one text at a time, in milliseconds."""
    for text in texts[:50]:
        classifier.assess(text)
    took = []
    for text in texts:
        start = time.perf_counter()
        classifier.assess(text)
        took.append(time.perf_counter() - start)
    took.sort()
    return 1000 * took[int(0.99 * len(took))]


_START: Final = """
import json, resource, time
begun = time.perf_counter()
from classifiers.classifier import load_classifier
from rasoat.settings import ROOT
load_classifier(ROOT / "data", ROOT / "models").assess("chào buổi sáng cả nhà")
ready = time.perf_counter() - begun
print(json.dumps([ready, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))
"""


def start() -> tuple[float, float]:
    """Seconds from a fresh process's first import to its first answer, and its memory then, in MB."""
    made = subprocess.run([sys.executable, "-c", _START], check=True, capture_output=True, text=True, cwd=ROOT)
    seconds, memory = json.loads(made.stdout)
    return float(seconds), float(memory)


def weights(folder: Path) -> float:
    """MB of everything in `models/` but cards, figures and pictures."""
    paths = [path for path in folder.rglob("*") if path.is_file() and path.suffix not in (".md", ".svg") and path.name != "metrics.json"]
    return sum(path.stat().st_size for path in paths) / 1e6


def main(arguments: Sequence[str]) -> int:
    """Print everything; 1 when a target is missed."""
    global _shared  # noqa: PLW0603  (workers inherit it by fork)
    parser = argparse.ArgumentParser(prog="python -m bench.classify", description=__doc__)
    parser.add_argument("--without-torch", action="store_true", help="leave out what the cascade is compared with")
    given = parser.parse_args(arguments)
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    started, fresh = start()
    texts = comments()
    long = articles(texts)
    classifier = _shared = load_classifier(ROOT / "data", ROOT / "models")
    print(f"{classifier.versions.model}; {len(texts)} comments of {sum(map(len, texts)) / len(texts):.0f} characters")
    measured("linear model only, one core", lambda: classifier.linear.gated(texts), len(texts))
    measured("rules only, one core", lambda: [classifier.rules.match(text) for text in texts], len(texts))
    measured("cascade, one core", lambda: classifier.assess_many(texts), len(texts))
    with get_context("fork").Pool(CORES) as pool:
        parts = [texts[i : i + 500] for i in range(0, len(texts), 500)]
        whole = measured("cascade, two cores", lambda: pool.map(_part, parts), len(texts))
    measured("articles of 3,000 characters, one core", lambda: classifier.assess_many(long), len(long))
    measured("near-duplicate signatures", lambda: [signature(text) for text in texts[:2000]], 2000)
    p99 = single(classifier, texts[:3000])
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    size = weights(ROOT / "models")
    rows = [
        ("p99 of a single comment, ms", p99, P99_MS), ("start to first answer, s", started, START_S),
        ("memory of a fresh process, MB", fresh, MEMORY_MB), ("memory of this run (corpus included), MB", memory, None),
        ("weights that ship, MB", size, WEIGHTS_MB),
    ]  # fmt: skip
    missed = 0
    for name, value, most in rows:
        over = most is not None and value > most
        missed += over
        print(f"{name:<44} {value:>10.2f}" + ("" if most is None else f"   at most {most:g}: {'MISSED' if over else 'met'}"))
    if not given.without_torch:
        times = whole / phobert(texts[:192])
        missed += times < FASTER
        print(f"{'times the PhoBERT-shaped model':<44} {times:>10.0f}   at least {FASTER}: {'met' if times >= FASTER else 'MISSED'}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
