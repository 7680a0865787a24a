"""How people type: without accents, teencode light and heavy, emoji, spacing, upper case, no punctuation, typing slips, two at once.

Owns the shares and the changes. Links, numbers and `.example` names stay as they are, except for upper case.
"""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Final

_WORD: Final = re.compile(r"[^\W\d_]+")
_TOKEN: Final = re.compile(r"\S+")
LIGHT: Final[Mapping[str, str]] = {
    "không": "ko", "được": "đc", "vậy": "z", "gì": "j", "rồi": "r", "với": "vs", "người": "ng", "biết": "bt", "mình": "mk", "bạn": "b",
    "cũng": "cx", "nhưng": "nhg", "như": "nhu", "giờ": "h", "luôn": "lun", "muốn": "mún", "nữa": "nx", "trước": "trc", "những": "nhg",
    "yêu": "iu", "mày": "m", "tao": "t", "thằng": "thg", "nhiều": "nhìu", "thôi": "thui", "anh": "a", "em": "e", "chị": "c", "tiền": "xiền",
    "nhắn": "nt", "bây": "bh", "vẫn": "vx", "quá": "wá", "tháng": "th", "đang": "đg", "điện": "đ",
}  # fmt: skip
"""Common short spellings of whole words. Not meant to be complete: `classifiers.normalise` owns that."""
_HEAVY: Final = (
    (re.compile(r"^ph"), "f"), (re.compile(r"^qu"), "w"), (re.compile(r"^gi"), "j"), (re.compile(r"^kh"), "k"), (re.compile(r"^ngh?"), "g"),
    (re.compile(r"^c(?=[aoôơuư])"), "k"), (re.compile(r"^d(?=[aeiou])"), "z"), (re.compile(r"ng$"), "g"), (re.compile(r"nh$"), "h"),
    (re.compile(r"ch$"), "k"), (re.compile(r"i$"), "j"), (re.compile(r"iê|yê"), "ie"), (re.compile(r"ô"), "oo"),
)  # fmt: skip
_EMOJI: Final = "😂🤣😡😢😭😅🙏👍🔥❤💯🎁💰💵✅❌⚠🚨📢☎📞👉👇⏰🎉😱🤔😤🌸💎🏦📦🆘⭐🙄😍😊"
_TAILS: Final = (" nha", " nhé", " ạ", " luôn", " á", " :))", " =))", "...", "!!!", " nghen", " hen", " hỉ", " nhe", " đó", " đấy")
_CONFUSED: Final = tuple(pair.split(":") for pair in ["ch:tr", "tr:ch", "s:x", "x:s", "d:gi", "gi:d", "r:d", "l:n", "n:l", "v:d"])
"""Spellings by ear, North, Centre and South."""
_TONES: Final = {"\u0309": "\u0303", "\u0303": "\u0309"}  # hỏi and ngã, which much of the country says alike


def is_kept(token: str) -> bool:
    """Whether a token is a link, a name of a host, a number or an amount."""
    return ".example" in token or "://" in token or "@" in token or sum(c.isdigit() for c in token) >= 2


def _by_word(text: str, change: Callable[[str], str]) -> str:
    return _TOKEN.sub(lambda m: m.group() if is_kept(m.group()) else _WORD.sub(lambda w: change(w.group()), m.group()), text)


def unaccented(text: str, rng: random.Random) -> str:
    """No marks at all."""
    plain = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    return unicodedata.normalize("NFC", plain).replace("đ", "d").replace("Đ", "D")


def light(text: str, rng: random.Random) -> str:
    """Short spellings of common words, most of them."""
    return _by_word(text, lambda word: LIGHT.get(word.lower(), word) if rng.random() < 0.7 else word)


