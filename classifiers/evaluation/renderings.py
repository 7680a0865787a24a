"""Puts every case of the expression suite before a classifier, as it stands and in all its renderings. Judges nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from classifiers.evaluation.expression import Case
from classifiers.evaluation.transforms import FRAMES, SPELLINGS, composed
from rasoat.assessments import Assessment
from rasoat.harms import Harm

BATCH: Final = 1000
"""Texts a call of `assess_many`: bounds memory, changes no answer."""


class Assesses(Protocol):
    """What is measured: a `Classifier`, or a test's stand-in."""

    def assess_many(self, texts: Sequence[str]) -> list[Assessment]:
        """One assessment a text."""
        ...


@dataclass(frozen=True, slots=True)
class Seen:
    """What came of one case. `rendered`: flagged codes by rendering; a rendering that leaves the text as it is is not among them."""

    case: Case
    plain: Assessment
    rendered: dict[str, frozenset[Harm]]

    @property
    def flagged(self) -> frozenset[Harm]:
        """Codes flagged on the text as it stands (NFC)."""
        return frozenset(self.plain.flagged)

    @property
    def hit(self) -> bool:
        """On the text as it stands: a false alarm where nothing may be flagged, a find where something must be."""
        return self.hits(self.flagged)

    def hits(self, flagged: frozenset[Harm]) -> bool:
        """`hit` for other codes."""
        return self.case.right(flagged) if self.case.harmful else self.case.wrongly_flagged(flagged)

    def everywhere(self) -> dict[str, bool]:
        """`hit` by rendering, the text itself first, under ``""``."""
        return {"": self.hit} | {name: self.hits(flagged) for name, flagged in self.rendered.items()}


def observe(classifier: Assesses, cases: Sequence[Case]) -> tuple[Seen, ...]:
    """Assess all cases, composed. Those that are renderings themselves (`of`) are taken as stored and not rendered again."""
    plain = list(_assess(classifier, [case.text if case.of else composed(case.text) for case in cases]))
    wanted = [(i, name, text) for i, case in enumerate(cases) if not case.of for name, text in renderings(case)]
    rendered: list[dict[str, frozenset[Harm]]] = [{} for _ in cases]
    for (i, name, _), answer in zip(wanted, _assess(classifier, [text for _, _, text in wanted]), strict=True):
        rendered[i][name] = frozenset(answer.flagged)
    return tuple(Seen(case, answer, forms) for case, answer, forms in zip(cases, plain, rendered, strict=True))


def renderings(case: Case) -> Iterator[tuple[str, str]]:
    """Name and text of every rendering that differs from the case's text and keeps what must come of it."""
    text = composed(case.text)
    for name, render in (SPELLINGS if case.harmful else SPELLINGS | FRAMES).items():
        made = render(text)
        if made != text:
            yield name, made


def _assess(classifier: Assesses, texts: Sequence[str]) -> Iterator[Assessment]:
    for start in range(0, len(texts), BATCH):
        yield from classifier.assess_many(texts[start : start + BATCH])
