"""For whoever writes grammars: counts, samples, the texts as JSON lines, and word runs shared with files that may not ship.

python -m classifiers.training.corpus [--folder DIR] [--only FAMILY] [--seed N] --stats | --write FILE | --sample SCHEME | --compare FILE...
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from classifiers.training.corpus.corpus import Corpus, load_corpus
from classifiers.training.corpus.likeness import RUN, runs_of, shared_runs, texts_of
from classifiers.training.examples import Example
from rasoat.errors import ConfigError
from rasoat.settings import ROOT

SEED = 20
"""The default of samples and counts; training passes its own."""


def stats(corpus: Corpus, seed: int, share: float) -> Iterator[str]:
    """Counts by harm, stance, split, register, rendering, and what each scheme yields."""
    began = time.perf_counter()
    examples = list(corpus.generate(seed=seed, share=share))
    took = time.perf_counter() - began
    templates = sum(len(scheme.templates) + sum(map(len, scheme.sections.values())) for scheme in corpus.schemes)
    harmless = sum(not example.harms for example in examples)
    yield f"{len(examples):,} texts of {len(corpus.schemes)} schemes, {templates:,} templates and paragraphs, in {took:.1f} s"
    yield f"{harmless / len(examples):.0%} of them harmless"
    yield from _counted("harm", (harm.value for example in examples for harm in example.harms))
    for name in ("split", "stance", "register", "rendering"):
        yield from _counted(name, (str(getattr(example, name)) for example in examples))
    both = Counter((harm.value, str(example.split)) for example in examples for harm in example.harms)
    for harm in sorted({harm for harm, _ in both}):
        yield f"  {harm}: " + ", ".join(f"{split} {count:,}" for (h, split), count in sorted(both.items()) if h == harm)
    lengths = sorted(len(example.text) for example in examples)
    yield f"characters: median {lengths[len(lengths) // 2]}, 99% under {lengths[len(lengths) * 99 // 100]:,}, longest {lengths[-1]:,}"


def _counted(name: str, values: Iterator[str]) -> Iterator[str]:
    counts = Counter(values)
    yield f"{name}: " + ", ".join(
        f"{value.split('+')[0] if '+' not in value else value} {count:,}" for value, count in counts.most_common(14)
    )


def as_json(example: Example) -> str:
    """One line."""
    names = ("text", "split", "scheme", "template", "stance", "register", "rendering")
    row = {name: getattr(example, name) for name in names} | {"harms": sorted(example.harms)}
    return json.dumps(row, ensure_ascii=False)


def compare(corpus: Corpus, files: Sequence[str]) -> Iterator[str]:
    """Word runs of `RUN` words or more that templates share with the texts of raw files, longest first. Nothing of the file is kept."""
    own = runs_of(corpus)
    for name in files:
        hits = shared_runs(own, texts_of(Path(name)))
        yield f"{name}: {len(hits)} runs of {RUN} words or more"
        for scheme, run in sorted(set(hits), key=lambda hit: -len(hit[1])):
            yield f"    {scheme}: {run}"


def main(arguments: Sequence[str]) -> int:
    """Run one of the four."""
    parser = argparse.ArgumentParser(prog="python -m classifiers.training.corpus", description=__doc__)
    parser.add_argument("--folder", type=Path, default=ROOT / "data" / "training" / "corpus")
    parser.add_argument("--only", default="", metavar="FAMILY")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--share", type=float, default=1.0, metavar="X")
    parser.add_argument("--stats", action="store_true")
    parser.add_argument("--write", type=Path, metavar="FILE")
    parser.add_argument("--sample", metavar="SCHEME")
    parser.add_argument("--compare", nargs="+", metavar="FILE")
    given = parser.parse_args(arguments)
    try:
        corpus = load_corpus(given.folder, given.only)
    except ConfigError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    if given.write:
        given.write.write_text(
            "".join(f"{as_json(example)}\n" for example in corpus.generate(seed=given.seed, share=given.share)), encoding="utf-8"
        )
    for line in compare(corpus, given.compare) if given.compare else ():
        print(line)
    for example in corpus.generate(seed=given.seed, share=given.share) if given.sample else ():
        if example.scheme.startswith(given.sample):
            print(f"{example.scheme} | {example.split} | {example.register} | {example.rendering} | {example.text[:600]}")
    for line in stats(corpus, given.seed, given.share) if given.stats else ():
        print(line)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
