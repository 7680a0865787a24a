"""Runs the expression suite and says, functionality by functionality, whether it holds (data/expression/README.md)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, Protocol

from classifiers.evaluation.expression import Case, Level, Suite
from classifiers.evaluation.metrics import Rate, gap
from classifiers.evaluation.transforms import FRAMES, SPELLINGS
from rasoat.assessments import Assessment
from rasoat.harms import Harm

LIMITS: Final = {Level.B: 0.02, Level.S: 0.05}
"""Upper bound of the false alarm rate, by level."""
ENOUGH: Final = {Level.B: 150, Level.S: 60}
"""Cases from which the bound counts (rule of three: no error in N bounds the rate by 3/N); below, no false alarm is a provisional pass."""
GAP_LIMIT: Final = 0.05


class Assesses(Protocol):
    """What is measured: a `Classifier`, or a test's stand-in."""

    def assess_many(self, texts: Sequence[str]) -> list[Assessment]:
        """One assessment a text."""
        ...


class Verdict(StrEnum):
    """Whether a functionality holds."""

    PASS = "pass"  # noqa: S105  (no password)
    PROVISIONAL = "provisional"  # nothing wrong, too few cases to say so
    FAIL = "FAIL"
    REPORTED = "reported"  # level W, or recall, which gates nothing


@dataclass(frozen=True, slots=True)
class Row:
    """One functionality. `flagged`: false alarms where nothing may be flagged, finds where something must be."""

    id: str
    name: str
    level: Level
    harmful: bool
    flagged: Rate
    verdict: Verdict
    wrong: tuple[str, ...]  # ids of the cases answered wrongly


@dataclass(frozen=True, slots=True)
class ExpressionReport:
    """The whole suite. `ok` is the release gate: no level-B functionality fails, no gap between groups, P not pushed up the queue."""

    rows: tuple[Row, ...]
    pairs: Rate
    flips: dict[str, Rate]
    groups: dict[str, Rate]
    group_gap: float
    civic_lift: float
    problems: tuple[str, ...] = field(default=())

    @property
    def ok(self) -> bool:
        """Whether the release gate is open."""
        return not self.problems

    def to_json(self) -> dict[str, Any]:
        """Plain values, floats included."""
        return {
            "ok": self.ok,
            "problems": list(self.problems),
            "functionalities": [
                {
                    "id": r.id,
                    "name": r.name,
                    "level": r.level.value,
                    "expects_flag": r.harmful,
                    "verdict": r.verdict.value,
                    "wrong": list(r.wrong),
                }
                | _json(r.flagged)
                for r in self.rows
            ],
            "pairs": _json(self.pairs),
            "flips": {name: _json(rate) for name, rate in self.flips.items()},
            "groups": {name: _json(rate) for name, rate in self.groups.items()},
            "group_gap": round(self.group_gap, 4),
            "civic_lift": round(self.civic_lift, 3),
        }

    def table(self) -> str:
        """For a terminal."""
        lines = [f"{'id':<5} {'lvl':<3} {'flagged':>9} {'rate':>6} {'95% up':>7}  {'verdict':<11} functionality"]
        for harmful, title in ((False, "must not be flagged"), (True, "must be flagged (recall)")):
            lines.append(f"-- {title}")
            for r in (row for row in self.rows if row.harmful is harmful):
                rate, wrong = r.flagged, f"  [{', '.join(r.wrong[:6])}]" if r.wrong and not harmful else ""
                figures = f"{rate.hits:>4}/{rate.n:<4} {100 * rate.value:>5.1f}% {100 * rate.high:>6.1f}%"
                lines.append(f"{r.id:<5} {r.level:<3} {figures}  {r.verdict:<11} {r.name}{wrong}")
        lines += ["-- robustness: verdicts that changed"] + [f"{name:<24} {rate}" for name, rate in self.flips.items()]
        lines += ["-- groups: false alarms"] + [f"{name:<24} {rate}" for name, rate in self.groups.items()]
        lines += [
            f"pairs with both right: {self.pairs}",
            f"largest gap between groups with 60 cases: {100 * self.group_gap:.1f} points (limit {100 * GAP_LIMIT:.0f})",
            f"civic texts in the top tenth of the queue, against their share: {self.civic_lift:.2f} (limit 1.00)",
            "gate: open" if self.ok else "gate: CLOSED: " + "; ".join(self.problems),
        ]
        return "\n".join(lines)


