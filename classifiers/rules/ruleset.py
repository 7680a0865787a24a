"""The rule engine: from a text to reasons, safeguards and log-odds per harm.

The score of a harm is the base rate plus the weights of its rules, capped, minus the safeguards near them. Knows no model and no store.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from math import exp
from pathlib import Path
from typing import Final

from classifiers.normalise import deobfuscated, suspicious
from classifiers.rules.loading import Loaded, load
from classifiers.rules.matcher import Hit, Index, Search, phrases_of
from classifiers.rules.nodes import Rule, SafeguardRule, State
from classifiers.rules.phrases import WORD
from classifiers.rules.view import View
from rasoat.assessments import Origin, Reason, Span
from rasoat.harms import Harm
from rasoat.text import fold

BASE: Final = -4.0
"""Log-odds before any evidence: about 2% of what reaches us without a sign of harm still is harmful (p = 0.018)."""
CAP: Final = 3.0
"""Rules overlap, so their sum is no proof: it is held here (p = 0.95), and a safeguard always weighs against this."""
UNLESS_REACH: Final = 15
"""Words around a hit in which its own `unless` counts."""
MOST_TEXT: Final = 200_000
"""Characters that are looked at: about 60 long articles. A longer text is read up to here."""


@dataclass(frozen=True, slots=True)
class Safeguard:
    """What spoke for a harmless reading, and how much it took off. Silent ones (what a text is about) never appear as one."""

    id: str
    span: Span
    harms: tuple[Harm, ...]
    weight: float


@dataclass(frozen=True, slots=True)
class RuleResult:
    """What the rules say. `scores` holds log-odds after safeguards, only for harms that a live rule saw.

    `shadow` names the shadow rules that hit.
    """

    reasons: tuple[Reason, ...] = ()
    safeguards: tuple[Safeguard, ...] = ()
    scores: dict[Harm, float] = field(default_factory=dict)
    shadow: tuple[str, ...] = ()

    def probability(self, harm: Harm) -> float:
        """The score as a probability; the base rate where no rule spoke."""
        return 1 / (1 + exp(-self.scores.get(harm, BASE)))


_NOTHING: Final = RuleResult()


@dataclass(frozen=True)
class RuleSet:
    """Every rule and safeguard, ready to match. Immutable; safe to share between threads."""

    loaded: Loaded

    @classmethod
    def load(cls, data_dir: Path) -> RuleSet:
        """Read `data_dir/rules` and `data_dir/lexicons`.

        Raises:
            ConfigError: something is wrong in a file (`RuleFileError` lists all of it).
        """
        return cls(load(data_dir))

    @property
    def version(self) -> str:
        """Hash of the rule files, 12 hex digits."""
        return self.loaded.version

    @property
    def lexicon_version(self) -> str:
        """Hash of the lexicons, 12 hex digits."""
        return self.loaded.lexicon_version

    @cached_property
    def _active(self) -> tuple[Rule, ...]:
        return tuple(rule for rule in self.loaded.rules if rule.state is not State.DRAFT)

    @cached_property
    def _index(self) -> Index:
        index = Index()
        for number, rule in enumerate(self._active):
            index.add(number, rule.match, rule.unless)
        for guard in self.loaded.safeguards:
            for node in (guard.match, *guard.unless):
                for found in phrases_of(node):
                    index.learn(found)
        return index

    @cached_property
    def _subjects(self) -> Index:
        index = Index()
        for found in phrases_of(self.loaded.subjects):
            index.learn(found)
        return index

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """Words of the rules, folded and accented: what the normaliser may read into a distorted one."""
        return frozenset(word for word in self._index.vocabulary if len(word) > 1)

    @cached_property
    def _always(self) -> tuple[int, ...]:
        """Rules that no phrase announces."""
        announced = {number for numbers in self._index.wakes.values() for number in numbers}
        return tuple(number for number in range(len(self._active)) if number not in announced)

    def match(self, text: str) -> RuleResult:
        """Reasons with spans in the ORIGINAL text, safeguards, and log-odds per harm that a live rule saw."""
        text = text[:MOST_TEXT]
        folded = fold(text)
        words = WORD.findall(folded)
        seen = self._look(View.plain(text, folded, words)) if words else _Seen()
        undone = deobfuscated(text).text != text
        if undone or suspicious(folded, set(words)):
            view = View.normalised(text, self.vocabulary)
            if undone or view.text != folded:
                seen = _merge(seen, self._look(view))
        return self._weigh(seen) if seen.rules else _NOTHING

    def _look(self, view: View) -> _Seen:
        index = self._index
        found = index.scan(view.words)
        awake = {number for words in found for number in index.wakes.get(words, ())}
        awake.update(self._always)
        lenient = Search(view, found, lenient=True)
        for name in index.signals:
            if lenient.signal(name):
                awake.update(index.wakes[name])
        rules = [self._active[number] for number in sorted(awake)]
        maybe = [rule for rule in rules if lenient.possible(rule.match) and lenient.hits(rule.match)]
        if not maybe:
            return _Seen()
        search = Search(view, found)
        seen = _Seen()
        for rule in maybe:
            found_here = search.hits(rule.match)
            hits = [hit for hit in found_here if not _silenced(hit, rule, search)]
            if found_here and not hits:
                seen.silenced.add(rule.id)
            if hits:
                tightest = min(hits, key=lambda hit: hit.end - hit.start)
                seen.rules[rule.id] = (rule, tightest, _span(view, tightest), text_of(view, tightest))
        if seen.rules:
            for guard in self.loaded.safeguards:
                if hits := search.frames(guard):
                    seen.guards[guard.id] = (guard, hits, _span(view, hits[0]))
        return seen

    def _weigh(self, seen: _Seen) -> RuleResult:
        reasons: list[Reason] = []
        shown: dict[str, tuple[SafeguardRule, Span, list[Harm]]] = {}
        scores: dict[Harm, float] = {}
        by_harm: dict[Harm, list[tuple[Rule, Hit]]] = {}
        for rule, hit, span, words in seen.rules.values():
            if rule.state is State.LIVE:
                by_harm.setdefault(rule.harm, []).append((rule, hit))
                reasons.append(Reason(rule.harm, Origin.RULE, f"rule:{rule.id}", rule.weight, span, words))
        for harm, fired in by_harm.items():
            score = min(CAP, BASE + sum(rule.weight for rule, _hit in fired))
            strongest, hit = max(fired, key=lambda pair: pair[0].weight)
            for guard, hits, span in seen.guards.values():
                if harm in guard.weights and guard.id not in strongest.despite and _near(hit, hits, guard.reach):
                    score -= guard.weights[harm]
                    if not guard.silent:
                        shown.setdefault(guard.id, (guard, span, []))[2].append(harm)
            scores[harm] = score
        safeguards = tuple(
            Safeguard(guard.id, span, tuple(harms), max(guard.weights[h] for h in harms)) for guard, span, harms in shown.values()
        )
        shadow = tuple(rule.id for rule, *_ in seen.rules.values() if rule.state is State.SHADOW)
        return RuleResult(tuple(sorted(reasons, key=lambda reason: -reason.weight)), safeguards, scores, shadow)

    def sees(self, guard: SafeguardRule, text: str) -> bool:
        """Whether a safeguard finds itself in a text, rules aside: for its examples."""
        folded = fold(text)
        words = WORD.findall(folded)
        return bool(Search(View.plain(text, folded, words), self._index.scan(words)).frames(guard))

    def protected_subject(self, text: str) -> tuple[Span, ...]:
        """Words that say: this may be about the State, officials, faith, protest, history or journalism (TAXONOMY §2.1).

        Only for the banner "likely out of scope" on the page of an item that is flagged already. The result may not be stored,
        counted, searched or exported, and nothing may be decided by it.
        """
        text = text[:MOST_TEXT]
        folded = fold(text)
        words = WORD.findall(folded)
        view = View.plain(text, folded, words)
        hits = Search(view, self._subjects.scan(words)).hits(self.loaded.subjects)
        return tuple(_span(view, hit) for hit in hits)


@dataclass(slots=True)
class _Seen:
    """What was found in one view or, merged, in both."""

    rules: dict[str, tuple[Rule, Hit, Span, str]] = field(default_factory=dict)
    guards: dict[str, tuple[SafeguardRule, list[Hit], Span]] = field(default_factory=dict)
    silenced: set[str] = field(default_factory=set)


def _merge(plain: _Seen, normalised: _Seen) -> _Seen:
    """The plain reading goes first: its spans are the exact ones. But a `ko` that turns out to be a `không` silences it."""
    rules = {**normalised.rules, **plain.rules}
    silenced = plain.silenced | normalised.silenced
    return _Seen({name: rule for name, rule in rules.items() if name not in silenced}, {**normalised.guards, **plain.guards})


def _span(view: View, hit: Hit) -> Span:
    return view.span(hit.start, hit.end)


def text_of(view: View, hit: Hit, most: int = 160) -> str:
    """The words behind a hit as they were written, shortened in the middle."""
    written = view.original[_span(view, hit).start : _span(view, hit).end]
    return written if len(written) <= most else f"{written[: most // 2]} … {written[-most // 2 :]}"


def _silenced(hit: Hit, rule: Rule, search: Search) -> bool:
    return any(_near(hit, search.hits(node), UNLESS_REACH) for node in rule.unless)


def _near(hit: Hit, others: Iterable[Hit], reach: int) -> bool:
    return any(other.first - hit.last <= reach and hit.first - other.last <= reach for other in others)
