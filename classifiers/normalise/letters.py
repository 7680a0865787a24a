"""From what stands on the screen to Latin letters: look-alikes, riders, invisible marks, codes for letters, text on its head or backwards.

Works on characters; knows no word. Everything after it sees lower-case NFC.
"""

from __future__ import annotations

import html
import re
import unicodedata
import urllib.parse
from array import array
from collections.abc import Iterable
from typing import Final

from classifiers.normalise.tables import CAPITALS, FLIPPED, INVISIBLE, LOOKALIKES, PLAIN, VIETNAMESE_MARKS
from rasoat.text import Mapped
from rasoat.text.fold import CharTable, is_mark

_ENTITY: Final = re.compile(r"&(?:#\d{2,7}|#[xX][0-9a-fA-F]{2,6}|[A-Za-z]{2,8}\d{0,2});")
_PERCENT: Final = re.compile(r"(?:%[0-9A-Fa-f]{2}){1,40}")
_OVERRIDE: Final = re.compile("\u202e([^\u202c\u202e\n]{1,2000})\u202c?")
_ON_HEAD: Final = frozenset("ɐǝɟƃɥᴉɾʞɯɹʇʌʍʎɔ")
_MORE_THAN_CAPITALS: Final = re.compile(
    f"[^{re.escape(''.join(sorted(PLAIN - VIETNAMESE_MARKS - frozenset(chr(10) + chr(9) + chr(13)))))}]"
)
_TURNED: Final = re.compile(f"[{''.join(sorted(_ON_HEAD))}]")
_LINE: Final = re.compile(r"[^\n]+")


def replaced(mapped: Mapped, edits: Iterable[tuple[int, int, str]]) -> Mapped:
    """Put `new` for `text[start:end]`, edits in order and apart. Every new character answers for the whole replaced range."""
    parts: list[str] = []
    starts, ends, old_starts, old_ends = array("l"), array("l"), array("l"), array("l")
    text, at = mapped.text, 0
    for start, end, new in edits:
        if not parts:
            old_starts, old_ends = array("l", mapped.starts), array("l", mapped.ends)
        parts += text[at:start], new
        starts += old_starts[at:start]
        ends += old_ends[at:start]
        if new:
            starts.extend([old_starts[start]] * len(new))
            ends.extend([old_ends[end - 1]] * len(new))
        at = end
    if not parts:
        return mapped
    parts.append(text[at:])
    return Mapped("".join(parts), mapped.original, starts + old_starts[at:], ends + old_ends[at:])


def decoded(mapped: Mapped) -> Mapped:
    """`l&#7915;a` and `l%E1%BB%ABa` say what a browser would show."""
    if "&" in mapped.text:
        made = ((hit.start(), hit.end(), _shown(html.unescape(hit.group()), hit.group())) for hit in _ENTITY.finditer(mapped.text))
        mapped = replaced(mapped, made)
    if "%" in mapped.text:
        found = ((hit.start(), hit.end(), urllib.parse.unquote(hit.group(), errors="strict")) for hit in _percents(mapped.text))
        mapped = replaced(mapped, found)
    return mapped


def _shown(made: str, written: str) -> str:
    return made if made and not any("\ud800" <= char <= "\udfff" or char == "\0" for char in made) else written


def _percents(text: str) -> Iterable[re.Match[str]]:
    """Only letters beyond ASCII: `%20` in an address and `100%25` stay."""
    for hit in _PERCENT.finditer(text):
        try:
            if not urllib.parse.unquote(hit.group(), errors="strict").isascii():
                yield hit
        except UnicodeDecodeError:
            continue


