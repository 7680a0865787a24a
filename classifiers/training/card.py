"""The model card, written from `metrics.json` by code, so that no figure on it is older than the weights."""

from __future__ import annotations

from typing import Any

LICENCES = {
    "vihos": "ViHOS (Hoang et al. 2023), MIT",
    "safesense": "SafeSense-vi (Trần Thanh Thiện 2025), MIT",
    "viclickbait": "ViClickbait-2025, CC BY 4.0",
    "own": "own corpus of `classifiers/training/corpus`, Apache-2.0",
}


def card(metrics: dict[str, Any]) -> str:
    """Markdown."""
    return "\n".join([*_head(metrics), *_data(metrics), *_figures(metrics), *_groups(metrics), *_limits()]) + "\n"


def _head(metrics: dict[str, Any]) -> list[str]:
    return [
        f"# {metrics['name']}",
        "",
        "Written by `rasoat train` from `metrics.json`. Do not edit.",
        "",
        f"Version `{metrics['version']}`, seed {metrics['seed']}. Logistic regression on hashed character 2-5-grams in words (folded,",
        f"and accented lower-case) and on words and word pairs; 2^{metrics['bits']} rows, int8; one Platt sigmoid a harm.",
        "",
        "It suggests HAT, HAR and SPM to people. Rules (`data/rules`) see the same text; the classifier takes the stronger evidence,",
        "tempered by the rules' safeguards. A harm is only suggested behind its gate (`model.json`):",
        "HAT where the text names a protected group, HAR where somebody is spoken to or pointed at and violence, coercion or exposure is",
        "named, SPM where there is an offer and a contact.",
        "",
    ]


def _data(metrics: dict[str, Any]) -> list[str]:
    lines = ["## Data", "", "| source | licence | kind | train | calibration | dev |", "|---|---|---|---|---|---|"]
    rows: dict[tuple[str, str], dict[str, int]] = {}
    for source, group, split, count in metrics["counts"]:
        if source != "own":
            rows.setdefault((source, group), {})[split] = count
        else:
            own = rows.setdefault((source, "all grammars"), {})
            own[split] = own.get(split, 0) + count
    for (source, group), by in rows.items():
        lines.append(
            f"| {source} | {LICENCES[source]} | {group} | " + " | ".join(str(by.get(s, 0)) for s in ("train", "calibration", "dev")) + " |"
        )
    lines += [
        "",
        "Splits are by cluster: near-duplicates (estimated Jaccard 0.6) and texts of one template stay together. SHA-256 of what went in:",
        "",
    ]
    lines += [f"- `{name}` `{digest}`" for name, digest in sorted(metrics["hashes"].items())]
    lines += [
        "",
        "The published hate and offence labels include insults at officials and plain swearing, which are no harm of taxonomy `vmt/1`.",
        "They count as weak evidence of HAT only where the words name a protected group and are hostile, and never where the State,",
        "a party or a political camp is meant; no row is evidence of HAR (`classifiers/training/labels.py`). Names, numbers and links were",
        "taken out before the rows came here.",
        "",
    ]
    return lines


def _figures(metrics: dict[str, Any]) -> list[str]:
    lines = [
        "## Figures on dev (texts and templates that training and calibration never saw)",
        "",
        "| harm | threshold | precision | recall | F1 (95%, by cluster) | calibration error | positives: own, weak |",
        "|---|---|---|---|---|---|---|",
    ]
    for harm, f in metrics["dev"].items():
        lines.append(
            f"| {harm} | {f['threshold']} | {_rate(f['precision'])} | {_rate(f['recall'])} "
            f"| {f['f1']:.3f} ({f['f1_low']:.3f}-{f['f1_high']:.3f}) "
            f"| {f['ece']:.4f} | {f['positives_own']}, {f['positives_weak']} |"
        )
    return [
        *lines,
        "",
        "Rates as % (hits/of; Wilson 95%). Calibrated, and all figures taken, on texts that pass the harm's gate, for",
        "shares of positives of "
        + ", ".join(f"{harm} {share:.0%}" for harm, share in metrics["prevalence"].items())
        + ". Most positives are",
        "our own sentences: these figures say that the model generalises to",
        "other templates, not how much real harm it finds. `python -m bench.realtext` measures on real text.",
        "Features, gates and grammars were mended after looking at this dev split and at alarms on real text, so the figures flatter.",
        "",
    ]


def _rate(rate: dict[str, Any]) -> str:
    return f"{100 * rate['value']:.1f} ({rate['hits']}/{rate['n']}; {100 * rate['low']:.1f}-{100 * rate['high']:.1f})"


def _groups(metrics: dict[str, Any]) -> list[str]:
    lines = ["## By group of texts: flagged by the linear model alone, on dev", "", "| group | should be | flagged % |", "|---|---|---|"]
    lines += [f"| {name} | {row['expected']} | {_rate(row['rate'])} |" for name, row in metrics["groups"].items()]
    return [*lines, ""]


def _limits() -> list[str]:
    return [
        "## What it must not be used for",
        "",
        "- To decide. It orders a queue that people read; nothing is removed, reported or sent on its word.",
        "- On politics, protest, doctrine, criticism of the State, officials, parties, police, courts: out of scope by charter.",
        "- To judge or to sum up a person: it sees one text, knows no author and must never be run over somebody's history.",
        "- As proof of hate or threat: irony, quotation and reclaimed words look to it like what they quote.",
        "- Outside Vietnamese.",
        "",
    ]
