# ruff: noqa: E501
"""Shapes that rules name: links, phone numbers, sums, times. Bounded patterns over folded text, each with a cheap test before it.

Wider than `classifiers.personal_data`: a rule asks whether there is something like a number, masking asks whether it is one.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from classifiers.hosts import is_reported, looks_reported
from classifiers.normalise.quotes import strewn_quotes

_TLD: Final = (
    "com|net|org|vn|info|biz|io|co|me|cc|tv|ly|gl|to|xyz|top|vip|club|win|bet|live|online|site|store|shop|pro|fun|app|link|click|life|world|"
    "icu|cfd|sbs|buzz|cyou|lol|mobi|tech|space|website|asia|cam|monster|rest|bond|example|test|de|us|uk|ru|cn|la|ph|pw|tk|ml|ga|cf|gq|gg|sh|in|onl"
)
_RISKY_TLD: Final = (
    "xyz|top|vip|club|win|bet|live|online|site|store|shop|pro|fun|click|icu|cfd|sbs|buzz|cyou|lol|cam|monster|rest|bond|pw|tk|ml|ga|cf|gq|cc|"
    "life|world|tech|space|website|onl|asia|ph"
)
_HOST: Final = r"(?<![a-z0-9@.\-])(?:[a-z0-9][a-z0-9\-]{0,62}\.){1,5}"
_END: Final = r"(?:\.example)?(?![a-z0-9\-]|\.[a-z0-9])"


@dataclass(frozen=True, slots=True)
class Shape:
    """A signal: `needs` is a literal, one of which must stand in the text; the rest is the pattern."""

    pattern: re.Pattern[str]
    needs: tuple[str, ...] = ()
    accept: Callable[[str], bool] | None = None

    @property
    def is_address(self) -> bool:
        """Internet addresses are written without diacritics: `được.Cảm` is the end of a sentence."""
        return "." in self.needs

    def find(self, text: str) -> list[tuple[int, int]]:
        """Where it stands in folded text; the first 50."""
        if self.needs and not any(literal in text for literal in self.needs):
            return []
        if self.is_address and _DOT_INSIDE.search(text) is None:
            return []
        found = []
        for hit in self.pattern.finditer(text):
            if self.accept is None or self.accept(hit.group()):
                found.append(hit.span())
                if len(found) >= 50:
                    break
        return found


@dataclass(frozen=True, slots=True)
class Quoted:
    """Words in quotation marks with words of the writer's own around them. A text that is quoted as a whole says what it says."""

    needs: tuple[str, ...] = ()
    is_address: bool = False

    def find(self, text: str) -> list[tuple[int, int]]:
        """Where quotations stand, when at least `OWN_WORDS` words stand outside them."""
        strewn = strewn_quotes(text)
        start, end = _unwrapped(text)
        found = [hit.span() for hit in _QUOTATION.finditer(text, start, end)] if not strewn else []
        outside = len(text.split()) - sum(len(text[start:end].split()) for start, end in found)
        return found[:50] if outside >= OWN_WORDS else []


