"""Runs the expression suite and says, functionality by functionality, whether it holds (data/expression/README.md).

The size that a bound stands on is the number of renderings; renderings of one case are not independent, so cases are counted beside them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from classifiers.evaluation.expression import Case, Level, Suite
from classifiers.evaluation.metrics import Rate, gap
from classifiers.evaluation.renderings import Assesses, Seen, observe
from classifiers.evaluation.transforms import FRAMES, SPELLINGS
from rasoat.assessments import Assessment

__all__ = ["Assesses", "ExpressionReport", "Failure", "Row", "Verdict", "civic_lift", "evaluate_expression", "verdict"]

LIMITS: Final = {Level.B: 0.02, Level.S: 0.05}
"""Upper bound of the false alarm rate, by level."""
ENOUGH: Final = {Level.B: 150, Level.S: 60}
"""Renderings from which the bound counts (rule of three: no error in N bounds the rate by 3/N); below, a clean row is provisional."""
GAP_LIMIT: Final = 0.05
FLIP_LIMIT: Final = 0.03


class Verdict(StrEnum):
    """Whether a functionality holds."""

    PASS = "pass"  # noqa: S105  (no password)
    PROVISIONAL = "provisional"  # nothing wrong, too few renderings to say so
    FAIL = "FAIL"
    REPORTED = "reported"  # level W, or recall, which gates nothing


@dataclass(frozen=True, slots=True)
class Row:
    """One functionality. A hit is a false alarm where nothing may be flagged, a find where something must be."""

    id: str
    name: str
    level: Level
    harmful: bool
    flagged: Rate  # cases hit as they stand
    ever: Rate  # cases hit in any rendering
    renderings: Rate  # renderings hit, the cases as they stand among them
    verdict: Verdict
    wrong: tuple[str, ...]  # ids of the cases answered wrongly as they stand


@dataclass(frozen=True, slots=True)
class Failure:
    """One case answered wrongly somewhere: what came of it as it stands, and the renderings in which it is wrong (``""``: as it stands)."""

    case: Case
    plain: Assessment
    renderings: tuple[str, ...]


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
    failures: tuple[Failure, ...] = field(default=())
    overall: Rate = field(default=Rate(0, 0))  # harmless cases hit as they stand
    overall_renderings: Rate = field(default=Rate(0, 0))
    unsure: Rate = field(
        default=Rate(0, 0)
    )  # harmless cases that are not flagged and on which the model does not know; they reach no queue
    held: bool = False

    @property
    def ok(self) -> bool:
        """Whether the release gate is open."""
        return not self.problems

    def to_json(self) -> dict[str, Any]:
        """Plain values, floats included. Of the held half: counts, no case."""
        from classifiers.evaluation.table import as_json

        return as_json(self)

    def table(self) -> str:
        """For a terminal. Of the held half: counts, no case."""
        from classifiers.evaluation.table import as_table

        return as_table(self)


def evaluate_expression(classifier: Assesses, suite: Suite) -> ExpressionReport:
    """Run the suite and all renderings of it."""
    seen = observe(classifier, suite.cases)
    own = [one for one in seen if not one.case.of]
    rows = _rows(suite, seen)
    harmless = [one for one in own if not one.case.harmful]
    groups = _groups(own)
    lift = civic_lift([one.case for one in own], [one.plain for one in own])
    return ExpressionReport(
        rows,
        _pairs(seen),
        _flips(own) | _written_flips(seen),
        groups,
        gap(groups),
        lift,
        _held_problems(harmless) if suite.held else _problems(rows, groups, lift),
        () if suite.held else _failures(seen),
        Rate(sum(one.hit for one in harmless), len(harmless)),
        _renderings(harmless),
        Rate(sum(bool(one.plain.uncertain) and not one.flagged for one in harmless), len(harmless)),
        suite.held,
    )


def verdict(level: Level, rate: Rate) -> Verdict:
    """Whether a rate of false alarms holds at its level."""
    if level is Level.W:
        return Verdict.REPORTED
    if rate.n >= ENOUGH[level]:
        return Verdict.PASS if rate.high <= LIMITS[level] or rate.hits == 0 else Verdict.FAIL
    return Verdict.PROVISIONAL if rate.hits == 0 or (level is Level.S and rate.value <= LIMITS[level]) else Verdict.FAIL


def _problems(rows: Iterable[Row], groups: dict[str, Rate], lift: float) -> tuple[str, ...]:
    """What closes the gate."""
    problems = [
        f"{row.id} {row.name}: {row.ever.hits} of {row.ever.n} cases flagged, renderings {row.renderings}"
        for row in rows
        if row.level is Level.B and row.verdict is Verdict.FAIL
    ]
    if gap(groups) > GAP_LIMIT:
        problems.append(f"gap between groups {100 * gap(groups):.1f} points")
    if lift > 1.0:
        problems.append(f"civic texts are pushed up the queue: {lift:.2f}")
    return tuple(problems)


def _held_problems(harmless: Iterable[Seen]) -> tuple[str, ...]:
    """The held half has few cases a functionality: its blocking ones are bounded together, as they stand and in their renderings."""
    blocking = [one for one in harmless if one.case.level is Level.B]
    rates = {"cases": Rate(sum(one.hit for one in blocking), len(blocking)), "renderings": _renderings(blocking)}
    return tuple(f"blocking {name} of the held half: {rate}" for name, rate in rates.items() if verdict(Level.B, rate) is not Verdict.PASS)


def _rows(suite: Suite, seen: Sequence[Seen]) -> tuple[Row, ...]:
    parts: dict[tuple[str, bool], list[Seen]] = {}
    for one in seen:
        parts.setdefault((one.case.functionality, one.case.harmful), []).append(one)
    return tuple(_row(suite, name, harmful, members) for (name, harmful), members in parts.items())


def _row(suite: Suite, name: str, harmful: bool, members: Sequence[Seen]) -> Row:
    level, n = members[0].case.level, len(members)
    plain = Rate(sum(one.hit for one in members), n)
    ever = Rate(sum(any(one.everywhere().values()) for one in members), n)
    rendered = _renderings(members)
    gates = not harmful and not suite.held and not members[0].case.of  # block X holds by its rate of flips
    found = Verdict.REPORTED
    if gates:
        found = Verdict.FAIL if level is Level.B and plain.hits else verdict(level, rendered)
    wrong = tuple(one.case.id for one in members if one.hit is not harmful)
    return Row(name, suite.names[name], level, harmful, plain, ever, rendered, found, wrong)


def _renderings(members: Iterable[Seen]) -> Rate:
    hits = [hit for one in members for hit in one.everywhere().values()]
    return Rate(sum(hits), len(hits))


def _failures(seen: Iterable[Seen]) -> tuple[Failure, ...]:
    found = []
    for one in seen:
        wrong = tuple(name for name, hit in one.everywhere().items() if hit is not one.case.harmful)
        if wrong:
            found.append(Failure(one.case, one.plain, wrong))
    return tuple(found)


def _groups(seen: Sequence[Seen]) -> dict[str, Rate]:
    counts: dict[str, list[bool]] = {}
    for one in seen:
        if one.case.group and not one.case.harmful:
            counts.setdefault(one.case.group, []).append(one.hit)
    return {group: Rate(sum(hits), len(hits)) for group, hits in sorted(counts.items())}


def _pairs(seen: Sequence[Seen]) -> Rate:
    right = {one.case.id: one.case.right(one.flagged) for one in seen}
    pairs = {tuple(sorted((one.case.id, one.case.pair))) for one in seen if one.case.pair}
    return Rate(sum(all(right[id_] for id_ in pair) for pair in pairs), len(pairs))


def _flips(seen: Sequence[Seen]) -> dict[str, Rate]:
    """Of a rendering: texts that it changed, and among them those flagged one way and not the other."""

    def rate(name: str) -> Rate:
        changed = [bool(one.flagged) != bool(one.rendered[name]) for one in seen if name in one.rendered]
        return Rate(sum(changed), len(changed))

    return {name: rate(name) for name in (*SPELLINGS, *FRAMES)}


def _written_flips(seen: Sequence[Seen]) -> dict[str, Rate]:
    by_id = {one.case.id: one for one in seen}
    counts: dict[str, list[bool]] = {}
    for one in seen:
        if one.case.of and one.case.harmful == by_id[one.case.of].case.harmful:
            changed = bool(one.flagged) != bool(by_id[one.case.of].flagged)
            counts.setdefault(f"{one.case.functionality} as written", []).append(changed)
    return {name: Rate(sum(hits), len(hits)) for name, hits in counts.items()}


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
