"""Finds every phrase of every rule in one walk over a text's words, and works out the groups above them.

One trie over folded words; a rule is looked at only when a phrase that it cannot do without was found.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

from classifiers.rules.nodes import AllOf, AnyOf, Least, Node, Phrase, Regex, SafeguardRule, Signal
from classifiers.rules.phrases import WORD, agrees
from classifiers.rules.signals import SIGNALS
from classifiers.rules.view import View

_END = ""  # key of a trie node under which the phrases that end there stand; no word is empty

Trie: TypeAlias = dict[str, Any]
Anchor: TypeAlias = tuple[str, ...] | str
"""What a rule cannot do without: the words of a phrase, or the name of a signal."""


class Hit(NamedTuple):
    """A match: words `first` to `last` (exclusive), characters `start` to `end` of the view's text."""

    first: int
    last: int
    start: int
    end: int


@dataclass(slots=True)
class Index:
    """The trie, and which anchor wakes which rule."""

    trie: Trie = field(default_factory=dict)
    wakes: dict[Anchor, list[int]] = field(default_factory=dict)
    vocabulary: set[str] = field(default_factory=set)
    signals: set[str] = field(default_factory=set)

    def add(self, number: int, match: Node, others: Iterable[Node] = ()) -> None:
        """Take in rule `number`: every phrase of it into the trie, its anchors into the alarm list."""
        for node in (match, *others):
            for found in phrases_of(node):
                self.learn(found)
        for anchor in anchors(match) or frozenset():
            self.wakes.setdefault(anchor, []).append(number)
            if isinstance(anchor, str):
                self.signals.add(anchor)

    def learn(self, found: Phrase) -> None:
        """Take in a phrase."""
        node = self.trie
        for word in found.words:
            node = node.setdefault(word, {})
        node[_END] = found.words
        self.vocabulary.update(word for word in (*found.words, *WORD.findall(found.written.lower())) if word.isalpha())

    def scan(self, words: list[str]) -> dict[tuple[str, ...], list[int]]:
        """Every phrase in the text, by its words: where it begins."""
        found: dict[tuple[str, ...], list[int]] = {}
        count = len(words)
        for first, begun in enumerate(map(self.trie.get, words)):
            node, at = begun, first
            while node is not None:
                if _END in node:
                    found.setdefault(node[_END], []).append(first)
                at += 1
                node = node.get(words[at]) if at < count else None
        return found


def phrases_of(node: Node) -> list[Phrase]:
    """Every phrase below a node."""
    if isinstance(node, Phrase):
        return [node]
    if isinstance(node, AnyOf):
        named = [found for row in node.phrases.values() for found in row]
        return named + [found for child in node.others for found in phrases_of(child)]
    if isinstance(node, AllOf | Least):
        return [found for child in node.of for found in phrases_of(child)]
    return []


def anchors(node: Node) -> frozenset[Anchor] | None:
    """One of these must be there for the node to match; None: nothing can be said (a bare regular expression)."""
    if isinstance(node, Phrase):
        return frozenset([node.words])
    if isinstance(node, Signal):
        return frozenset([node.name])
    if isinstance(node, Regex):
        return None
    if isinstance(node, AnyOf):
        below: list[frozenset[Anchor] | None] = [frozenset(node.phrases), *map(anchors, node.others)]
    else:
        below = [anchors(child) for child in node.of]
    if isinstance(node, AllOf):
        known = [found for found in below if found is not None]
        return min(known, key=_price) if known else None
    union: set[Anchor] = set()
    for found in below:
        if found is None:
            return None
        union |= found
    return frozenset(union)


def _price(found: frozenset[Anchor]) -> tuple[bool, int]:
    """Signals cost a search through the text; many short phrases wake a rule often."""
    return any(isinstance(anchor, str) for anchor in found), sum(1 if not isinstance(a, str) and len(a) > 1 else 20 for a in found)


