"""Ways of writing a text so that people read it and programs do not: each a function from text to text, the same on every run.

Owns how each evasion looks; which texts it is tried on, and what is measured, stands in `classifiers.evaluation.evasion`.
Links and numbers stay as they are, but where the kind is about them: an advert whose link is broken sells nothing.
"""

from __future__ import annotations

import html
import itertools
import random
import re
import unicodedata
import urllib.parse
from collections.abc import Callable
from typing import Final

Evasion = Callable[[str], str]

_TONES: Final = "\u0301\u0300\u0309\u0303\u0323"  # acute, grave, hook, tilde, dot: telex s f r x j, VNI 1 2 3 4 5
_PROTECTED: Final = re.compile(
    r"(?:https?://|www\.)\S+|[\w.\-]*[\w\-]\.(?:[a-z]{2,10}\.)?[a-z]{2,10}(?:/\S*)?(?!\w)|\+?\d[\d .,\-:/]*\d|<[^>]{1,20}>|\S+@\S+",
    re.IGNORECASE,
)
_WORD: Final = re.compile(r"[^\W\d_]{2,}")
_HOST: Final = re.compile(r"\b((?:[a-z0-9][a-z0-9\-]*\.)+[a-z]{2,10})\b", re.IGNORECASE)
_PHONE: Final = re.compile(r"(?<!\d)0\d{2,3}[ .]?\d{3}[ .]?\d{3,4}(?!\d)")
_PICTURES: Final = "🔥💰🍀✨💥⭐"
_SPOKEN: Final = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")


def _draw(text: str) -> random.Random:
    return random.Random(text)  # noqa: S311  (repeatable)


def bare(text: str) -> str:
    """Without diacritics."""
    plain = "".join(char for char in unicodedata.normalize("NFD", text) if not unicodedata.combining(char))
    return plain.replace("đ", "d").replace("Đ", "D")


def _letters(word: str) -> list[str]:
    """Letters with their marks."""
    made: list[str] = []
    for char in unicodedata.normalize("NFC", word):
        if made and unicodedata.combining(char):
            made[-1] += char
        else:
            made.append(char)
    return made


def _words(text: str, change: Callable[[str, int], str]) -> str:
    """Every word changed, with its number; links, numbers and placeholders stay."""
    out: list[str] = []
    count = at = 0

    def plain(part: str) -> str:
        def one(match: re.Match[str]) -> str:
            nonlocal count
            count += 1
            return change(match.group(), count - 1)

        return _WORD.sub(one, part)

    text = unicodedata.normalize("NFC", text)
    for hit in _PROTECTED.finditer(text):
        out += [plain(text[at : hit.start()]), hit.group()]
        at = hit.end()
    return "".join([*out, plain(text[at:])])


def between(mark: str, gap: str = " ") -> Evasion:
    """A mark between the letters of every word."""

    def evade(text: str) -> str:
        return _words(text.replace(" ", gap), lambda word, _n: mark.join(_letters(word)))

    return evade


