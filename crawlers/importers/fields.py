"""Typed reading of foreign records: a value of the right type, or `Missing`. Never zero or empty for what is not there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

from crawlers.importers.records import JsonObject
from rasoat.missing import Maybe, Missing

VIETNAM: Final = timezone(timedelta(hours=7))
"""Local time for a date without an offset: an export by a reader in Viet Nam."""
_EPOCH_MS_FROM: Final = 10**11
"""Larger numbers are milliseconds: as seconds they would lie past the year 5138."""
_OLDEST: Final = datetime(1995, 1, 1, tzinfo=UTC)
"""Nothing that we import was published before; an earlier date is a zero or a spreadsheet's error."""
_NUMERIC_FORMS: Final = ("%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%d/%m/%Y", "%d-%m-%Y %H:%M:%S", "%d-%m-%Y %H:%M", "%d-%m-%Y")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_COUNT: Final = re.compile(r"^([0-9]+(?:[.,][0-9]+)*)\s*([KMBNT]|Tr|nghìn|ngàn|triệu|tỷ|tỉ)?$", re.IGNORECASE)
_FACTOR: Final = {"k": 10**3, "n": 10**3, "nghìn": 10**3, "ngàn": 10**3, "m": 10**6, "tr": 10**6, "triệu": 10**6}
_FACTOR_LARGE: Final = {"b": 10**9, "t": 10**9, "tỷ": 10**9, "tỉ": 10**9}


def at(data: object, path: str) -> object:
    """The value at a dotted path (`author.uniqueId`, `actors.0.name`), or Missing. A JSON null is Missing too."""
    value = data
    for step in path.split("."):
        if isinstance(value, Mapping):
            value = value.get(step, Missing)
        elif isinstance(value, list) and step.isdecimal() and int(step) < len(value):
            value = value[int(step)]
        else:
            return Missing
    return Missing if value is None else value


def text_at(data: object, *paths: str) -> Maybe[str]:
    """The first of the paths that holds text that is not empty; control marks dropped."""
    for path in paths:
        value = at(data, path)
        if isinstance(value, str) and (cleaned := clean(value)):
            return cleaned
    return Missing


def id_at(data: object, *paths: str) -> Maybe[str]:
    """The first of the paths that holds an identifier: text or a whole number."""
    for path in paths:
        value = at(data, path)
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        if isinstance(value, str) and value.strip():
            return value.strip()
    return Missing


def count_at(data: object, *paths: str) -> Maybe[int]:
    """The first of the paths that holds a count; also `"1,2 N"`, `"3.4K"` and `"12.345"`, as platforms print them."""
    for path in paths:
        count = to_count(at(data, path))
        if isinstance(count, int):
            return count
    return Missing


def time_at(data: object, *paths: str) -> Maybe[datetime]:
    """The first of the paths that holds a moment."""
    for path in paths:
        moment = to_time(at(data, path))
        if isinstance(moment, datetime):
            return moment
    return Missing


def object_at(data: object, path: str) -> JsonObject:
    """The object at the path; empty when there is none."""
    value = at(data, path)
    return value if isinstance(value, Mapping) else {}


def list_at(data: object, path: str) -> list[object]:
    """The list at the path; empty when there is none."""
    value = at(data, path)
    return value if isinstance(value, list) else []


def clean(text: str) -> str:
    """Text that every store and page can hold: no NUL, no lone surrogates, line ends as `\\n`. Nothing visible is changed."""
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def to_count(value: object) -> Maybe[int]:
    """A whole number of zero or more, or Missing."""
    if isinstance(value, bool):
        return Missing
    if isinstance(value, int):
        return value if value >= 0 else Missing
    if isinstance(value, float):
        return int(value) if 0 <= value < 1e15 else Missing
    if not isinstance(value, str) or not (match := _COUNT.match(value.strip())):
        return Missing
    digits, unit = match.group(1), (match.group(2) or "").lower()
    if not unit:  # "12.345" and "12,345" are thousands, whatever the locale: nobody prints 12.345 views
        return int(re.sub(r"[.,]", "", digits))
    factor = {**_FACTOR, **_FACTOR_LARGE}[unit]
    return int(float(digits.replace(",", ".")) * factor) if len(re.findall(r"[.,]", digits)) < 2 else Missing


def to_time(value: object) -> Maybe[datetime]:
    """A moment in UTC from seconds, milliseconds, ISO 8601 or `dd/mm/yyyy hh:mm` (Viet Nam time), or Missing."""
    moment: datetime | None = None
    if isinstance(value, int | float) and not isinstance(value, bool):
        moment = _from_epoch(float(value))
    elif isinstance(value, str) and (text := value.strip()):
        moment = _from_epoch(float(text)) if re.fullmatch(r"\d{9,13}", text) else _from_text(text)
    if moment is None:
        return Missing
    aware = moment if moment.tzinfo else moment.replace(tzinfo=VIETNAM)
    try:
        utc = aware.astimezone(UTC)
    except OverflowError:  # the first and last day of the calendar have no UTC form
        return Missing
    return utc if utc >= _OLDEST else Missing


def _from_epoch(seconds: float) -> datetime | None:
    if abs(seconds) >= _EPOCH_MS_FROM:
        seconds /= 1000
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _from_text(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    return next((moment for form in _NUMERIC_FORMS if (moment := _strptime(text, form))), None)


def _strptime(text: str, form: str) -> datetime | None:
    try:
        return datetime.strptime(text, form).replace(tzinfo=VIETNAM)
    except ValueError:
        return None
