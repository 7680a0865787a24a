"""One look at a text: its words and its marks. From it every pass tells cheaply that it has nothing to do, which is so nearly always.

Each question is a condition that the pass cannot do without; the pass itself decides.
"""

from __future__ import annotations

import re
from typing import Final

from classifiers.normalise.numbers import NUMBERS
from classifiers.normalise.tables import SPOKEN_DOMAIN
from classifiers.normalise.words import words

WORD: Final = re.compile(r"[^\W_]+")
_PLAIN_WORD: Final = re.compile(r"\w+")  # the same without `_`, and faster
PICTURE: Final = "\u2190-\u245f\u2500-\u2bff\ufe0f\U0001f000-\U0001f12f\U0001f18a-\U0001f1e5\U0001f200-\U0001faff"
ADDRESS: Final = re.compile(r"(?:https?://|www\.)[^\s]{1,300}|[a-z0-9.\-]{1,80}\.[a-z]{2,10}/[^\s]{0,300}")
_MARK: Final = re.compile(r"[^\w ]")
_INSIDE: Final = re.compile(r"[._*'~|+=^`:;/\\\"#-](?<=[^\W\d_].)[^\W\d_]|_(?<=[^\W_].)[^\W_]")
_TRIPLED: Final = re.compile(r"([^\W\d_])\1\1")
_BANG: Final = re.compile(r"![^\W_]|[^\W_]!")
_OPEN: Final = frozenset("([{<")
_QUOTES: Final = frozenset("\"“”‘’'«»")
_SIGNS: Final = frozenset("@$|")
_FIRST_PICTURE: Final = "\u2190"
_CODES: Final = re.compile(
    r"&#?\w{2,8};|%[0-9a-fA-F]{2}|[(\[{][^\W\d_][)\]}]|hxxp|[(\[{] ?(?:\.|dot|chấm|cham) ?[)\]}]| \.[ a-z]| chấm | cham | dot "
)
_ALPHA: Final = re.compile(r"[^\W\d_]+")
_ALIKE: Final = re.compile(r"[\doqlisbzg]+")
_ENDINGS: Final = frozenset(SPOKEN_DOMAIN.removeprefix("(?:").removesuffix(")").split("|"))
_CODE_MARKS: Final = frozenset("&%([{")
_CODE_WORDS: Final = frozenset({"chấm", "cham", "dot"})


class Glance:
    """`marks`: characters other than letters, digits, `_` and plain spaces.

    `different`: the words, once each. `odd`: those that nobody knows.
    """

    __slots__ = ("different", "found", "marks", "odd", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.found: list[str] = (WORD if "_" in text else _PLAIN_WORD).findall(text)
        self.different = set(self.found)
        self.odd = self.different - words().known
        self.marks = set(_MARK.findall(text))

    def of(self, text: str) -> Glance:
        """The look at what a pass made of the text: the same one where it left it alone."""
        return self if text == self.text else Glance(text)

    def singles(self) -> int:
        """Letters and digits that stand alone."""
        return list(map(len, self.found)).count(1)

    def tripled(self) -> bool:
        """Three of one letter in a row. No known word has them but `www`."""
        return any(_TRIPLED.search(word) for word in self.odd) or "www" in self.different

    def codes(self) -> bool:
        """Codes for letters, letters in brackets, dots that are written out or torn off."""
        maybe = not self.marks.isdisjoint(_CODE_MARKS) or " ." in self.text or "hxxp" in self.text
        return (maybe or not self.different.isdisjoint(_CODE_WORDS)) and _CODES.search(self.text) is not None

    def marks_inside(self) -> bool:
        """A mark between two letters."""
        return bool(self.marks or "_" in self.text) and _INSIDE.search(self.text) is not None

    def bracketed(self) -> bool:
        """Some bracket."""
        return not self.marks.isdisjoint(_OPEN)

    def pictured(self) -> bool:
        """Some picture."""
        return bool(self.marks) and max(self.marks) >= _FIRST_PICTURE

    def quoted(self) -> bool:
        """Some quotation mark."""
        return not self.marks.isdisjoint(_QUOTES)

    def spoken_dots(self) -> bool:
        """An ending of hosts with what may be a dot before it."""
        if self.different.isdisjoint(_ENDINGS):
            return False
        return not self.different.isdisjoint(_CODE_WORDS) or ("." in self.marks and (" ." in self.text or self.bracketed()))

    def spoken_number(self) -> bool:
        """Six words in a row that may be digits, three of them words."""
        if sum(map(NUMBERS.__contains__, self.found)) < 3:
            return False
        return "111111" in "".join(["1" if word in NUMBERS or word.isdigit() else " " for word in self.found])

    def digits_of_letters(self) -> bool:
        """Words of digits, or of digits and letters that look like them."""
        return any(map(_ALIKE.fullmatch, self._with_digits()))

    def syllables(self) -> set[str]:
        """The words without their digits."""
        rest = self._with_digits()
        return self.different.difference(rest).union(*map(_ALPHA.findall, rest)) if rest else self.different

    def _with_digits(self) -> list[str]:
        return [word for word in self.odd if not word.isalpha()]

    def another_scheme(self) -> bool:
        """The end of `http:`, however it begins."""
        return ":" in self.marks and any(end in self.text for end in ("p:", "ps:", "p :", "ps :"))

    def spaced(self) -> bool:
        """Three letters or digits in a row that stand alone."""
        return self.singles() > 2 and "111" in "".join(["1" if len(word) == 1 else " " for word in self.found])

    def signs(self) -> bool:
        """Whether a sign may stand for a letter: it touches one."""
        return not self.marks.isdisjoint(_SIGNS) or ("!" in self.marks and _BANG.search(self.text) is not None)

    def addresses(self) -> bool:
        """What every address has."""
        return "/" in self.marks or "www." in self.text
