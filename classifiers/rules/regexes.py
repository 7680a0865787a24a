"""Which regular expressions a rule file may hold: those that cannot run away. Checked on Python's own parse tree."""

from __future__ import annotations

import importlib
import re
from typing import Any, Final

MOST_STEPS: Final = 400
"""Most characters that one match may span, and the bound on nested repeats (their product)."""

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
    low, high = tree.getwidth()
    if low == 0:
        return None, "this pattern matches nothing at all, everywhere", "make at least one part of it obligatory"
    if high > MOST_STEPS:
        return None, f"this pattern may span {high} characters", f"bound it: at most {MOST_STEPS}"
    return re.compile(source), "", ""


def _problem(tree: Any, outer: int) -> tuple[str, str] | None:
    for op, value in tree:
        name = str(op)
        if name == "GROUPREF":
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


def _children(value: Any) -> list[Any]:
    if isinstance(value, _parser.SubPattern):
        return [value]
    if isinstance(value, list | tuple):
        return [child for part in value for child in _children(part)]
    return []
