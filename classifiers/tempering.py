"""What speaks for a harmless reading of a whole text: the safeguards of the rules, laid on the model's word too.

A rule is softened by safeguards near its hit; the model's evidence has no one place, so that every safeguard in the text counts.
"""

from __future__ import annotations

from dataclasses import dataclass

from classifiers.rules import RuleSet
from classifiers.rules.matcher import Index, Search, phrases_of
from classifiers.rules.nodes import SafeguardRule
from classifiers.rules.phrases import WORD
from classifiers.rules.view import View
from rasoat.harms import Harm
from rasoat.text import fold


@dataclass(frozen=True, slots=True)
class Tempering:
    """All safeguards and one index of their phrases: a text is walked once, not once a safeguard."""

    guards: tuple[SafeguardRule, ...]
    index: Index

    @classmethod
    def of(cls, rules: RuleSet) -> Tempering:
        """From a rule set."""
        index = Index()
        for guard in rules.loaded.safeguards:
            for node in (guard.match, *guard.unless):
                for found in phrases_of(node):
                    index.learn(found)
        return cls(rules.loaded.safeguards, index)

    def discounts(self, text: str) -> dict[Harm, float]:
        """How many log-odds to take off, per harm; harms without a safeguard in the text are not named."""
        folded = fold(text)
        words = WORD.findall(folded)
        found = self.index.scan(words)
        search = Search(View.plain(text, folded, words), found)
        off: dict[Harm, float] = {}
        for guard in self.guards:
            if search.frames(guard):
                for harm, weight in guard.weights.items():
                    off[harm] = off.get(harm, 0.0) + weight
        return off
