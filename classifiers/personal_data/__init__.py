"""Personal numbers in running text: finds and masks them wherever text is shown or exported.

Works on folded text with numbers in words and look-alike letters read, and hands back ranges of the original. Keeps nothing.
Left alone on purpose: prices, dates without a birth, 1800/1900 lines, order numbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from classifiers.normalise.letters import clean
from classifiers.normalise.numbers import compact, look_alikes, spoken
from classifiers.personal_data.finders import FINDERS, DatumKind
from rasoat.assessments import Span
from rasoat.text import Mapped, fold_mapped

__all__ = ["DOTS", "DatumKind", "PersonalDatum", "find", "mask"]

DOTS: Final = "•••"
_SIGNS: Final = re.compile(
    r"\d|@|(?:at|a còng|a cong|a móc)[)\]} ]|[oO][lIO]{2}|(?:không|khong|chín|chin|tám|tam|ba|bảy|bay)\s+\w{2,5}\s+\w{2,5}\s", re.IGNORECASE
)
_KEEP: Final = {DatumKind.PHONE: 4, DatumKind.CARD: 4}


@dataclass(frozen=True, slots=True)
class PersonalDatum:
    """One find: what it is, where it stands in the original text, and how it is shown."""

    kind: DatumKind
    span: Span
    masked: str


def find(text: str) -> list[PersonalDatum]:
    """Every personal datum, in the order of the text. Ranges never overlap."""
    if not _SIGNS.search(text) and text.isascii():
        return []
    if not any(char.isdigit() for char in text) and not _SIGNS.search(text):
        return []
    read = look_alikes(compact(spoken(clean(text))))
    folded = fold_mapped(read.text)
    left = folded.text  # what no finder has taken yet; taken ranges are dots, so that a neighbour is seen on the next round
    taken: list[PersonalDatum] = []
    while True:
        before = len(taken)
        for finder in FINDERS:
            for start, end in _ranges(finder.pattern, left):
                if DOTS[0] not in left[start:end] and finder.accept(left[start:end], left[max(0, start - 40) : start]):
                    span = _behind(read, folded, start, end)
                    taken.append(PersonalDatum(finder.kind, span, _masked(finder.kind, span.of(text), left[start:end])))
                    left = left[:start] + DOTS[0] * (end - start) + left[end:]
        if len(taken) == before:
            return sorted(taken, key=lambda datum: datum.span)


def _behind(read: Mapped, folded: Mapped, start: int, end: int) -> Span:
    inner = folded.span(start, end)
    return read.span(inner.start, inner.end)


def _ranges(pattern: re.Pattern[str], text: str) -> Iterator[tuple[int, int]]:
    """The group that holds the datum, or the whole match."""
    for hit in pattern.finditer(text):
        yield next((hit.span(i) for i in range(1, pattern.groups + 1) if hit.group(i)), hit.span())


def _masked(kind: DatumKind, written: str, read: str) -> str:
    """As short as lets two numbers be told apart. A number in words or codes is shown as it reads."""
    if kind is DatumKind.EMAIL:
        name, sign, host = written.partition("@")
        return f"{name[:1]}{DOTS}@{host}" if sign and " " not in host else f"{name[:1]}{DOTS}"
    if kind in (DatumKind.ADDRESS, DatumKind.BIRTH_DATE):
        return DOTS
    bare = re.sub(r"[^0-9A-Za-z]", "", written)
    if sum(map(str.isdigit, bare)) < 3:
        bare = re.sub(r"[^0-9a-z]", "", read)
    keep = _KEEP.get(kind, 3)
    return f"{bare[:keep]}{DOTS}{bare[-3:]}" if len(bare) >= keep + 5 and kind is not DatumKind.PLATE else f"{bare[:2]}{DOTS}"


def mask(text: str) -> str:
    """The text with every personal datum masked (`0903•••198`). Masking twice changes nothing more."""
    parts: list[str] = []
    at = 0
    for datum in find(text):
        parts += [text[at : datum.span.start], datum.masked]
        at = datum.span.end
    return "".join([*parts, text[at:]])
