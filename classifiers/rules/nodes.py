"""The rule language as a tree: what a rule file says, once it has been read. Knows no text and no file."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from rasoat.harms import Harm


class State(StrEnum):
    """How far a rule has come. Only `live` ones score; `shadow` ones are counted; `draft` ones are checked and left aside."""

    DRAFT = "draft"
    SHADOW = "shadow"
    LIVE = "live"


class Accents(StrEnum):
    """How a phrase treats diacritics in a text that has them. A text without any always matches, but for `only`."""

    AUTO = "auto"
    OFF = "off"
    ONLY = "only"  # written `=mọi`: nothing but the accented form counts


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words in a row. `marks[i]` are the sorted diacritics of word `i`, empty for a bare one."""

    words: tuple[str, ...]
    marks: tuple[str, ...]
    accents: Accents
    written: str


@dataclass(frozen=True, slots=True)
class AnyOf:
    """One of these is enough. Inner ones are dissolved; `phrases` finds by their words, `others` is the rest."""

    of: tuple[Node, ...]
    phrases: dict[tuple[str, ...], tuple[Phrase, ...]] = field(init=False, compare=False, repr=False)
    others: tuple[Node, ...] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        phrases: dict[tuple[str, ...], tuple[Phrase, ...]] = {}
        others: list[Node] = []
        for child in self.of:
            if isinstance(child, Phrase):
                phrases[child.words] = (*phrases.get(child.words, ()), child)
            elif isinstance(child, AnyOf):
                for words, found in child.phrases.items():
                    phrases[words] = (*phrases.get(words, ()), *found)
                others.extend(child.others)
            else:
                others.append(child)
        object.__setattr__(self, "phrases", phrases)
        object.__setattr__(self, "others", tuple(others))


@dataclass(frozen=True, slots=True)
class AllOf:
    """Each of these, with at most `within` words between the outermost ones and not counting their own."""

    of: tuple[Node, ...]
    within: int
    ordered: bool = False
    cheap: tuple[Node, ...] = field(init=False, compare=False, repr=False)  # the same; first what is soonest told, and seldom there

    def __post_init__(self) -> None:
        object.__setattr__(self, "cheap", tuple(sorted(self.of, key=_price)))


@dataclass(frozen=True, slots=True)
class Least:
    """At least `count` different ones of these, within `within` words."""

    count: int
    of: tuple[Node, ...]
    within: int
    cheap: tuple[Node, ...] = field(init=False, compare=False, repr=False)  # as above

    def __post_init__(self) -> None:
        object.__setattr__(self, "cheap", tuple(sorted(self.of, key=_price)))


@dataclass(frozen=True, slots=True)
class Signal:
    """A shape that the engine knows by name (`link`, `phone`, `money`): see `classifiers.rules.signals`."""

    name: str


@dataclass(frozen=True, slots=True)
class Regex:
    """A bounded pattern over the folded text."""

    pattern: re.Pattern[str]


Node: TypeAlias = Phrase | AnyOf | AllOf | Least | Signal | Regex


def _price(node: Node) -> tuple[bool, int]:
    return searches(node), len(node.phrases) if isinstance(node, AnyOf) else 1


def searches(node: Node) -> bool:
    """Whether more is needed than the phrases that were found."""
    if isinstance(node, AnyOf):
        return any(map(searches, node.others))
    return isinstance(node, Signal | Regex) or (isinstance(node, AllOf | Least) and any(map(searches, node.of)))


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `weight` is in log-odds; `unless` silences it near its hit; `despite` names safeguards that do not touch it."""

    id: str
    harm: Harm
    weight: float
    vi: str
    en: str
    match: Node
    state: State = State.LIVE
    unless: tuple[Node, ...] = ()
    despite: frozenset[str] = frozenset()
    examples: tuple[str, ...] = ()
    counter_examples: tuple[str, ...] = ()
    file: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class SafeguardRule:
    """What makes a harmful reading less likely. `weights` says by how many log-odds, per harm.

    A `silent` one subtracts and leaves no trace: what a text is about (officials, faith, protest) may never become a label.
    """

    id: str
    weights: dict[Harm, float]
    vi: str
    en: str
    match: Node
    silent: bool = False
    reach: int = 250  # words between it and the hit that it softens
    examples: tuple[str, ...] = field(default=())
    file: str = ""
    line: int = 0
    unless: tuple[Node, ...] = ()  # words that, right beside the hit, make it no frame but part of a script