def turned(mapped: Mapped) -> Mapped:
    """Words behind a right-to-left override, and lines on their heads, read forward. A line then answers as a whole for its letters."""
    if "\u202e" in mapped.text:
        mapped = replaced(mapped, ((hit.start(), hit.end(), backwards(hit.group(1))) for hit in _OVERRIDE.finditer(mapped.text)))
    if _TURNED.search(mapped.text, 0, 2000) and sum(map(_ON_HEAD.__contains__, mapped.text[:2000])) >= 4:
        lines = _LINE.finditer(mapped.text)
        mapped = replaced(
            mapped,
            (
                (hit.start(), hit.end(), "".join(FLIPPED.get(char, char) for char in reversed(hit.group())))
                for hit in lines
                if sum(char in _ON_HEAD for char in hit.group()) * 6 >= sum(map(str.isalpha, hit.group()))
            ),
        )
    return mapped


def backwards(word: str) -> str:
    """The letters from the last to the first, each with its marks."""
    clusters: list[str] = []
    for char in word:
        if clusters and is_mark(char):
            clusters[-1] += char
        else:
            clusters.append(char)
    return "".join(reversed(clusters))


def _rides(char: str) -> bool:
    return is_mark(char) or char in INVISIBLE or unicodedata.category(char) == "Cf"


def clean(text: str) -> Mapped:
    """Lower case, NFC, invisible and foreign marks dropped, look-alike letters read, white space squeezed. Accents stay."""
    if _MORE_THAN_CAPITALS.search(text) is None and "  " not in text and text == text.strip() and unicodedata.is_normalized("NFC", text):
        return Mapped(text.lower(), text, range(len(text)), range(1, len(text) + 1))
    even = CLEAN.one_to_one(text) if unicodedata.is_normalized("NFC", text) else None
    if even is not None and unicodedata.is_normalized("NFC", even):
        return Mapped(even, text, range(len(text)), range(1, len(text) + 1))
    out: list[str] = []
    starts, ends = array("l"), array("l")
    i, size = 0, len(text)
    while i < size:
        begin, letter = i, text[i]
        i += 1
        while i < size and text[i] > "\x7f" and _rides(text[i]):
            i += 1
        shown = CLEAN[ord(letter)] if i - begin == 1 else _cluster(text[begin:i])
        for char in shown:
            if char.isspace():
                if not out or out[-1] == " ":
                    if ends:
                        ends[-1] = i
                    continue
                char = " "  # noqa: PLW2901
            out.append(char)
            starts.append(begin)
            ends.append(i)
    if out and out[-1] == " ":
        out.pop(), starts.pop(), ends.pop()
    return Mapped("".join(out), text, starts, ends)


def _cluster(written: str) -> str:
    """A letter with what rides on it: only the marks of Vietnamese stay, once each."""
    base = CLEAN[ord(written[0])]
    marks = "".join(dict.fromkeys(char for char in written[1:] if char in VIETNAMESE_MARKS))
    if not marks or len(base) != 1 or not base.isalpha():
        return base
    return unicodedata.normalize("NFC", base + marks)


def _letter(char: str) -> str:
    if char.isascii() or char in INVISIBLE or unicodedata.category(char) == "Cf":
        return char.lower() if char.isascii() else ""
    lower = unicodedata.normalize("NFC", char.lower())
    if char in CAPITALS or lower in LOOKALIKES:
        return CAPITALS.get(char) or LOOKALIKES[lower]
    if len(lower) == 1:
        compatible = unicodedata.normalize("NFKC", lower).lower().strip("()")
        if compatible != lower and compatible.isascii() and compatible.isalnum():
            return compatible
        spread = unicodedata.normalize("NFD", lower)
        if spread[0] in LOOKALIKES:  # ὰ, ό: a look-alike that carries its accent
            return unicodedata.normalize("NFC", LOOKALIKES[spread[0]] + "".join(mark for mark in spread[1:] if mark in VIETNAMESE_MARKS))
        return "" if is_mark(lower) and lower not in VIETNAMESE_MARKS else lower
    return "".join(part for part in lower if not is_mark(part)) or lower


CLEAN: Final = CharTable(_letter)
"""What each character says by itself."""
