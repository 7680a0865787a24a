"""Cron lines of five fields: checked when a source is read, so that a wrong one is found before the night it should have run."""

from __future__ import annotations

import re

_FIELDS = (("minute", 0, 59), ("hour", 0, 23), ("day of month", 1, 31), ("month", 1, 12), ("day of week", 0, 7))
_NAMES = {
    "month": ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
    "day of week": ["sun", "mon", "tue", "wed", "thu", "fri", "sat"],
}


def check_cron(line: str) -> str:
    """The line, white space squeezed.

    Raises:
        ValueError: not five fields, or a field outside its range; says which.
    """
    fields = line.split()
    if len(fields) != len(_FIELDS):
        raise ValueError(f"{line!r} is no cron line: five fields (minute, hour, day of month, month, day of week), not {len(fields)}")
    for text, (name, low, high) in zip(fields, _FIELDS, strict=True):
        for part in text.split(","):
            _check_part(part, name, low, high)
    return " ".join(fields)


def _check_part(part: str, name: str, low: int, high: int) -> None:
    match = re.fullmatch(r"(\*|[a-z\d]+)(?:-([a-z\d]+))?(?:/(\d+))?", part.lower())
    if match is None or (match[1] == "*" and match[2]):
        raise ValueError(f"{part!r} is no {name} in a cron line (numbers, a-b, */n, commas)")
    numbers = [_number(text, name, low) for text in (match[1], match[2]) if text and text != "*"]
    if any(not low <= number <= high for number in numbers) or (match[3] and int(match[3]) == 0):
        raise ValueError(f"{part!r} is out of range for {name}: {low} to {high}")
    if len(numbers) == 2 and numbers[0] > numbers[1]:
        raise ValueError(f"{part!r} runs backwards for {name}")


def _number(text: str, name: str, low: int) -> int:
    if text.isdigit():
        return int(text)
    names = _NAMES.get(name, [])
    if text not in names:
        raise ValueError(f"{text!r} is no {name} in a cron line")
    return names.index(text) + low
