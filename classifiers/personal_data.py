"""Personal numbers in running text: finds and masks them wherever text is shown or exported.

Works on folded text, so that `O9O3.xxx` and `+84 903 …` are seen, and hands back ranges of the original. Keeps nothing.
Left alone on purpose: prices, dates, 1800/1900 lines, order numbers without context.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from rasoat.assessments import Span
from rasoat.text import fold_mapped

DOTS: Final = "•••"


class DatumKind(StrEnum):
    """What a number is."""

    EMAIL = "email"
    CITIZEN_ID = "citizen_id"  # căn cước công dân, 12 digits
    PHONE = "phone"
    BANK_ACCOUNT = "bank_account"
    OLD_ID = "old_id"  # chứng minh nhân dân, 9 digits
    TAX_CODE = "tax_code"  # mã số thuế
    SOCIAL_INSURANCE = "social_insurance"  # mã số bảo hiểm xã hội, 10 digits
    PLATE = "plate"  # biển số xe
    ADDRESS = "address"  # house number


@dataclass(frozen=True, slots=True)
class PersonalDatum:
    """One find: what it is, where it stands in the original text, and how it is shown."""

    kind: DatumKind
    span: Span
    masked: str


_NO_PROVINCES: Final = frozenset(
    {0, 3, 5, 7, 9, 13, 16, 18, 21, 23, 28, 29, 32, 39, 41, 43, 47, 50, 53, 55, 57, 59, 61, 63, 65, 69, 71, 73, 76, 78, 81, 85, 88, 90}
)
_PROVINCES: Final = frozenset(f"{code:03}" for code in range(97) if code not in _NO_PROVINCES)
"""First three digits of a citizen number (Thông tư 07/2016/TT-BCA, annex)."""
_TAX_WEIGHTS: Final = (31, 29, 23, 19, 17, 13, 7, 5, 3)
"""Check digit of a tax code: 10 - (weighted sum mod 11)."""

_GAP: Final = r"[ .\-_()*]{0,2}"
_EDGE: Final = r"(?<![0-9a-z@/•])"
_EMAIL: Final = re.compile(r"(?<![a-z0-9._%+\-•])[a-z0-9._%+\-]{1,64}@[a-z0-9\-]{1,63}(?:\.[a-z0-9\-]{1,63}){1,4}")
_TWELVE: Final = re.compile(r"(?<![\d•.,])\d{3}[ .]?\d{3}[ .]?\d{3}[ .]?\d{3}(?![\d•]|[.,]\d)")
_PHONE: Final = re.compile(rf"{_EDGE}(?:\+{_GAP}84|0084|84|[0o])(?:{_GAP}[0-9o]){{9,10}}(?![0-9a-z•])")
_DATE: Final = re.compile(r"[0-3]?\d[./\-][01]?\d[./\-](?:19|20)\d\d")
_ACCOUNT: Final = re.compile(
    r"\b(?:stk|so tai khoan|so tk|tk|tai khoan|ngan hang|[a-z]{2,12}bank)\b[^\d\n•]{0,28}(\d(?:[ .\-]?\d){5,18})(?![\d•])"
    r"|(?<![\d•.,])(\d(?:[ .\-]?\d){7,18})[ ,(\-]{0,3}(?:tai |o |nh |- )?(?:ngan hang|[a-z]{2,12}bank)\b"
)
_OLD_ID: Final = re.compile(
    r"\b(?:cmnd|cmt|cmtnd|chung minh(?: nhan dan| thu)?|so giay to|can cuoc|cccd)\b[^\d\n•]{0,24}"
    r"(\d{3}[ .]?\d{3}[ .]?\d{3}(?:[ .]?\d{3})?)(?![\d•])"
)
_TAX: Final = re.compile(r"\b(?:mst|ma so thue|ma so doanh nghiep|msdn)\b[^\d\n•]{0,24}(\d{10})(?:-\d{3})?(?![\d•])")
_INSURANCE: Final = re.compile(
    r"\b(?:bhxh|bao hiem xa hoi|bhyt|so so bao hiem|ma so bao hiem)\b[^\d\n•]{0,24}([a-z]{0,2}\d{10,13})(?![\d•])"
)
_PLATE: Final = re.compile(
    r"\b\d{2}[a-z]{1,2}\d?[\- ]{1,3}\d{3}\.?\d{2}\b"
    r"|\b(?:bien so|bien kiem soat|bks|xe)\b[^\d\n•]{0,16}(\d{2}[a-z]{1,2}\d?[ .\-]{0,2}(?:\d{3}[. ]?\d{2}|\d{4}))\b"
)
_STREET: Final = r"(?:ngo|ngach|hem|kiet|duong|pho|thon|xom|ap|to dan pho|khu pho|khu tap the|phuong|xa|quoc lo)"
_ADDRESS: Final = re.compile(
    rf"\b(?:so nha|nha so|so) (\d{{1,4}}[a-z]?(?:/\d{{1,4}}){{0,3}})(?=[ ,]{{1,2}}{_STREET}\b)"
    rf"|\b(?:ngo|ngach|hem|kiet) (\d{{1,4}}[a-z]?(?:/\d{{1,4}}){{0,3}})(?![\d.,%]\d)"
    rf"|\b(?:dia chi|nha|o tai|tru tai|thuong tru|song o|o)\b:? {{0,2}}(?:so )?(\d{{1,4}}[a-z]?(?:/\d{{1,4}}){{0,3}}) {_STREET}\b"
)


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text.replace("o", "0"))


def _phone(found: str) -> bool:
    if _DATE.match(found) or found.count("o") > 4:
        return False
    number = re.sub(r"^(?:0084|84)(?=\d{9,10}$)", "0", _digits(found))
    return bool(re.fullmatch(r"0[35789]\d{8}|02\d{9}", number))


def _citizen(found: str) -> bool:
    number = _digits(found)
    return number[:3] in _PROVINCES and number[3] in "0123"


def _tax(found: str) -> bool:
    number = [int(char) for char in _digits(found)[:10]]
    total = sum(weight * digit for weight, digit in zip(_TAX_WEIGHTS, number, strict=False))
    return 10 - total % 11 == number[9]


def _any(_found: str) -> bool:
    return True


_FINDERS: Final[tuple[tuple[DatumKind, re.Pattern[str], Callable[[str], bool]], ...]] = (
    (DatumKind.EMAIL, _EMAIL, _any),
    (DatumKind.CITIZEN_ID, _TWELVE, _citizen),
    (DatumKind.OLD_ID, _OLD_ID, _any),
    (DatumKind.TAX_CODE, _TAX, _tax),
    (DatumKind.SOCIAL_INSURANCE, _INSURANCE, _any),
    (DatumKind.PHONE, _PHONE, _phone),
    (DatumKind.BANK_ACCOUNT, _ACCOUNT, _any),
    (DatumKind.PLATE, _PLATE, _any),
    (DatumKind.ADDRESS, _ADDRESS, _any),
)
"""In order of certainty: what an earlier one takes is gone for the later ones."""


def find(text: str) -> list[PersonalDatum]:
    """Every personal datum, in the order of the text. Ranges never overlap."""
    if not any(char.isdigit() for char in text) and "@" not in text:
        return []
    mapped = fold_mapped(text)
    left = mapped.text  # what no finder has taken yet; taken ranges are dots, so that a neighbour is seen on the next round
    taken: list[PersonalDatum] = []
    while True:
        before = len(taken)
        for kind, pattern, accept in _FINDERS:
            for start, end in _ranges(pattern, left):
                if accept(left[start:end]) and DOTS[0] not in left[start:end]:
                    span = mapped.span(start, end)
                    taken.append(PersonalDatum(kind, span, _masked(kind, span.of(text))))
                    left = left[:start] + DOTS[0] * (end - start) + left[end:]
        if len(taken) == before:
            return sorted(taken, key=lambda datum: datum.span)


def _ranges(pattern: re.Pattern[str], text: str) -> Iterator[tuple[int, int]]:
    """The group that holds the datum, or the whole match."""
    for hit in pattern.finditer(text):
        yield next((hit.span(i) for i in range(1, pattern.groups + 1) if hit.group(i)), hit.span())


def _masked(kind: DatumKind, written: str) -> str:
    if kind is DatumKind.EMAIL:
        name, _, host = written.partition("@")
        return f"{name[:1]}{DOTS}@{host}"
    if kind is DatumKind.ADDRESS:
        return DOTS
    bare = re.sub(r"[^0-9A-Za-z]", "", written)
    keep = 4 if kind is DatumKind.PHONE else 3
    return f"{bare[:keep]}{DOTS}{bare[-3:]}" if len(bare) >= keep + 5 and kind is not DatumKind.PLATE else f"{bare[:2]}{DOTS}"


def mask(text: str) -> str:
    """The text with every personal datum masked (`0903•••198`). Masking twice changes nothing more."""
    parts: list[str] = []
    at = 0
    for datum in find(text):
        parts += [text[at : datum.span.start], datum.masked]
        at = datum.span.end
    return "".join([*parts, text[at:]])