class Search:
    """Works out nodes on one view. With `lenient` accents are left aside: a cheap first look that needs no offsets."""

    def __init__(self, view: View, found: dict[tuple[str, ...], list[int]], *, lenient: bool = False) -> None:
        self.view, self.found, self.lenient = view, found, lenient
        self._signals: dict[str, list[Hit]] = {}
        self._patterns: dict[re.Pattern[str], list[Hit]] = {}

    def possible(self, node: Node) -> bool:
        """A cheap no to most nodes, by the phrases that were found: places and accents aside."""
        if isinstance(node, AnyOf):
            there = node.phrases and not self.found.keys().isdisjoint(node.phrases.keys())
            return bool(there) or (bool(node.others) and any(map(self.possible, node.others)))
        if isinstance(node, AllOf):
            return all(map(self.possible, node.cheap))
        if isinstance(node, Phrase):
            return node.words in self.found
        if isinstance(node, Least):
            return self._enough(node)
        return bool(self.hits(node))

    def _enough(self, node: Least) -> bool:
        missing, left = node.count, len(node.cheap)
        for child in node.cheap:
            if missing > left:
                return False
            missing -= self.possible(child)
            left -= 1
            if missing <= 0:
                return True
        return False

    def frames(self, guard: SafeguardRule) -> list[Hit]:
        """Where a safeguard finds itself, less the places where its own `unless` touches the hit."""
        found = self.hits(guard.match) if self.possible(guard.match) else []
        against = [hit for node in guard.unless for hit in self.hits(node)] if found and guard.unless else []
        return [hit for hit in found if not any(a.first - hit.last <= 1 and hit.first - a.last <= 1 for a in against)]

    def hits(self, node: Node) -> list[Hit]:  # noqa: PLR0911  (one line for each kind of node)
        """Where the node matches, in order."""
        if isinstance(node, Phrase):
            return self._phrase(node)
        if isinstance(node, AnyOf):
            return self._any(node)
        if isinstance(node, AllOf):
            rows = []
            for child in node.of:
                rows.append(self.hits(child))
                if not rows[-1]:
                    return []
            return together(rows, node.within, len(rows), ordered=node.ordered)
        if isinstance(node, Least):
            return together([row for child in node.of if (row := self.hits(child))], node.within, node.count)
        if isinstance(node, Signal):
            return self.signal(node.name)
        if node.pattern not in self._patterns:
            self._patterns[node.pattern] = [self._at(*hit.span()) for hit in node.pattern.finditer(self.view.text)]
        return self._patterns[node.pattern]

    def _at(self, start: int, end: int) -> Hit:
        return Hit(*self.view.word_range(start, end), start, end)

    def signal(self, name: str) -> list[Hit]:
        """Where the signal stands."""
        if name not in self._signals:
            shape = SIGNALS[name]
            places = shape.find(self.view.text)
            if shape.is_address and not self.lenient:
                places = [place for place in places if not any(self.view.marks[slice(*self.view.word_range(*place))])]
            self._signals[name] = [self._at(*place) for place in places]
        return self._signals[name]

    def _any(self, node: AnyOf) -> list[Hit]:
        known = node.phrases
        if len(known) < len(self.found):
            named = [found for words, found in known.items() if words in self.found]
        else:
            named = [known[words] for words in self.found if words in known]
        hits = {hit for row in named for found in row for hit in self._phrase(found)}
        for child in node.others:
            hits.update(self.hits(child))
        return sorted(hits)

    def _phrase(self, node: Phrase) -> list[Hit]:
        view, size = self.view, len(node.words)
        return [
            Hit(first, first + size, view.places[first][0], view.places[first + size - 1][1])
            for first in self.found.get(node.words, ())
            if self.lenient or agrees(node, tuple(view.marks[first : first + size]), accented_text=view.accented)
        ]


def together(rows: list[list[Hit]], within: int, count: int, *, ordered: bool = False) -> list[Hit]:
    """Windows with a hit from `count` different rows and at most `within` words that belong to none of them."""
    if len(rows) < count:
        return []
    if count == 1:
        return sorted({hit for row in rows for hit in row})
    windows: list[Hit] = []
    for number, row in enumerate(rows):
        if ordered and number:
            break
        for lead in row:
            window = _window(lead, number, rows, within, count, ordered=ordered)
            if window is not None and (not windows or windows[-1] != window):
                windows.append(window)
    return sorted(set(windows))


def _window(lead: Hit, number: int, rows: list[list[Hit]], within: int, count: int, *, ordered: bool) -> Hit | None:
    """The tightest window that begins with `lead`: the nearest later hit of each other row."""
    after = lead.last if ordered else lead.first
    chosen = [lead]
    nearest: list[Hit] = []
    for other, row in enumerate(rows):
        if other == number:
            continue
        hit = next((hit for hit in row if hit.first >= after and (hit.first >= lead.last or not _same(hit, lead))), None)
        if hit is not None:
            nearest.append(hit)
            if ordered:
                after = hit.last
    if len(nearest) < count - 1:
        return None
    chosen += sorted(nearest, key=lambda hit: hit.last)[: count - 1]
    last, end = max(hit.last for hit in chosen), max(hit.end for hit in chosen)
    covered = {word for hit in chosen for word in range(hit.first, hit.last)}
    return Hit(lead.first, last, lead.start, end) if last - lead.first - len(covered) <= within else None


def _same(one: Hit, other: Hit) -> bool:
    """Two rows may not be satisfied by one and the same words."""
    return one.first < other.last and other.first < one.last
