"""Reading what was written to be overlooked: look-alike, spaced, dotted, repeated, leet, joined letters, teencode, raw typing.

Costly next to folding, so `suspicious` says cheaply whether a text needs it. Offsets always lead back to the original.
Knows no rule; the words that rules use are handed in, because a reading is only taken when it gives one of them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from classifiers.normalise import passes
from classifiers.normalise.glance import WORD
from classifiers.normalise.tables import TEENCODE
from classifiers.normalise.undo import deobfuscated
from rasoat.assessments import Span
from rasoat.text import Mapped, fold, fold_mapped

__all__ = ["PASSES", "Normalised", "deobfuscated", "normalise", "suspicious"]

_SIGNS: Final = re.compile(
    r"(?<![a-z0-9])[a-z](?:[ ._\-*/|',~]{1,2}[a-z0-9]){2}(?![a-z0-9])"  # l u a
    r"|[a-z][013457@$!|]{1,2}[a-z]"  # t1en
    r"|([a-z])\1\1"  # ngonnn
    r"|[a-z][._*'~|-][a-z]{1,3}[._*'~|-][a-z]"  # t.hu.o
    r"|(?<![a-z])[a-z][._*'~|-][a-z]"  # c.a
    r"|\(\.\)|\[\.\]|\bcham (?:com|net|vn|org|top|xyz)\b|[a-z]\d{1,3}[a-z]*\b|[jwzf]"
    r"|[a-z]{8}"  # longer than any Vietnamese syllable: words written together
    r"|[a-z0-9][\u2190-\u2bff\ufe0f\U0001f000-\U0001faff]{1,9}[a-z0-9]"  # a picture inside a word
    r"|\doo?"  # 1OO%
    r"|[^\W\d_a-z]"  # letters that are not Latin
)
_TEEN: Final = frozenset(fold(word) for word in TEENCODE) | frozenset(TEENCODE)

PASSES: Final = (
    "clean",  # lower case, NFC, look-alikes: everything after it sees Latin letters
    "pictures",  # before letters are counted
    "spoken_dots",  # before dots between letters go
    "spaced_letters",
    "dotted_words",
    "repeated_letters",  # before leet: `t111en`
    "leet_digits",  # before words are looked up
    "typed_accents",
    "teencode",
    "joined",  # last: parts only what nothing else could read
)
"""The order, for the documentation and its test."""


@dataclass(frozen=True, slots=True)
class Normalised:
    """What a text says when it is read with goodwill. `accented` keeps the diacritics: báo, bảo and bao are three words."""

    accented: Mapped
    folded: Mapped  # its `original` is `accented.text`

    @property
    def text(self) -> str:
        """The folded reading, which rules match on."""
        return self.folded.text

    def span(self, start: int, end: int) -> Span:
        """The range of the ORIGINAL text behind `text[start:end]`."""
        inner = self.folded.span(start, end)
        return self.accented.span(inner.start, inner.end)


def suspicious(folded: str, words: set[str] | None = None) -> bool:
    """Whether folded text shows a sign of evasion or teencode. `words` saves splitting it again."""
    return _SIGNS.search(folded) is not None or not _TEEN.isdisjoint(words if words is not None else folded.split())


def normalise(text: str, vocabulary: frozenset[str] = frozenset()) -> Normalised:
    """Undo evasion, then read for the rules: `vocabulary` holds their words, folded and accented; a word is only read into one."""
    mapped = deobfuscated(text)
    if mapped.text == text:
        mapped = passes.clean(text)
    if list(map(len, WORD.findall(mapped.text))).count(1) > 2:
        mapped = passes.spaced_letters(mapped, vocabulary)
    mapped = passes.dotted_words(mapped, vocabulary)
    mapped = passes.leet_digits(mapped)
    mapped = passes.by_word(mapped, vocabulary)  # typed accents, then teencode
    mapped = passes.joined(mapped, vocabulary)
    return Normalised(mapped, fold_mapped(mapped.text))