@dataclass(frozen=True, slots=True)
class Torn:
    """Words torn apart by marks between letters ("k'hu,ye:n m_ai"), all over a text: a way past filters, not a way of writing."""

    needs: tuple[str, ...] = ()
    is_address: bool = False

    def find(self, text: str) -> list[tuple[int, int]]:
        """From the first to the last tear, where there are at least `TEARS`, one for every two words."""
        if len(_MAY_TEAR.findall(text)) < TEARS:
            return []
        found = [hit.start() for hit in _TEAR.finditer(text)]
        return [(found[0], found[-1] + 3)] if len(found) >= max(TEARS, len(text.split()) // 2) else []


TEARS: Final = 5
_MAY_TEAR: Final = re.compile("[,:;_\"'^~*][a-z]")
_DOT_INSIDE: Final = re.compile(r"\.(?<=[a-z0-9\-]\.)[a-z0-9]|http")
"""What every address has."""
_TEAR: Final = re.compile("[a-z][,:;_\"'^~*][a-z]")
OWN_WORDS: Final = 4
_QUOTATION: Final = re.compile("[“„«「][^”“»」]{2,300}[”“»」]|\"[^\"]{2,300}\"|‘[^‘’]{2,300}’|(?<![a-z0-9])'[^']{2,300}'(?![a-z0-9])")


_MARK: Final = re.compile('["“”„«»「」]')


def _unwrapped(text: str) -> tuple[int, int]:
    """Bounds without the marks around the whole text, when another quotation opens inside them: a quoted report still quotes."""
    start, end = len(text) - len(text.lstrip()), len(text.rstrip())
    if end - start < 4 or text[start] not in '"“„«「' or text[end - 1] not in '"”“»」':
        return 0, len(text)
    inner = _MARK.search(text, start + 1, end - 1)
    if inner is None or not (inner.group() in "“„«「" or (inner.group() == '"' and text[inner.start() - 1].isspace())):
        return 0, len(text)
    return start + 1, end - 1


def _shape(pattern: str, *needs: str, accept: Callable[[str], bool] | None = None) -> Shape:
    return Shape(re.compile(pattern), needs, accept)


def _official(host: str) -> bool:
    """A plain address under .vn. Behind `.example` (RFC 2606, our made-up world) the rest is judged as if it were the address."""
    if host.endswith(".example"):
        host = host.removesuffix(".example")
        if "." not in host:
            return "-" not in host
    return bool(re.search(r"\.vn$", host))


_PASSED_OFF: Final = (
    r"bank|ngan-?hang|vneid|dich-?vu-?cong|dvcqg|dvc|thue|etax|gdt|bhxh|vssid|baohiem|congan|bocongan|csgt|phat-?nguoi|evn|dienluc|"
    r"buudien|giaohang|vandon|mobile-?banking|e-?banking|digibank|smartbank|chinhphu|bo-?y-?te|bo-?tai-?chinh|shipper|vietnampost"
)

_ANY_HOST: Final = r"(?<![a-z0-9@.\-])(?:[a-z0-9][a-z0-9\-]{0,62}\.){1,5}[a-z]{2,18}(?![a-z0-9\-]|\.[a-z0-9])"

SIGNALS: Final[dict[str, Shape | Quoted | Torn]] = {
    "quoted": Quoted(),
    "torn_words": Torn(),
    "link": _shape(rf"https?:/{{0,2}}[^\s]{{4,200}}|{_HOST}(?:{_TLD}){_END}(?:/[^\s]{{0,200}})?", ".", "://"),
    "risky_link": _shape(
        rf"{_HOST}(?:{_RISKY_TLD}|example){_END}(?:/[^\s]{{0,200}})?"
        r"|(?<![a-z0-9.])(?:bit|t|cutt|rb|is|v|s|tiny|ow)\.(?:ly|gd|gg|cc|id)/[^\s]{1,60}|tinyurl\.com/[^\s]{1,60}",
        ".",
    ),
    "unofficial_link": Shape(
        re.compile(rf"(?<![a-z0-9@.])(?:[a-z0-9][a-z0-9\-]{{0,62}}\.){{1,5}}(?:{_TLD}){_END}"),
        (".",),
        lambda host: not _official(host) and not re.search(r"(?:^|\.)(?:google|apple|facebook|youtube|zalo|tiktok|microsoft)\.[a-z]{2,4}$", host),
    ),
    "lookalike_link": Shape(
        re.compile(rf"(?<![a-z0-9@.])(?=[a-z0-9.\-]{{0,80}}(?:{_PASSED_OFF}))(?:[a-z0-9][a-z0-9\-]{{0,62}}\.){{1,5}}(?:{_TLD}){_END}"),
        (".",),
        lambda host: not _official(host),
    ),
    "known_phishing_link": Shape(re.compile(_ANY_HOST), (".",), is_reported),
    "phishing_like_link": Shape(re.compile(rf"{_HOST}(?:{_TLD}){_END}"), (".",), looks_reported),
    "press_link": Shape(
        re.compile(rf"(?<![a-z0-9@.])(?:(?:bao|tin|news|thoibao|tap-?chi|truyen-?hinh)[a-z0-9\-]{{2,60}}\.){{1,2}}(?:{_RISKY_TLD}|example){_END}"),
        (".",),
    ),
    "betting_link": _shape(
        rf"{_HOST}(?:bet|win|vip|casino|club|game|cc)(?:{_END})(?:/[^\s]{{0,100}})?"
        rf"|(?<![a-z0-9@.])[a-z0-9\-]{{0,30}}(?:bet|casino|nohu|taixiu|xoso|lode|bong88|cado|cacuoc|gamebai|slot|thantai|jackpot|poker|win)[a-z0-9\-]{{0,30}}\.(?:{_TLD}){_END}"
        rf"|(?<![a-z0-9@.])[a-z]{{0,8}}\d{{2,4}}(?:bet|win|club|vip|casino)[a-z0-9\-]{{0,10}}\.(?:{_TLD}){_END}",
        ".",
    ),
    "phone": _shape(r"(?<![0-9a-z])(?:\+?84|0)[ .\-]?(?:2\d{1,2}|[35789]\d)(?:[ .\-]?[\do]){7,8}(?![0-9a-z])|<phone>", "0", "84", "<"),
    "money": _shape(
        r"(?<![a-z0-9])\d{1,3}(?:[.,]\d{3}){1,4}(?: ?(?:d|dong|vnd|usd|usdt|\$))?(?![0-9a-z])"
        r"|(?<![a-z0-9])(?:\d{1,5}(?:[.,]\d{1,3})?) ?(?:k|tr|trieu|nghin|ngan|ngin|ty|cu|chai|vnd|usd|usdt|dong|\$|d)(?:\d{1,3})?(?![a-z0-9])"
    ),
    "percent": _shape(r"\d{1,4}(?:[.,]\d{1,2})? ?%|\d{1,4} phan tram", "%", "phan tram"),
    "clock": _shape(r"(?<![a-z0-9])(?:[01]?\d|2[0-4]) ?(?:h|g|gio)(?:[0-5]?\d)?(?![a-z0-9])|(?<!\d)[01]?\d:[0-5]\d(?!\d)"),
    "house_number": _shape(r"(?:so nha|nha so|so|ngo|hem|ngach|kiet|duong) \d{1,4}[a-z]?(?:/\d{1,4}){0,3}(?![\d.,])", "ngo", "hem", "so", "duong", "ngach", "kiet"),
    "id_number": _shape(r"(?<!\d)0\d{2}[0-9]\d{8}(?!\d)"),
    "account_number": _shape(r"(?:stk|so tai khoan|so tk|tai khoan|tk)(?: so| la|:| ngan hang| vcb| nh){0,3} ?:? ?[0-9]{3}[0-9 .\-]{3,18}[0-9](?!\d)", "tk", "tai khoan"),
    "quantity": _shape(r"(?<![a-z0-9])\d{1,3}(?:[.,]\d{3}){0,2} ?(?:k|nghin|ngan|trieu)? ?(?:data|khach|so dien thoai|sdt|ho so|thong tin|dong|record|tai khoan)(?![a-z])"),
    "age_under": _shape(r"(?<!\d)(?:[89]|1[0-7]) ?(?:t|tuoi|tuoj|y/?o)(?![a-z0-9])|(?<![a-z])(?:2k(?:0[89]|1\d)|lop [4-9])(?![a-z0-9])"),
    "invite_link": _shape(r"(?:zalo\.me|t\.me|m\.me|wa\.me|telegram\.me|chat\.zalo\.me|discord\.gg|tele(?:gram)? ?[:@])/?[^\s]{1,80}", "me/", "tele", "gg/"),
}  # fmt: skip
"""Every signal that a rule file may name."""
