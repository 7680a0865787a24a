"""The patterns, over folded text, and the check behind each: structure, check digit or words of context, never a bare run of digits.

A finder says which group holds the datum; `classifiers.personal_data.find` puts them in order and leads back to the original.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from classifiers.personal_data.tables import AREAS, BANKS, MOBILE, PLATES, PROVINCES, SERIES, TAX_WEIGHTS


class DatumKind(StrEnum):
    """What a number is."""

    EMAIL = "email"
    CARD = "card"  # payment card
    CITIZEN_ID = "citizen_id"  # căn cước công dân, 12 digits
    PHONE = "phone"
    BANK_ACCOUNT = "bank_account"
    OLD_ID = "old_id"  # chứng minh nhân dân, 9 digits
    PASSPORT = "passport"
    TAX_CODE = "tax_code"  # mã số thuế
    SOCIAL_INSURANCE = "social_insurance"  # mã số bảo hiểm xã hội, 10 digits
    PLATE = "plate"  # biển số xe
    BIRTH_DATE = "birth_date"
    ADDRESS = "address"  # house number


@dataclass(frozen=True, slots=True)
class Finder:
    """`accept` sees the folded words of the datum, and the 40 characters before them."""

    kind: DatumKind
    pattern: re.Pattern[str]
    accept: Callable[[str, str], bool]


_GAP: Final = r"[ .\-_()*/]{0,2}"
_EDGE: Final = r"(?<![0-9a-z@/•])"
_NO_MORE: Final = r"(?![\d•]|[.,]\d)"
_AT: Final = r"(?:@| ?[(\[{] ?(?:at|a|@|a cong|a moc) ?[)\]}] ?| (?:a cong|a moc|at) )"
_POINT: Final = r"(?:\.| ?[(\[{] ?(?:\.|dot|cham) ?[)\]}] ?| (?:cham|dot) )"
_ENDING: Final = "(?:com|net|org|vn|edu|gov|info|biz|io|me|co|app|xyz|online|site|club|top|example|mail)"
_EMAIL: Final = (
    rf"(?<![a-z0-9._%+\-•])[a-z0-9._%+\-]{{1,64}}@[a-z0-9\-]{{1,63}}(?:{_POINT}[a-z0-9\-]{{1,63}}){{1,4}}"
    rf"|(?<![a-z0-9._%+\-•])[a-z0-9._%+\-]{{3,64}}{_AT}[a-z0-9\-]{{2,63}}(?:{_POINT}{_ENDING}){{1,3}}(?![a-z])"
)
_TWELVE: Final = rf"(?<![\d•.,])\d{{3}}[ .\-]?\d{{3}}[ .\-]?\d{{3}}[ .\-]?\d{{3}}{_NO_MORE}"
_PHONE: Final = rf"{_EDGE}(?:\+{_GAP}84|0084|84|[0o])(?:{_GAP}[0-9o]){{9,10}}(?![0-9a-z•])"
_ACCOUNT: Final = (
    rf"(?<![a-z0-9])(?:stk|so tai khoan|so tk|tk|tai khoan|account|acc no|{BANKS})(?![a-z0-9])"
    r"[^\d\n•]{0,28}(\d(?:[ .\-]?\d){5,18})(?![\d•])"
    rf"|(?<![\d•.,])(\d(?:[ .\-]?\d){{7,18}})[ ,(\-|:]{{0,3}}(?:tai |o |nh |- |qua )?{BANKS}(?![a-z0-9])"
)
_OLD_ID: Final = (
    r"(?<![a-z])(?:cmnd|cmt|cmtnd|chung minh(?: nhan dan| thu)?|so giay to|giay to tuy than|can cuoc(?: cong dan)?|cccd)(?![a-z])"
    r"[^\d\n•]{0,24}"
    r"(\d{3}[ .\-]?\d{3}[ .\-]?\d{3}(?:[ .\-]?\d{3})?)(?![\d•])"
)
_PASSPORT: Final = r"(?<![a-z])(?:ho chieu|passport|pp)(?![a-z])[^\d\n•]{0,20}?((?<![a-z0-9])[a-z]\d{7})(?![\d•a-z])"
_TAX: Final = r"(?<![a-z])(?:mst|ma so thue|ma so doanh nghiep|msdn|tax code)(?![a-z])[^\d\n•]{0,24}(\d{10}(?:[ \-]\d{3})?)(?![\d•])"
_INSURANCE: Final = (
    r"(?<![a-z])(?:bhxh|bao hiem xa hoi|bhyt|bao hiem y te|so so bao hiem|ma so bao hiem)(?![a-z])[^\d\n•]{0,24}?"
    r"((?:(?<![a-z0-9])(?:dn|hx|ch|nn|tk|hc|xk|ht|tb|no|td|cs|qn|ca|cy|xn|mm|cc|ck|cb|kc|hd|te|bt|hn|dt|dk|ts|tc|hg|hs|sv|gb|gd)[ .]?)?"
    r"\d(?:[ .]?\d){9,12})(?![\d•])"
)
_PLATE: Final = (
    rf"(?<![a-z0-9.,])(\d{{2}}[\- ]?[{SERIES}](?:[{SERIES}]|\d)?[\- ]{{1,3}}\d{{3}}\.?\d{{2}})(?![a-z0-9])"
    r"|(?<![a-z])(?:bien so|bien kiem soat|bks|bsx|bien xe|xe)(?![a-z])[^\d\n•]{0,16}"
    rf"(\d{{2}}[ \-]?[{SERIES}](?:[{SERIES}]|\d)?[ .\-]{{0,2}}(?:\d{{3}}[. ]?\d{{2}}|\d{{4}}))(?![a-z0-9])"
)
_CARD: Final = rf"(?<![\d•.,])(?:\d{{4}}[ \-]?){{3}}\d{{4}}(?:[ \-]?\d{{3}})?{_NO_MORE}"
_BIRTH: Final = (
    r"(?<![a-z])(?:sinh ngay|ngay sinh|ngay thang nam sinh|sinh|dob|sn|ns)(?![a-z])[^\d\n•]{0,12}"
    r"([0-3]?\d ?[./\- ] ?[01]?\d ?[./\- ] ?(?:19|20)\d\d|[0-3]?\d thang [01]?\d,? nam (?:19|20)\d\d)(?![\d•])"
)
_STREET: Final = r"(?:ngo|ngach|hem|kiet|duong|pho|thon|xom|ap|to dan pho|to|khu pho|khu tap the|phuong|xa|quoc lo)"
_HOUSE: Final = r"\d{1,4}[a-z]?(?:/\d{1,4}[a-z]?){0,4}"
_ADDRESS: Final = (
    rf"(?<![a-z])(?:so nha|nha so|so) ({_HOUSE})(?=[ ,]{{1,2}}{_STREET}(?![a-z]))"
    rf"|(?<![a-z])(?<!bat )(?:ngo|ngach|hem|kiet) ({_HOUSE})(?![.,%]?\d)(?![a-z])"
    r"|(?<![a-z])(?:dia chi|nha(?: no| em| minh| anh| chi| ong| ba)?|o tai|tru tai|thuong tru|song o|cu tru|o)(?![a-z])"
    rf":? {{0,2}}(?:so )?({_HOUSE}) {_STREET}(?![a-z])"
    rf"|(?<![a-z])(?:dia chi|nha rieng|o tai|thuong tru|cu tru)(?![a-z])[:,]? {{0,2}}(?:so )?({_HOUSE})(?= [a-z]+(?: [a-z]+){{0,4}},)"
    rf"|(?<![a-z0-9.,/])({_HOUSE})(?= {_STREET} [a-z0-9]+(?: [a-z0-9]+){{0,4}}, ?(?:phuong|p\.|xa|quan|q\.|huyen|thi tran|tp))"
    rf"|(?<![a-z])can ho (?:so )?([a-z]?\d{{1,2}}[.\-]?\d{{2,3}}[a-z]?)(?=[ ,])"
)
_DATE: Final = re.compile(r"[0-3]?\d[./\-][01]?\d[./\-](?:19|20)\d\d")
_ORDER: Final = re.compile(
    r"(?:ma don|don hang|van don|ma van don|hoa don|giao dich|ma gd|ma so|so series|imei|serial|ma vach|isbn)"
    r"[^a-z]{0,3}(?:so|hang|la)?[^a-z]{0,3}$"
)
_HOTLINE: Final = re.compile(r"^(?:1[89]00)")


def digits(text: str) -> str:
    """Digits only; o is zero."""
    return re.sub(r"\D", "", text.replace("o", "0"))


def _phone(found: str, before: str) -> bool:
    if _DATE.match(found) or found.count("o") > 6 or _ORDER.search(before):
        return False
    number = re.sub(r"^(?:0084|84)(?=\d{9,10}$)", "0", digits(found))
    if len(number) == 10:
        return number[:3] in MOBILE
    return len(number) == 11 and number[0] == "0" and (number[1:3] in AREAS or number[1:4] in AREAS)


def _citizen(found: str, before: str) -> bool:
    number = digits(found)
    born = int(number[4:6])
    fits = number[:3] in PROVINCES and (number[3] in "01" or (number[3] in "23" and born <= 30))
    return fits and not _ORDER.search(before)


def _tax(found: str, _before: str) -> bool:
    number = [int(char) for char in digits(found)[:10]]
    total = sum(weight * digit for weight, digit in zip(TAX_WEIGHTS, number, strict=False))
    return 10 - total % 11 == number[9]


def _account(found: str, _before: str) -> bool:
    number = digits(found)
    money = re.fullmatch(r"\d{1,3}(?:\.\d{3})+", found)
    return not money and (len(number) > 8 or not (_DATE.match(found) or _HOTLINE.match(number)))


def _old_id(found: str, _before: str) -> bool:
    return len(digits(found)) in (9, 12)


def luhn(number: str) -> bool:
    """ISO/IEC 7812-1, annex B."""
    total = 0
    for place, char in enumerate(reversed(number)):
        digit = int(char) * (1 + place % 2)
        total += digit - 9 if digit > 9 else digit
    return total % 10 == 0


def _card(found: str, before: str) -> bool:
    number = digits(found)
    known = number[0] in "456" or number[:4] == "9704" or number[:2] in ("22", "23", "24", "25", "26", "27", "35")
    return known and len(set(number)) > 2 and luhn(number) and not _ORDER.search(before)


def _plate(found: str, _before: str) -> bool:
    return found[:2] in PLATES


def _any(_found: str, _before: str) -> bool:
    return True


FINDERS: Final = tuple(
    Finder(kind, re.compile(pattern), accept)
    for kind, pattern, accept in (
        (DatumKind.EMAIL, _EMAIL, _any),
        (DatumKind.BIRTH_DATE, _BIRTH, _any),
        (DatumKind.CARD, _CARD, _card),
        (DatumKind.CITIZEN_ID, _TWELVE, _citizen),
        (DatumKind.OLD_ID, _OLD_ID, _old_id),
        (DatumKind.TAX_CODE, _TAX, _tax),
        (DatumKind.SOCIAL_INSURANCE, _INSURANCE, _any),
        (DatumKind.PASSPORT, _PASSPORT, _any),
        (DatumKind.PHONE, _PHONE, _phone),
        (DatumKind.BANK_ACCOUNT, _ACCOUNT, _account),
        (DatumKind.PLATE, _PLATE, _plate),
        (DatumKind.ADDRESS, _ADDRESS, _any),
    )
)
"""In order of certainty: what an earlier one takes is gone for the later ones."""
