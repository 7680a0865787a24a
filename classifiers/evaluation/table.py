"""The report of the expression suite for people and for programs: a table for a terminal, plain values for a file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from classifiers.evaluation.metrics import Rate
from classifiers.evaluation.report import FLIP_LIMIT, GAP_LIMIT, ExpressionReport, Failure, Row

MOST: Final = 60
"""Known failures that the table shows; the JSON has them all."""
_HEAD: Final = f"{'id':<5} {'lvl':<3} {'cases':>7} {'ever':>5}  {'renderings':>10} {'rate':>6} {'95% interval':>13}  {'verdict':<11} name"


def as_table(report: ExpressionReport) -> str:
    """For a terminal. Of the held half: counts, no case."""
    lines = [_HEAD]
    for harmful, title in ((False, "must not be flagged: flagged"), (True, "must be flagged: found (gates nothing)")):
        lines.append(f"-- {title}")
        lines += [_row(row) for row in report.rows if row.harmful is harmful]
    lines.append("cases: hit as they stand; ever: cases hit in any rendering; renderings of one case are not independent of each other.")
    lines.append(f"-- robustness: verdicts that changed, by rendering (limit {100 * FLIP_LIMIT:.0f}%)")
    lines += [f"{name:<24} {rate}{'  over the limit' if rate.value > FLIP_LIMIT else ''}" for name, rate in report.flips.items()]
    lines.append("-- groups: false alarms on harmless texts that name them")
    lines += [f"{name:<24} {rate}" for name, rate in report.groups.items()]
    lines += list(_failures(report))
    lines += [
        "-- summary",
        f"harmless cases flagged: {report.overall}; in their renderings: {report.overall_renderings}",
        f"harmless cases on which the model does not know (alone they reach no queue): {report.unsure}",
        f"pairs with both right: {report.pairs}",
        f"largest gap between groups with 60 cases: {100 * report.group_gap:.1f} points (limit {100 * GAP_LIMIT:.0f})",
        f"civic texts in the top tenth of the queue, against their share: {report.civic_lift:.2f} (limit 1.00)",
        "gate: open" if report.ok else "gate: CLOSED: " + "; ".join(report.problems),
    ]
    return "\n".join(lines)


def as_json(report: ExpressionReport) -> dict[str, Any]:
    """Plain values, floats included. Of the held half: counts, no case."""
    return {
        "ok": report.ok,
        "held": report.held,
        "problems": list(report.problems),
        "functionalities": [_plain_row(row, held=report.held) for row in report.rows],
        "harmless": _rate(report.overall),
        "harmless_renderings": _rate(report.overall_renderings),
        "unsure": _rate(report.unsure),
        "pairs": _rate(report.pairs),
        "flips": {name: _rate(rate) for name, rate in report.flips.items()},
        "groups": {name: _rate(rate) for name, rate in report.groups.items()},
        "group_gap": round(report.group_gap, 4),
        "civic_lift": round(report.civic_lift, 3),
        "failures": [_plain_failure(failure) for failure in report.failures],
    }


def _row(row: Row) -> str:
    cases, rate = row.flagged, row.renderings
    figures = f"{cases.hits:>3}/{cases.n:<3} {row.ever.hits:>5}  {rate.hits:>4}/{rate.n:<5} {100 * rate.value:>5.1f}%"
    return f"{row.id:<5} {row.level:<3} {figures} {100 * rate.low:>5.1f}-{100 * rate.high:>5.1f}%  {row.verdict:<11} {row.name}"


def _failures(report: ExpressionReport) -> Iterator[str]:
    false_alarms = [failure for failure in report.failures if not failure.case.harmful]
    if not false_alarms:
        return
    yield "-- known failures: harmless cases flagged (codes as they stand; renderings)"
    for failure in false_alarms[:MOST]:
        codes = " ".join(f"{harm}:{failure.plain.probabilities[harm]:.2f}" for harm in failure.plain.flagged) or "-"
        where = ", ".join(name.split(" ")[0] or "as it stands" for name in failure.renderings)
        yield f"{failure.case.id:<8} {failure.case.level:<2} {codes:<20} {where}"
    if len(false_alarms) > MOST:
        yield f"and {len(false_alarms) - MOST} more: --json lists them all"


def _plain_row(row: Row, *, held: bool) -> dict[str, Any]:
    named = {} if held else {"wrong": list(row.wrong)}
    return {
        "id": row.id,
        "name": row.name,
        "level": row.level.value,
        "expects_flag": row.harmful,
        "verdict": row.verdict.value,
        "ever": _rate(row.ever),
        "renderings": _rate(row.renderings),
        **named,
        **_rate(row.flagged),
    }


def _plain_failure(failure: Failure) -> dict[str, Any]:
    return {
        "id": failure.case.id,
        "expected": sorted(harm.value for harm in failure.case.expected),
        "flagged": {harm.value: round(failure.plain.probabilities[harm], 4) for harm in failure.plain.flagged},
        "reasons": [reason.code for reason in failure.plain.reasons],
        "renderings": [name or "as it stands" for name in failure.renderings],
    }


def _rate(rate: Rate) -> dict[str, Any]:
    return {"hits": rate.hits, "n": rate.n, "rate": round(rate.value, 4), "low": round(rate.low, 4), "high": round(rate.high, 4)}
