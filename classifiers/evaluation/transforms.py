"""Renderings that must not change a verdict (block H of the expression suite). Owns those that a program can make.

X08 and X09 are written by hand in the suite.
"""

from __future__ import annotations

import random
import re
import unicodedata
import zlib
from collections.abc import Callable
from typing import Final

_TEENCODE: Final = {
    "không": "ko",
    "được": "đc",
    "gì": "j",
    "vậy": "z",
    "người": "ng",
    "với": "vs",
    "biết": "bt",
    "rồi": "r",
    "cũng": "cx",
    "mình": "mk",
    "quá": "wá",
    "thôi": "thui",
    "luôn": "lun",
    "muốn": "mún",
    "nhiều": "nhìu",
    "nhưng": "nhg",
    "trước": "trc",
    "sao": "seo",
    "yêu": "iu",
    "em": "e",
    "anh": "a",
}
_CONTEXTS: Final = (
    "Sáng nay trời mát, tôi ra chợ mua bó rau rồi ghé quán quen uống cà phê. Ông chủ kể chuyện vườn lan, chuyện con mèo mới đẻ ba con. "
    "Về nhà dọn lại cái tủ sách, lau bụi mấy cuốn truyện cũ, đọc lại vài trang mà nhớ hồi đi học.",
    "Chiều qua tụi nhỏ đá banh ngoài bãi, trái banh lăn xuống mương, cả đám lội xuống vớt, bùn lên tới gối. "
    "Tui ngồi trên bờ đan cái rổ, coi tụi nó cười mà nhớ hồi mình bằng tuổi. Tối nấu nồi canh chua cá lóc, húp một hơi hết ba chén.",
    "Chuyến xe đêm chạy qua hai con đèo, hành khách ngủ gần hết, chỉ còn bác tài với bản nhạc cũ mở nho nhỏ. "
    "Gần sáng xe dừng ở quán ven đường, ai cũng xuống rửa mặt, uống chén trà nóng rồi đi tiếp cho kịp phiên chợ.",
)
_EMOJI: Final = "🙂😂🔥🙏"


def composed(text: str) -> str:
    """The text as the suite holds it: NFC."""
    return unicodedata.normalize("NFC", text)


def without_accents(text: str) -> str:
    """X01: `đ` too."""
    bare = "".join(char for char in unicodedata.normalize("NFD", text) if not unicodedata.combining(char))
    return bare.replace("đ", "d").replace("Đ", "D")


def decomposed(text: str) -> str:
    """X02: NFD."""
    return unicodedata.normalize("NFD", text)


def teencode(text: str) -> str:
    """X03: light, only the commonest spellings."""
    return re.sub(r"\w+", lambda match: _TEENCODE.get(match.group().lower(), match.group()), text)


def zero_width(text: str) -> str:
    """X04: an invisible mark inside every third word."""
    words = text.split(" ")
    return " ".join(f"{word[:2]}\u200b{word[2:]}" if i % 3 == 0 and len(word) > 3 else word for i, word in enumerate(words))


def with_emoji(text: str) -> str:
    """X05: between some words and at the end, the same ones in every run."""
    draw = random.Random(text)  # noqa: S311  (repeatable)
    marked = " ".join(f"{word} {draw.choice(_EMOJI)}" if draw.random() < 0.2 else word for word in text.split(" "))
    return f"{marked} {draw.choice(_EMOJI)}"


def quoted(text: str) -> str:
    """X06: in quotation marks."""
    return f"“{text}”"


def reported(text: str) -> str:
    """X07: in a reporting frame."""
    return f"Bài báo viết rằng: {text}"


def in_context(text: str) -> str:
    """X10: long harmless words around it, one of three settings."""
    context = _CONTEXTS[zlib.crc32(text.encode()) % len(_CONTEXTS)]
    return f"{context} {text} {context}"


SPELLINGS: Final[dict[str, Callable[[str], str]]] = {
    "X01 missing diacritics": without_accents,
    "X02 NFD": decomposed,
    "X03 teencode": teencode,
    "X04 zero-width": zero_width,
    "X05 emoji": with_emoji,
}
"""Keep every verdict, harmful or not. With the text itself the first three are the four renderings of TAXONOMY §3.1."""
FRAMES: Final[dict[str, Callable[[str], str]]] = {
    "X06 quote marks": quoted,
    "X07 reporting frame": reported,
    "X10 long context": in_context,
}
"""Keep the verdict of harmless texts. Harmful ones are left alone: to quote or to report them is another act."""
