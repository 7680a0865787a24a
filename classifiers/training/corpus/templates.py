"""The small language of templates: `[a|b|c]` alternatives (nesting allowed, `[x|]` optional), `{slot}`. Owns parsing and drawing.

Brackets without a bar at their level stand as they are: "[QC]" is text. Must not know schemes, files or splits.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

_SLOT: Final = re.compile(r"\{(\w+)\}")
MAX_DEPTH: Final = 8
"""Slots within slots: deeper is taken for a circle."""
_PLAIN_WORDS: Final = 8
_SPACES: Final = re.compile(r"[ \t]{2,}")
_BEFORE_MARK: Final = re.compile(r" +([,.!?;:])(?=\s|$)")


@dataclass(frozen=True, slots=True)
class Slot:
    """A place that a word of a slot fills."""

    name: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several sequences."""

    options: tuple[tuple[str | Slot | Choice, ...], ...]


Nodes = tuple[str | Slot | Choice, ...]


@lru_cache(maxsize=100_000)
def parse(text: str) -> Nodes:
    """The nodes of a template.

    Raises:
        ValueError: a bracket that is never closed, or closed without being open.
    """
    nodes, end = _sequence(text, 0, inside=False)
    if end != len(text):
        raise ValueError(f"']' at character {end + 1} closes nothing")
    return nodes[0]


def _sequence(text: str, at: int, *, inside: bool) -> tuple[list[Nodes], int]:
    """The options from `at` to the closing bracket (or the end), and where it stopped."""
    options: list[list[str | Slot | Choice]] = [[]]
    start = at
    while at < len(text) and not (inside and text[at] == "]"):
        if text[at] == "[":
            options[-1] += _slots(text[start:at])
            inner, end = _sequence(text, at + 1, inside=True)
            if end >= len(text):
                raise ValueError(f"'[' at character {at + 1} is never closed")
            options[-1] += [Choice(tuple(inner))] if len(inner) > 1 else ["[", *inner[0], "]"]
            at = start = end + 1
        elif text[at] == "|" and inside:
            options[-1] += _slots(text[start:at])
            options.append([])
            at = start = at + 1
        elif text[at] == "]":
            return [tuple(option) for option in options], at
        else:
            at += 1
    options[-1] += _slots(text[start:at])
    return [tuple(option) for option in options], at


def _slots(text: str) -> list[str | Slot | Choice]:
    parts = _SLOT.split(text)
    return [Slot(part) if number % 2 else part for number, part in enumerate(parts) if part]


def slots_of(nodes: Nodes) -> Iterator[str]:
    """The names of all slots, those within alternatives too."""
    for node in nodes:
        if isinstance(node, Slot):
            yield node.name
        elif isinstance(node, Choice):
            for option in node.options:
                yield from slots_of(option)


@lru_cache(maxsize=100_000)
def is_unaccented(nodes: Nodes) -> bool:
    """Whether its own words, eight at least, are all written without marks: then its slots are to be so too."""
    words = _literals(nodes)
    return len(words) >= _PLAIN_WORDS and all(word.isascii() for word in words)


def _literals(nodes: Nodes) -> list[str]:
    made: list[str] = []
    for node in nodes:
        if isinstance(node, str):
            made += re.findall(r"[^\W\d_]+", node)
        elif isinstance(node, Choice):
            made += [word for option in node.options for word in _literals(option)]
    return made


def draw(nodes: Nodes, word: Callable[[str], str], rng: random.Random) -> str:
    """One text. `word` gives a word for a slot, itself a template that is drawn in turn.

    Raises:
        ValueError: slots that hold each other.
    """
    text = _draw(nodes, word, rng, 0)
    text = _BEFORE_MARK.sub(r"\1", _SPACES.sub(" ", text)).strip()
    return text[:1].upper() + text[1:]


def _draw(nodes: Nodes, word: Callable[[str], str], rng: random.Random, depth: int) -> str:
    if depth > MAX_DEPTH:
        raise ValueError("slots hold each other in a circle")
    made = []
    for node in nodes:
        if isinstance(node, str):
            made.append(node)
        elif isinstance(node, Slot):
            made.append(_draw(parse(word(node.name)), word, rng, depth + 1))
        else:
            made.append(_draw(rng.choice(node.options), word, rng, depth))
    return "".join(made)
