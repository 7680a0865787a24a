"""The whole classifier on real text that stands beside the project and never enters it: false alarms on ordinary text, finds on bad text.

    python -m bench.realtext [FOLDER] [--show] [--seed=N] [--only=WORD] [--json FILE]

Nothing here is trained on, kept or shipped. The labels of those sets are not ours ("hate" there includes insults at officials), so
recall against them is a rough sign only. Skipped, and said so, for a set that is not there.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bench import realdata
from classifiers.classifier import Classifier, load_classifier
from classifiers.evaluation.metrics import Rate
from classifiers.spans import MODEL, SpanTagger, character_f1
from rasoat.harms import Harm
from rasoat.settings import ROOT

SEED: Final = 7041
"""Of the draws. Whoever mends the model after reading what a draw shows (`--show`) must report on another: `--seed`."""
ALL: Final = frozenset(Harm)
PEOPLE: Final = frozenset({Harm.HAT, Harm.HAR})


@dataclass(frozen=True, slots=True)
class Job:
    """One set of texts. `harmful`: whether being flagged (with one of `only`) is right."""

    name: str
    texts: Callable[[], list[str]]
    harmful: bool
    only: frozenset[Harm] = ALL


def jobs(folder: Path, seed: int) -> tuple[Job, ...]:
    """All sets, in the order of the report."""
    lists = realdata.lists()
    return (
        Job("ordinary comments", lambda: realdata.comments(folder, seed), False),
        Job("news paragraphs", lambda: realdata.paragraphs(folder, seed), False),
        Job("whole news articles", lambda: realdata.articles(folder, seed), False),
        Job("Wikipedia paragraphs", lambda: realdata.encyclopaedia(folder, seed), False),
        Job("ViClickbait dev, headlines", lambda: realdata.headlines(folder, "non-clickbait"), False),
        Job("ViClickbait dev, clickbait headlines", lambda: realdata.headlines(folder, "clickbait"), False),
        Job("SMS labelled negative", lambda: realdata.sms(folder, "negative"), False),
        Job("SMS labelled scam, a notice as we read it", lambda: realdata.sms(folder, "notice"), False),
        Job("gambling and quack words, honest (own list)", lambda: [*lists["gambling_honest"], *lists["quack_honest"]], False),
        Job("ViHSD dev clean", lambda: realdata.vihsd(folder, "0"), False),
        Job("SMS labelled scam, harmful as we read it", lambda: realdata.sms(folder, "harmful"), True),
        Job("phishing hosts, bare", lambda: realdata.hosts(folder, seed), True),
        Job("phishing hosts in our bait sentences", lambda: realdata.baited(folder, seed), True),
        Job("gambling phrases (own list)", lambda: list(lists["gambling"]), True, frozenset({Harm.GAM, Harm.FRD, Harm.SPM})),
        Job("quack phrases (own list)", lambda: list(lists["quack"]), True, frozenset({Harm.CFM, Harm.SPM, Harm.ADV})),
        Job("ViHSD dev offensive: HAT or HAR", lambda: realdata.vihsd(folder, "1"), False, PEOPLE),
        Job("ViHSD dev hate, none of ours as we read it", lambda: realdata.vihsd_hate(folder, ours=False), False, PEOPLE),
        Job("ViHSD dev hate, ours as we read it", lambda: realdata.vihsd_hate(folder, ours=True), True, PEOPLE),
        Job("ViHOS dev: HAT or HAR", lambda: [text for text, _ in realdata.marked(folder)], False, PEOPLE),
    )


def measured(job: Job, classifier: Classifier, texts: Sequence[str], *, show: bool) -> dict[str, Any]:
    """One line on paper and one entry of the JSON; with `show` also what was flagged (or missed) and why."""
    made = classifier.assess_many(texts)
    hits = [(text, found) for text, found in zip(texts, made, strict=True) if job.only & set(found.flagged)]
    codes = Counter(code.value for _, found in hits for code in found.flagged)
    origins = Counter(reason.code for _, found in hits for reason in found.reasons if reason.harm in found.flagged)
    rate = Rate(len(hits), len(texts))
    print(f"{'found' if job.harmful else 'flagged':<8}{job.name:<46} {rate}   {dict(codes.most_common())}")
    if hits:
        print(" " * 8 + ", ".join(f"{code} {count}" for code, count in origins.most_common(8)))
    for text, found in hits[:25] if show and not job.harmful else ():
        words = "; ".join(f"{reason.code} «{reason.evidence[:60]}»" for reason in found.reasons if reason.harm in found.flagged)
        print(f"    {','.join(found.flagged)} | {text[:160]!r} | {words[:200]}")
    for text in (
        [text for text, found in zip(texts, made, strict=True) if not job.only & set(found.flagged)][:25] if show and job.harmful else ()
    ):
        print(f"    missed | {text[:200]!r}")
    entry: dict[str, Any] = {"flagged": len(hits), "texts": len(texts), "interval": [round(rate.low, 4), round(rate.high, 4)]}
    return entry | {"harmful": job.harmful, "codes": dict(sorted(codes.items()))}


def span_figures(texts: Sequence[tuple[str, frozenset[int]]], tagger: SpanTagger) -> dict[str, Any]:
    """Character F1 of the span tagger (what explains HAT and HAR beside rules and weights) against the annotators' offsets.

    Mean over texts (SemEval-2021 task 5: 1 where both mark nothing), the same over offensive texts only, and over all characters pooled.
    """
    scores: list[float] = []
    offensive: list[float] = []
    both = ours = theirs = 0
    for text, gold in texts:
        found = tagger.spans(text)
        covered = {at for span in found for at in range(span.start, span.end)}
        scores.append(character_f1(found, gold))
        if gold:
            offensive.append(scores[-1])
        both, ours, theirs = both + len(covered & gold), ours + len(covered), theirs + len(gold)
    made = {
        "mean_f1": sum(scores) / len(scores),
        "mean_f1_offensive": sum(offensive) / len(offensive),
        "pooled_f1": 2 * both / (ours + theirs),
    }
    return {name: round(value, 4) for name, value in made.items()} | {"texts": len(scores), "offensive": len(offensive)}


def main(arguments: Sequence[str]) -> None:
    """Print all figures; with `--json` write them too."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.realtext", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--show", action="store_true", help="print what was wrongly flagged or missed")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--only", default="", metavar="WORD", help="only the sets whose name holds this")
    parser.add_argument("--json", type=Path, metavar="FILE")
    given = parser.parse_args(arguments)
    classifier = load_classifier(ROOT / "data", ROOT / "models")
    versions = classifier.versions
    print(f"versions {versions}, seed {given.seed}")
    report: dict[str, Any] = {"seed": given.seed, "versions": str(versions), "sets": {}}
    for job in jobs(given.folder, given.seed):
        if given.only not in job.name:
            continue
        try:
            report["sets"][job.name] = measured(job, classifier, job.texts(), show=given.show)
        except FileNotFoundError as error:
            print(f"        {job.name:<46} not measured: {error.filename} is not there")
    if given.only in "ViHOS dev spans":
        try:
            report["spans"] = span_figures(realdata.marked(given.folder), SpanTagger.load(ROOT / "models" / MODEL))
            print(f"ViHOS dev spans, character F1: {report['spans']}")
        except FileNotFoundError as error:
            print(f"ViHOS dev spans not measured: {error.filename} is not there")
    if given.json:
        given.json.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