def heavy(text: str, rng: random.Random) -> str:
    """Teencode: short words, and letters for sounds."""

    def change(word: str) -> str:
        low = word.lower()
        if low in LIGHT:
            return LIGHT[low]
        for pattern, letters in _HEAVY:
            if len(low) > 2 and rng.random() < 0.45:
                low = pattern.sub(letters, low)
        return low

    return _by_word(text, change)


def emoji(text: str, rng: random.Random) -> str:
    """One to four emoji between words and at the ends."""
    words = text.split(" ")
    for _ in range(rng.randint(1, 4)):
        words.insert(rng.choice((0, len(words), rng.randint(0, len(words)))), rng.choice(_EMOJI) * rng.choice((1, 1, 1, 2, 3)))
    return " ".join(words)


def spacing(text: str, rng: random.Random) -> str:
    """Doubled or missing spaces around punctuation, line breaks for sentences."""
    text = re.sub(r"([.!?]) (?=\S)", lambda m: m.group(1) + rng.choice((" ", "\n", "  ", "")), text)
    text = re.sub(r", ", lambda m: rng.choice((", ", ",", " , ", "  ")), text)
    return re.sub(r"(?<=\w) (?=\w)", lambda m: "  " if rng.random() < 0.05 else " ", text)


def upper(text: str, rng: random.Random) -> str:
    """All in capitals, or one stretch of it."""
    if rng.random() < 0.4:
        return text.upper()
    words = text.split(" ")
    start = rng.randrange(len(words))
    end = start + rng.randint(2, 8)
    return " ".join(word.upper() if start <= at < end else word for at, word in enumerate(words))


def bare(text: str, rng: random.Random) -> str:
    """No punctuation, small letters."""
    return re.sub(r"[.,!?;:\"“”](?=\s|$)|(?<=\s)[\"“]", "", text).lower()


def typos(text: str, rng: random.Random) -> str:
    """Slips of the finger and spellings by ear, about one word in eight."""

    def change(word: str) -> str:
        if len(word) < 3 or rng.random() > 0.13:
            return word
        at = rng.randrange(len(word) - 1)
        kind = rng.randrange(5)
        if kind == 0:
            return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        if kind == 1:
            return word[:at] + word[at + 1 :]
        if kind == 2:
            return word[: at + 1] + word[at:]
        if kind == 3:
            return unicodedata.normalize("NFC", "".join(_TONES.get(c, c) for c in unicodedata.normalize("NFD", word)))
        start, other = rng.choice(_CONFUSED)
        return other + word[len(start) :] if word.startswith(start) else word

    return _by_word(text, change)


def tail(text: str, rng: random.Random) -> str:
    """A word or mark of mood at the end."""
    return text.rstrip(".") + rng.choice(_TAILS)


KINDS: Final[Mapping[str, Callable[[str, random.Random], str]]] = {
    change.__name__: change for change in (unaccented, light, heavy, emoji, spacing, upper, bare, typos, tail)
}
_NAMES: Final = ("plain", *KINDS, "mixed")
TRAIN: Final = dict(zip(_NAMES, (36, 14, 9, 4, 7, 4, 3, 9, 5, 5, 4), strict=True))
TEST: Final = dict(zip(_NAMES, (26, 16, 8, 6, 7, 5, 4, 8, 7, 3, 10), strict=True))
FORMAL: Final = {"plain": 82, "unaccented": 10, "spacing": 3, "upper": 2, "typos": 3}
"""Shares in percent. Formal texts (press, notices, long pages) are typed with care."""


def render(text: str, rng: random.Random, *, formal: bool, test: bool) -> tuple[str, str]:
    """The text as somebody types it, and the name of the way."""
    shares = FORMAL if formal else TEST if test else TRAIN
    kind = rng.choices(tuple(shares), weights=tuple(shares.values()))[0]
    if kind == "plain":
        return text, kind
    if kind != "mixed":
        return KINDS[kind](text, rng), kind
    first, second = rng.sample(tuple(KINDS), 2)
    return KINDS[second](KINDS[first](text, rng), rng), f"{first}+{second}"
