"""Which regular expressions a rule file may hold: those that cannot run away. Checked on Python's own parse tree."""

from __future__ import annotations

import importlib
import re
from typing import Any, Final

MOST_STEPS: Final = 400
"""Most characters that one match may span, and the bound on nested repeats (their product)."""

MOST_WAYS: Final = 1000
"""Most ways in which a pattern may match from one place. `(a|a){1,30}b` has a thousand million: they never end."""
_FAR_TOO_MANY: Final = 10**9
_FEWER: Final = "repeat fewer parts of variable length, and let alternatives begin differently"

_parser: Final[Any] = importlib.import_module("re._parser")
_REPEATS: Final = {"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"}


def check(source: str) -> tuple[re.Pattern[str] | None, str, str]:
    """Compile `source`, or say (message, hint) why it may not run."""
    try:
        tree = _parser.parse(source)
    except re.error as error:
        return None, f"not a regular expression: {error}", ""
    problem = _problem(tree, 1)
    if problem:
        return None, *problem
    if _ways(tree) > MOST_WAYS:
        return None, f"this pattern may match in more than {MOST_WAYS} ways from one place, and a failing match tries them all", _FEWER
    low, high = tree.getwidth()
    if low == 0:
        return None, "this pattern matches nothing at all, everywhere", "make at least one part of it obligatory"
    if high > MOST_STEPS:
        return None, f"this pattern may span {high} characters", f"bound it: at most {MOST_STEPS}"
    return re.compile(source), "", ""


def _problem(tree: Any, outer: int) -> tuple[str, str] | None:
    for op, value in tree:
        name = str(op)
        if name in ("GROUPREF", "GROUPREF_EXISTS"):
            return "a back reference may take for ever", "write the alternatives out"
        if name in _REPEATS:
            _low, high, inner = value
            if high is _parser.MAXREPEAT:
                return "`*`, `+` and `{n,}` have no end", "write `{0,20}` or another bound"
            product = outer * max(1, int(high))
            if outer > 1 and int(high) > 1 and product > MOST_STEPS:
                return f"a repeat inside a repeat: up to {product} steps", f"keep the product at {MOST_STEPS} or less"
            if (found := _problem(inner, product)) is not None:
                return found
        else:
            for child in _children(value):
                if (found := _problem(child, outer)) is not None:
                    return found
    return None


def _ways(tree: Any) -> int:
    """In how many ways the pattern may match from one place, at most: what a failing match tries one after the other."""
    product = 1
    for op, value in tree:
        product = min(product * _ways_of(str(op), value), _FAR_TOO_MANY)
    return product


def _ways_of(name: str, value: Any) -> int:
    if name in _REPEATS:
        low, high, inner = value
        each, total = _ways(inner), 0
        for count in range(int(low), int(high) + 1):
            total = min(total + each**count, _FAR_TOO_MANY)
            if total == _FAR_TOO_MANY:
                break
        return total
    if name == "BRANCH":
        return min(sum(_ways(branch) for branch in value[1]), _FAR_TOO_MANY)
    product = 1
    for child in _children(value):
        product = min(product * _ways(child), _FAR_TOO_MANY)
    return product


def _children(value: Any) -> list[Any]:
    if isinstance(value, _parser.SubPattern):
        return [value]
    if isinstance(value, list | tuple):
        return [child for part in value for child in _children(part)]
    return []
