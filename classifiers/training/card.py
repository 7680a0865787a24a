"""Model cards and `metrics.json`, written by code from what was measured, so that no figure is older than the weights."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from classifiers.classifier import CASCADE, ENCODER, LINEAR, Classifier
from classifiers.evaluation.expression import load_suite
from classifiers.evaluation.heldout import TARGETS, HeldoutReport
from classifiers.evaluation.report import ExpressionReport, evaluate_expression
from classifiers.training import datasets
from classifiers.training.datasets import Material
from classifiers.training.diagram import reliability
from classifiers.training.examples import Split
from classifiers.training.files import to_json, write
from classifiers.training.weigh import HARD, PREVALENCE

LICENCES: Final = {
    "vihos": "ViHOS (Hoang et al. 2023), MIT",
    "safesense": "SafeSense-vi (Trần Thanh Thiện 2025), MIT",
    "viclickbait": "ViClickbait-2025, CC BY 4.0",
    "wiki": "Vietnamese Wikipedia, CC BY-SA 4.0, `data/training/wiki-ATTRIBUTION.txt`",
    "own": "own corpus, `data/training/corpus`, Apache-2.0",
}
_WRITTEN: Final = "Written by `rasoat train` from `metrics.json`. Do not edit."


def write_cards(made: Path, material: Material, classifier: Classifier, figures: HeldoutReport, *, seed: int, data_dir: Path) -> None:
    """`metrics.json`, `CARD.md` and `calibration.svg` of the cascade; figures and cards of the models below it."""
    expression = evaluate_expression(classifier, load_suite(data_dir))
    metrics = measured(material, classifier, figures, expression, seed)
    dev = metrics["heldout"]["splits"][Split.DEV.value]["codes"]
    picture = reliability({code: row["bins"] for code, row in dev.items()}, "dev: probability (across) and share of positives (up)")
    write(made / CASCADE, metrics__json=to_json(metrics), CARD__md=cascade_card(metrics).encode(), calibration__svg=picture.encode())
    linear = {key: metrics[key] for key in ("seed", "hashes", "counts", "versions")}
    write(made / LINEAR, metrics__json=to_json(linear), CARD__md=linear_card(linear).encode())
    if (made / ENCODER).is_dir():
        write(made / ENCODER, CARD__md=encoder_card(metrics, _read(made / ENCODER / "metrics.json")).encode())


def measured(material: Material, classifier: Classifier, figures: HeldoutReport, expression: ExpressionReport, seed: int) -> dict[str, Any]:
    """Everything that the cards say, as plain values."""
    file = classifier.cascade.file
    suite = expression.to_json()
    told = ("id", "name", "level", "expects_flag", "rate", "n", "verdict")
    names = (LINEAR, CASCADE, ENCODER)
    return {
        "seed": seed,
        "versions": dict(zip(names, classifier.versions.model.split(), strict=False)) | {"rules": classifier.versions.rules},
        "hashes": material.hashes,
        "counts": list(datasets.counts(material)),
        "harms": {
            harm.value: {
                "threshold": one.threshold,
                "policy": classifier.thresholds[harm],
                "doubt": one.doubt,
                "first": list(one.first.kinds),
                "second": list(one.second.kinds) if one.second else None,
            }
            for harm, one in file.harms.items()
        },
        "precision": file.precision,
        "band": file.band,
        "heldout": figures.to_json(),
        "expression": {"ok": suite["ok"], "groups": suite["groups"], "flips": suite["flips"], "pairs": suite["pairs"]}
        | {"functionalities": [{key: row[key] for key in told} for row in suite["functionalities"]]},
    }


def cascade_card(metrics: Mapping[str, Any]) -> str:
    """Markdown."""
    parts = [_head(metrics), _data(metrics), _heldout(metrics), _thresholds(metrics), _failures(metrics), _limits()]
    return "\n".join(line for part in parts for line in part) + "\n"


def linear_card(metrics: Mapping[str, Any]) -> str:
    """Markdown."""
    lines = [
        f"# {LINEAR}",
        "",
        _WRITTEN,
        "",
        *_paragraph(
            f"Version `{metrics['versions'][LINEAR]}`, seed {metrics['seed']}. Logistic regressions on",
            "hashed character 2-5-grams in words",
            "(folded, and accented lower-case) and on words and word pairs, over text whose evasions are",
            "undone; 2^19 rows of twelve int8",
            "lanes: eleven harms, and protected speech (warning, news, story, question, satire), a",
            "safeguard that is never told of a text.",
        ),
        "",
        *_paragraph(
            "Its raw log-odds decide nothing alone: the cascade weighs them. Figures, calibration, known",
            "failures and what it must not be",
            f"used for stand in `models/{CASCADE}/CARD.md`.",
        ),
        "",
    ]
    return "\n".join([*lines, *_data(metrics)]) + "\n"


def encoder_card(metrics: Mapping[str, Any], own: Mapping[str, Any]) -> str:
    """Markdown. `own`: what its training told of itself."""
    lines = [
        f"# {ENCODER}",
        "",
        _WRITTEN,
        "",
        *_paragraph(
            f"Version `{metrics['versions'].get(ENCODER, 'not weighed by the cascade')}`.",
            "A compact transformer with a tokenizer of its own:",
            "pre-trained on Wikipedia and the training texts below, fine-tuned on the same harms, int8 in ONNX. Read only where rules and",
            f"linear model cannot rule a harm out (log-odds over {metrics['band']:.1f});",
            "the cascade weighs its raw",
            f"log-odds. Figures of the whole, known failures and what it must not be used for stand in `models/{CASCADE}/CARD.md`.",
        ),
        "",
    ]
    told = {key: value for key, value in own.items() if isinstance(value, str | int | float)}
    lines += [f"- {key}: {value:.3f}" if isinstance(value, float) else f"- {key}: {value}" for key, value in sorted(told.items())]
    history = own.get("held_back")
    if history:
        lines.append("- macro-F1 on training templates held back, by epoch: " + ", ".join(f"{value:.3f}" for value in history))
    return "\n".join([*lines, "", *_data(metrics)]) + "\n"


def _read(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    made: dict[str, Any] = json.loads(path.read_bytes())
    return made


def _head(metrics: Mapping[str, Any]) -> list[str]:
    versions = ", ".join(f"`{version}`" for version in metrics["versions"].values())
    return [
        f"# {CASCADE}",
        "",
        _WRITTEN,
        "",
        f"Versions {versions}; seed {metrics['seed']}.",
        "",
        *_paragraph(
            "Rules and safeguards, then a linear model, then, where those leave a text uncertain, a compact",
            "transformer (when its folder is",
            "there). A monotone logistic regression a harm weighs what they say into one probability,",
            "learnt on the calibration split: rules",
            "and models may only speak for a harm, safeguards and protected speech only against it. It",
            "suggests texts to people and orders",
            "their queue. CSE comes from rules alone; CPR and AGG never come from a text.",
        ),
        "",
    ]


def _data(metrics: Mapping[str, Any]) -> list[str]:
    splits = [split.value for split in Split]
    lines = ["## Data", "", "| source | licence | " + " | ".join(splits) + " |", "|---|---|" + "---|" * len(splits)]
    rows: dict[str, dict[str, int]] = {}
    for source, _, split, count in metrics["counts"]:
        by = rows.setdefault(source, {})
        by[split] = by.get(split, 0) + count
    lines += [f"| {source} | {LICENCES[source]} | " + " | ".join(f"{by.get(s, 0):,}" for s in splits) + " |" for source, by in rows.items()]
    lines += [
        "",
        *_paragraph(
            "Training, calibration and dev are split by template, and by cluster of near-duplicates in the",
            "public sets. `heldout-slots` fills",
            "the schemes of training with words it never saw; `heldout-schemes` are whole schemes, with the",
            "harmless texts beside them, that",
            "it never saw. The labels of the public sets include insults at officials and plain swearing,",
            "which are no harm here: a row is a",
            "positive only where a person read it as one (`data/training/judgements.tsv`). SHA-256 of what went in:",
        ),
        "",
    ]
    return [*lines, *(f"- `{name}` `{digest}`" for name, digest in sorted(metrics["hashes"].items())), ""]


def _heldout(metrics: Mapping[str, Any]) -> list[str]:
    lines = ["## Figures", ""]
    for split, part in metrics["heldout"]["splits"].items():
        target = TARGETS.get(Split(split))
        lines += [
            f"### {split}: {part['texts']:,} texts, macro-F1 {part['macro_f1']:.3f} "
            f"({part['macro_f1_low']:.3f}-{part['macro_f1_high']:.3f})" + (f", target {target:.2f}" if target else ""),
            "",
            f"Harmless texts flagged: {_rate(part['harmless_flagged'])}.",
            "",
            "| harm | positives | precision | recall | F1 (95%, by template) | calibration error | of missed, uncertain |",
            "|---|---|---|---|---|---|---|",
        ]
        lines += [
            f"| {code} | {row['positives']} | {_rate(row['precision'])} | {_rate(row['recall'])} "
            f"| {row['f1']:.3f} ({row['f1_low']:.3f}-{row['f1_high']:.3f}) | {row['ece']:.4f} "
            f"| {100 * row['missed_but_uncertain']['value']:.0f}% |"
            for code, row in part["codes"].items()
        ]
        lines += [
            "",
            "False alarms by who speaks: " + "; ".join(f"{name} {_rate(rate)}" for name, rate in part["alarms"].items()) + ".",
            "",
        ]
    return [
        *lines,
        *_paragraph(
            "Rates as % (hits/of; Wilson 95%). Nearly all positives are our own sentences: the figures say",
            "how far the model carries to other",
            "templates, words and schemes of the same writers, not how much real harm it finds. `python -m",
            "bench.realtext` measures on real",
            "text. Rules, grammars, features and the cascade's settings were mended after looking at",
            "figures of all three splits, so that",
            "they flatter; no text of a held-out split was trained on.",
        ),
        "",
    ]


def _paragraph(*parts: str) -> list[str]:
    return textwrap.wrap(" ".join(parts), 120, break_long_words=False, break_on_hyphens=False)


def _rate(rate: Mapping[str, Any]) -> str:
    return f"{100 * rate['value']:.1f} ({rate['hits']}/{rate['n']}; {100 * rate['low']:.1f}-{100 * rate['high']:.1f})"


def _thresholds(metrics: Mapping[str, Any]) -> list[str]:
    slots = metrics["heldout"]["splits"].get(Split.HELDOUT_SLOTS.value, {"codes": {}})["codes"]
    lines = [
        "## Calibration and thresholds",
        "",
        "![reliability on dev](calibration.svg)",
        "",
        *_paragraph(
            f"Probabilities are for a stream of which {PREVALENCE:.0%} shows the harm and {HARD:.0%} of the",
            "rest is as hard as our own",
            "warnings, news and honest neighbours. Thresholds are the least probability that keeps a",
            f"precision of {metrics['precision']:.0%} on",
            "that stream (calibration split); `queue_threshold` of the policy raises them where it is",
            "higher, and never lowers them. Under the",
            "threshold, from `doubt` on, the answer is `uncertain`: a person would have to look, the model",
            "does not know. Such texts are not",
            "kept, but for those drawn for audit.",
        ),
        "",
        "| harm | least probability for that precision | decides (with policy) | doubt begins | recall that is left, heldout-slots |",
        "|---|---|---|---|---|",
    ]
    for code, row in metrics["harms"].items():
        recall = f"{100 * slots[code]['recall']['value']:.1f}%" if code in slots else "no positives"
        lines.append(f"| {code} | {row['threshold']:.2f} | {row['policy']:.2f} | {row['doubt']:.2f} | {recall} |")
    lines += [
        "",
        "What a unit of evidence adds, in log-odds (rules, linear, protected speech, safeguards, transformer; without and with it):",
        "",
    ]
    lines += [
        f"- {code}: {_weights(row['first'])}" + (f"; asked: {_weights(row['second'])}" if row["second"] else "")
        for code, row in metrics["harms"].items()
    ]
    return [*lines, ""]


def _weights(kinds: list[float]) -> str:
    return ", ".join(f"{weight:+.2f}" for weight in kinds)


def _failures(metrics: Mapping[str, Any]) -> list[str]:
    suite = metrics["expression"]
    lines = ["## Known failures", "", f"Expression suite: gate {'open' if suite['ok'] else 'CLOSED'}.", ""]
    rows = suite["functionalities"]
    alarms = [row for row in rows if not row["expects_flag"] and row["rate"] > 0]
    missed = sorted((row for row in rows if row["expects_flag"] and row["rate"] < 0.7), key=lambda row: row["rate"])
    lines += [f"- false alarms: {row['name']}: {100 * row['rate']:.1f}% of {row['n']}" for row in alarms] or [
        "- no harmless case of the suite is flagged"
    ]
    lines += [f"- misses much: {row['name']}: finds {100 * row['rate']:.0f}% of {row['n']}" for row in missed]
    lines += ["", "By group named in harmless cases, flagged:", ""]
    lines += [f"- {group}: {_group(rate)}" for group, rate in suite["groups"].items()]
    return [*lines, ""]


def _group(rate: Mapping[str, Any]) -> str:
    return f"{100 * rate['rate']:.1f}% ({rate['hits']}/{rate['n']}; to {100 * rate['high']:.1f}%)"


def _limits() -> list[str]:
    return [
        "## What it must not be used for",
        "",
        "- To decide. It orders a queue that people read; nothing is removed, reported or sent on its word.",
        "- On politics, protest, doctrine, criticism of the State, officials, parties, police, courts: out of scope by charter.",
        "- To judge or to sum up a person: it sees one text, knows no author and must never be run over somebody's history.",
        "- As proof of hate, threat or fraud: irony, quotation and reclaimed words look to it like what they quote.",
        "- Outside Vietnamese, or on a stream unlike the one that its thresholds were chosen for, without new thresholds.",
        "",
    ]
