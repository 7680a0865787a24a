"""Text for the reading pane: cut into pieces that never overlap, each knowing which reasons cover it.

Offsets are code points of the ORIGINAL text. Addresses and personal data are atoms: shown defanged or masked, never split.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum
from typing import Final

from classifiers.personal_data import PersonalDatum, find
from rasoat.assessments import Span
from rasoat.text.addresses import defang
from review_ui.views.base import View

MAX_SHOWN: Final = 40_000
"""Code points shown before 'show all': a longer page than any reader takes in, and 50 MB on one line must not hang a browser."""

_AROUND: Final = 120
"""Characters around an excerpt in which the words that make a number personal are looked for."""

_ENDINGS: Final = (
    "com|net|org|info|biz|vn|asia|io|me|co|cc|tv|ly|gg|app|dev|xyz|top|club|vip|shop|store|online|site|website|link|click|live|fun|win|bet|"
    "casino|games?|pro|icu|life|world|today|news|blog|space|tech|cloud|page|to|ru|cn|uk|us|eu|de|fr|jp|kr|sg|th|la|kh|example|test|invalid"
)
"""Endings by which a bare name counts as an address. A list, because people write 'em.Anh' without a space."""
_ADDRESS: Final = re.compile(
    r"(?:https?|ftp)://[^\s<>\"'“”]+|\bwww\.[^\s<>\"'“”]+|\b(?:[a-z0-9-]+\.)+(?:" + _ENDINGS + r")\b(?:/[^\s<>\"'“”]*)?",
    re.IGNORECASE | re.ASCII,
)
_TRAILING: Final = ".,;:!?)]}…"


class PieceKind(StrEnum):
    """What a piece is."""

    PLAIN = "plain"
    LINK = "link"
    MASKED = "masked"
    REVEALED = "revealed"


class Piece(View):
    """A stretch of text. `shown` is what may be displayed; `start` and `end` count in the original."""

    start: int
    end: int
    shown: str
    kind: PieceKind = PieceKind.PLAIN
    what: str = ""  # kind of personal datum
    reasons: tuple[int, ...] = ()  # numbers of the reasons that cover it
    codes: tuple[str, ...] = ()  # their harms, without repetition
    closes: tuple[int, ...] = ()  # reasons that end here: their number is printed after the piece


class Mark(View):
    """A reason's span with its number."""

    number: int
    code: str
    start: int
    end: int


class _Atom(View):
    start: int
    end: int
    shown: str
    kind: PieceKind
    what: str = ""


def mask_text(text: str) -> str:
    """One line for lists: personal data masked and addresses defanged."""
    return "".join(piece.shown for piece in pieces(text, ()))


def pieces(
    text: str, marks: Sequence[Mark], revealed: Sequence[Span] = (), personal: Sequence[PersonalDatum] | None = None
) -> tuple[Piece, ...]:
    """Cut `text`. Overlapping and nested marks are handled; a mark that touches an atom covers all of it.

    `personal` is for an excerpt: what was found in the text around it too, where words like `CMND` stand.
    """
    atoms = _atoms(text, revealed, find(text) if personal is None else personal)
    spans = [(mark, *_widen(mark, atoms, len(text))) for mark in marks if mark.start < len(text)]
    cuts = sorted({0, len(text), *(p for a in atoms for p in (a.start, a.end)), *(p for _, s, e in spans for p in (s, e))})
    by_start = {atom.start: atom for atom in atoms}
    out = []
    for start, end in itertools.pairwise(cuts):
        over = [(mark, e) for mark, s, e in spans if s <= start < e]
        atom = by_start.get(start)
        out.append(
            Piece(
                start=start,
                end=end,
                shown=atom.shown if atom else text[start:end],
                kind=atom.kind if atom else PieceKind.PLAIN,
                what=atom.what if atom else "",
                reasons=tuple(mark.number for mark, _ in over),
                codes=tuple(dict.fromkeys(mark.code for mark, _ in over)),
                closes=tuple(mark.number for mark, e in over if e == end),
            )
        )
    return tuple(out)


def excerpt_data(text: str, start: int, end: int) -> tuple[int, int, list[PersonalDatum]]:
    """An excerpt widened until it cuts no personal datum, and what it holds, offsets counted in the excerpt."""
    base = max(0, start - _AROUND)
    seen = [(datum, datum.span.start + base, datum.span.end + base) for datum in find(text[base : end + _AROUND])]
    touched = [(a, b) for _, a, b in seen if a < end and start < b]
    first, last = min([start, *(a for a, _ in touched)]), max([end, *(b for _, b in touched)])
    return first, last, [replace(datum, span=Span(a - first, b - first)) for datum, a, b in seen if first <= a and b <= last]


def _atoms(text: str, revealed: Sequence[Span], personal: Sequence[PersonalDatum]) -> list[_Atom]:
    found = [_personal(datum, text, revealed) for datum in personal]
    taken = [(atom.start, atom.end) for atom in found]
    for match in _ADDRESS.finditer(text):
        address = match[0].rstrip(_TRAILING)
        start, end = match.start(), match.start() + len(address)
        if address and "." in address and not any(s < end and start < e for s, e in taken):
            found.append(_Atom(start=start, end=end, shown=defang(address), kind=PieceKind.LINK))
    return _without_overlap(sorted(found, key=lambda atom: (atom.start, -atom.end)))


def _personal(datum: PersonalDatum, text: str, revealed: Sequence[Span]) -> _Atom:
    start, end = datum.span.start, datum.span.end
    if datum.span in revealed:
        return _Atom(start=start, end=end, shown=text[start:end], kind=PieceKind.REVEALED, what=str(datum.kind))
    return _Atom(start=start, end=end, shown=datum.masked, kind=PieceKind.MASKED, what=str(datum.kind))


def _without_overlap(atoms: list[_Atom]) -> list[_Atom]:
    kept: list[_Atom] = []
    for atom in atoms:
        if not kept or atom.start >= kept[-1].end:
            kept.append(atom)
    return kept


def _widen(mark: Mark, atoms: Sequence[_Atom], length: int) -> tuple[int, int]:
    start, end = mark.start, min(mark.end, length)
    for atom in atoms:
        if atom.start < end and start < atom.end:
            start, end = min(start, atom.start), max(end, atom.end)
    return start, end