def evaluate_expression(classifier: Assesses, suite: Suite) -> ExpressionReport:
    """Run the suite and all renderings of it."""
    cases = suite.cases
    assessments = classifier.assess_many([case.text for case in cases])
    flagged = [frozenset(assessment.flagged) for assessment in assessments]
    by_id = {case.id: (case, codes) for case, codes in zip(cases, flagged, strict=True)}
    rows = _rows(suite, flagged)
    groups = _groups(cases, flagged)
    lift = civic_lift(cases, assessments)
    problems = [f"{row.id} {row.name}: {row.flagged}" for row in rows if row.level is Level.B and row.verdict is Verdict.FAIL]
    if gap(groups) > GAP_LIMIT:
        problems.append(f"gap between groups {100 * gap(groups):.1f} points")
    if lift > 1.0:
        problems.append(f"civic texts are pushed up the queue: {lift:.2f}")
    flips = _written_flips(by_id) | {name: _flips(classifier, render, cases, flagged) for name, render in SPELLINGS.items()}
    harmless = [i for i, case in enumerate(cases) if not case.harmful]
    for name, render in FRAMES.items():
        flips[name] = _flips(classifier, render, [cases[i] for i in harmless], [flagged[i] for i in harmless])
    return ExpressionReport(rows, _pairs(by_id), flips, groups, gap(groups), lift, tuple(problems))


def _rows(suite: Suite, flagged: Sequence[frozenset[Harm]]) -> tuple[Row, ...]:
    parts: dict[tuple[str, bool], list[tuple[Case, frozenset[Harm]]]] = {}
    for case, codes in zip(suite.cases, flagged, strict=True):
        parts.setdefault((case.functionality, case.harmful), []).append((case, codes))
    rows = []
    for (name, harmful), members in parts.items():
        level = members[0][0].level
        hits = sum(case.right(codes) if harmful else case.wrongly_flagged(codes) for case, codes in members)
        rate = Rate(hits, len(members))
        wrong = tuple(case.id for case, codes in members if not case.right(codes))
        rows.append(Row(name, suite.names[name], level, harmful, rate, Verdict.REPORTED if harmful else verdict(level, rate), wrong))
    return tuple(rows)


def verdict(level: Level, rate: Rate) -> Verdict:
    """Whether a rate of false alarms holds at its level."""
    if level is Level.W:
        return Verdict.REPORTED
    if rate.n >= ENOUGH[level]:
        return Verdict.PASS if rate.high <= LIMITS[level] or rate.hits == 0 else Verdict.FAIL
    return Verdict.PROVISIONAL if rate.hits == 0 or (level is Level.S and rate.value <= LIMITS[level]) else Verdict.FAIL


def _groups(cases: Sequence[Case], flagged: Sequence[frozenset[Harm]]) -> dict[str, Rate]:
    counts: dict[str, list[bool]] = {}
    for case, codes in zip(cases, flagged, strict=True):
        if case.group and not case.harmful:
            counts.setdefault(case.group, []).append(case.wrongly_flagged(codes))
    return {group: Rate(sum(hits), len(hits)) for group, hits in sorted(counts.items())}


def _pairs(by_id: dict[str, tuple[Case, frozenset[Harm]]]) -> Rate:
    pairs = {tuple(sorted((case.id, case.pair))) for case, _ in by_id.values() if case.pair}
    both = sum(all(by_id[id_][0].right(by_id[id_][1]) for id_ in pair) for pair in pairs)
    return Rate(both, len(pairs))


def _written_flips(by_id: dict[str, tuple[Case, frozenset[Harm]]]) -> dict[str, Rate]:
    counts: dict[str, list[bool]] = {}
    for case, codes in by_id.values():
        if case.of and case.harmful == by_id[case.of][0].harmful:
            counts.setdefault(f"{case.functionality} as written", []).append(bool(codes) != bool(by_id[case.of][1]))
    return {name: Rate(sum(hits), len(hits)) for name, hits in counts.items()}


def _flips(classifier: Assesses, render: Callable[[str], str], cases: Sequence[Case], before: Sequence[frozenset[Harm]]) -> Rate:
    after = classifier.assess_many([render(case.text) for case in cases])
    return Rate(sum(bool(a.flagged) != bool(b) for a, b in zip(after, before, strict=True)), len(cases))


def civic_lift(cases: Sequence[Case], assessments: Sequence[Assessment]) -> float:
    """Share of harmless civic texts (block P) in the top tenth by highest probability, over their share of all; ties are split evenly."""
    tops = [round(max(assessment.probabilities.values()), 9) for assessment in assessments]
    civic = [case.functionality.startswith("P") and not case.harmful for case in cases]
    wanted = len(cases) / 10
    if not any(civic):
        return 0.0
    line = sorted(tops, reverse=True)[int(wanted)]
    above = [is_civic for top, is_civic in zip(tops, civic, strict=True) if top > line]
    tied = [is_civic for top, is_civic in zip(tops, civic, strict=True) if top == line]
    share = (sum(above) + (wanted - len(above)) * sum(tied) / len(tied)) / wanted
    return share / (sum(civic) / len(cases))


def _json(rate: Rate) -> dict[str, Any]:
    return {"hits": rate.hits, "n": rate.n, "rate": round(rate.value, 4), "low": round(rate.low, 4), "high": round(rate.high, 4)}