def inside(mark: str) -> Evasion:
    """A mark after the first letter of every word, and in the middle of longer ones."""

    def one(word: str, _n: int) -> str:
        letters = _letters(word)
        made = [letters[0], mark, *letters[1:]]
        if len(letters) > 3:
            made.insert(len(made) // 2 + 1, mark)
        return "".join(made)

    return lambda text: _words(text, one)


def every(count: int, evade: Callable[[str], str]) -> Evasion:
    """Only every n-th word."""
    return lambda text: _words(text, lambda word, n: evade(word) if n % count == 0 else word)


def syllables_by(mark: str) -> Evasion:
    """Spaces between words of letters become a mark, two of three times; not beside an address, which would break."""

    def evade(text: str) -> str:
        tokens = text.split(" ")
        out = [tokens[0]]
        for n, (one, other) in enumerate(itertools.pairwise(tokens)):
            lettered = one[-1:].isalpha() and other[:1].isalpha() and not _PROTECTED.search(one) and not _PROTECTED.search(other)
            out += [mark if lettered and n % 3 != 2 else " ", other]
        return "".join(out)

    return evade


def table(letters: str, others: str) -> Evasion:
    """Letters for letters; diacritics stay where a combining mark can carry them."""
    rows = {ord(a): b for a, b in zip(letters, others.split(" ") if " " in others else others, strict=True)}

    def one(word: str, _n: int) -> str:
        return unicodedata.normalize("NFC", unicodedata.normalize("NFD", word).translate(rows))

    return lambda text: _words(text, one)


def block(small: int, capital: int, holes: dict[str, str] | None = None) -> Evasion:
    """Letters of a block of look-alikes, by where its a and its A stand."""
    rows = {chr(97 + n): chr(small + n) for n in range(26)} | {chr(65 + n): chr(capital + n) for n in range(26)} | (holes or {})
    return table("".join(rows), " ".join(rows.values()))


def leet(rows: dict[str, str], most: int) -> Evasion:
    """The first letters that a digit or sign can stand for, accents and all."""

    def one(word: str, _n: int) -> str:
        out, done = [], 0
        for letter in _letters(word):
            sign = rows.get(bare(letter).lower())
            if sign is not None and done < most:
                done += 1
                out.append(sign)
            else:
                out.append(letter)
        return "".join(out)

    return lambda text: _words(text, one)


def _typed(word: str, tones: str, marks: dict[str, str], *, at_end: bool) -> str:
    out: list[str] = []
    tone = ""
    for char in unicodedata.normalize("NFD", word):
        if char in _TONES:
            sign = tones[_TONES.index(char)]
            tone, out = (sign, out) if at_end else (tone, [*out, sign])
        elif char in marks:
            key = marks[char]
            out.append(next(letter for letter in reversed(out) if letter.lower() in "aeo") if key == "^" else key)
        else:
            out.append(marks.get(char.lower(), char))
    return "".join(out) + tone


TELEX: Final = {"\u0302": "^", "\u0306": "w", "\u031b": "w", "đ": "dd"}
VNI: Final = {"\u0302": "6", "\u0306": "8", "\u031b": "7", "đ": "d9"}


def typed(tones: str, marks: dict[str, str], *, at_end: bool) -> Evasion:
    """What the keyboard was told, without an input method that listened."""
    return lambda text: _words(text, lambda word, _n: _typed(word, tones, marks, at_end=at_end))


def mixed_forms(text: str) -> str:
    """NFC and NFD by turns."""
    return _words(text, lambda word, n: unicodedata.normalize("NFD" if n % 2 else "NFC", word))


def without_tones(text: str) -> str:
    """Tone marks gone, the marks of vowels kept."""
    plain = "".join(char for char in unicodedata.normalize("NFD", text) if char not in _TONES)
    return unicodedata.normalize("NFC", plain)


def tone_elsewhere(text: str) -> str:
    """The tone on the last vowel instead of the right one: `lưà đaỏ`."""

    def one(word: str, _n: int) -> str:
        spread = unicodedata.normalize("NFD", word)
        tone = next((char for char in spread if char in _TONES), "")
        letters = _letters(unicodedata.normalize("NFC", spread.replace(tone, ""))) if tone else []
        vowels = [n for n, letter in enumerate(letters) if bare(letter).lower() in set("aeiouy")]
        if len(vowels) < 2:
            return word
        letters[vowels[-1]] += tone
        return unicodedata.normalize("NFC", "".join(letters))

    return _words(text, one)


def doubled(text: str) -> str:
    """One letter of every word twice."""

    def one(word: str, n: int) -> str:
        letters = _letters(word)
        at = n % len(letters)
        return "".join([*letters[: at + 1], letters[at], *letters[at + 1 :]])

    return _words(text, one)


def stretched(text: str) -> str:
    """The last letter four times."""
    return _words(text, lambda word, _n: word + _letters(word)[-1] * 3)


def pictures_between(text: str) -> str:
    """A picture for every second space."""
    draw = _draw(text)
    parts = text.split(" ")
    return "".join(part + ("" if n == len(parts) - 1 else f" {draw.choice(_PICTURES)} " if n % 2 else " ") for n, part in enumerate(parts))


def random_case(text: str) -> str:
    """lỪa ĐảO."""
    draw = _draw(text)
    return "".join(char.upper() if draw.random() < 0.5 else char.lower() for char in text)


_FLIPPED: Final = dict(zip("abcdefghijklmnopqrstuvwxyz.,?!'()", "ɐqɔpǝɟƃɥᴉɾʞlɯuodbɹsʇnʌʍxʎz˙'¿¡,)(", strict=True))


def upside_down(text: str) -> str:
    """As the tools for it do: letters on their heads, the line backwards."""
    return "\n".join("".join(_FLIPPED.get(char, char) for char in reversed(bare(line).lower())) for line in text.split("\n"))


def reversed_words(text: str) -> str:
    """The letters of every word backwards."""
    return _words(text, lambda word, _n: "".join(reversed(_letters(word))))


def overridden(text: str) -> str:
    """Words backwards behind a right-to-left override: the screen shows them the right way."""
    return _words(text, lambda word, _n: f"\u202e{''.join(reversed(_letters(word)))}\u202c")


def ridden(marks: str) -> Evasion:
    """Combining marks on every letter."""
    return lambda text: _words(text, lambda word, n: "".join(char + marks[(n + i) % len(marks)] for i, char in enumerate(_letters(word))))


def respelled(*rules: tuple[str, str]) -> Evasion:
    """Spellings that sound the same, by regular expressions over lower-case words."""

    def one(word: str, _n: int) -> str:
        made = word.lower()
        for pattern, other in rules:
            made = re.sub(pattern, other, made)
        return made

    return lambda text: _words(text, one)


def phones(change: Callable[[str], str]) -> Evasion:
    """Telephone numbers written differently."""
    return lambda text: _PHONE.sub(lambda hit: change(re.sub(r"\D", "", hit.group())), text)


def hosts(change: Callable[[str], str]) -> Evasion:
    """Internet addresses written differently."""
    return lambda text: _HOST.sub(lambda hit: change(hit.group()), text)


def digits(rows: str) -> Evasion:
    """Other digits."""
    return lambda text: text.translate({48 + n: row for n, row in enumerate(rows.split(" "))})


def spoken(number: str) -> str:
    """`không chín không …`."""
    return " ".join(_SPOKEN[int(char)] for char in number)


def entities(text: str) -> str:
    """Letters beyond ASCII, and every third one, as HTML entities."""
    return _words(
        text, lambda word, _n: "".join(f"&#{ord(c)};" if not c.isascii() or i % 3 == 0 else html.escape(c) for i, c in enumerate(word))
    )


def percent(text: str) -> str:
    """Words as in an address bar."""
    return _words(text, lambda word, _n: urllib.parse.quote(word))


def in_quotes(text: str) -> str:
    """Every third word in quotation marks."""
    return _words(text, lambda word, n: f'"{word}"' if n % 3 == 1 else word)


def punctuation(text: str) -> str:
    """Other marks for full stop, comma and exclamation."""
    return re.sub(r"([.,!?])(?=\s|$)", lambda hit: {".": " ·", ",": " ‚", "!": " ǃ", "?": " ¿"}[hit.group()], text)


def broken_lines(text: str) -> str:
    """A line break inside every second longer word."""
    return _words(text, lambda word, n: word[: len(word) // 2] + "\n" + word[len(word) // 2 :] if n % 2 and len(word) > 3 else word)


def bracketed(text: str) -> str:
    """[l][ừ][a]."""
    return _words(text, lambda word, _n: "".join(f"[{letter}]" for letter in _letters(word)))
