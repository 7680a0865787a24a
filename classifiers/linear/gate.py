"""The gate before HAT: the model may only suggest hate against a protected group where the text names one.

A linear model adds words up; it cannot say "both". The names travel with the model, in `model.json`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from classifiers.linear.views import accented, folded


@dataclass(frozen=True, slots=True)
class GroupGate:
    """Looks for names of protected groups: most in the folded text, some only with their accents (`gay` is not `gây`)."""

    groups: re.Pattern[str]
    exact: re.Pattern[str]
    never: re.Pattern[str]

    @classmethod
    def of(cls, names: Mapping[str, Sequence[str]]) -> GroupGate:
        """From `groups.yml`: kinds of groups with their folded names, `accented` names, and what holds a name by chance (`never`)."""
        plain = [name for kind, group in names.items() if kind not in {"accented", "never"} for name in group]
        return cls(_words(plain), _words(names["accented"]), _words(names["never"]))

    def names_group(self, text: str) -> bool:
        """Whether the text names a protected group."""
        return bool(self.groups.search(folded(text)) or self.exact.search(self.never.sub(" ", accented(text))))


def _words(names: Sequence[str]) -> re.Pattern[str]:
    spaced = (re.escape(name).replace(r"\ ", r"[\W_]+") for name in sorted(names, key=len, reverse=True))
    return re.compile(r"\b(?:" + "|".join(spaced) + r")\b")
