"""The whole corpus: reads `data/training/corpus/**`, decides what each text may be used for, and writes them, the same for the same seed.

A template belongs to one of train, calibration and dev, whatever the seed. Held-out slots: schemes of training with words that it never
saw; held-out schemes: whole schemes, and the harmless texts beside them, that it never saw.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Final

from classifiers.training.corpus.numbers import MADE
from classifiers.training.corpus.pages import Page, pages_of
from classifiers.training.corpus.renderings import render, unaccented
from classifiers.training.corpus.schema import HINT, Register, Scheme, Slots, read_schemes, read_slots
from classifiers.training.corpus.templates import Nodes, draw, is_unaccented, parse, slots_of
from classifiers.training.examples import Example, Split
from rasoat.canonical import sha256_hex
from rasoat.errors import ConfigError, Place

SHARES: Final = ((Split.TRAIN, 0.8), (Split.CALIBRATION, 0.9), (Split.DEV, 1.0))
HELDOUT_SHARE: Final = 0.25
"""Texts with held-out words, for one text of training."""
TEST_WORDS: Final = 0.25
"""Share of a plain list of words that only tests see."""
_TRIES: Final = 4
ONE_VOICE: Final = frozenset({"you", "who", "folks", "elder"})
"""Slots that keep their word throughout a text: who speaks, and to whom."""
Words = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Corpus:
    """Schemes with the words of their folders. `digest`: a hash over all files."""

    schemes: tuple[Scheme, ...]
    shared: Mapping[str, Mapping[str, Slots | tuple[str, ...]]]  # by folder; "" for all
    digest: str

    @cached_property
    def held_out(self) -> frozenset[str]:
        """Schemes kept for testing: marked so, or standing beside one that is."""
        marked = {scheme.scheme for scheme in self.schemes if scheme.held_out}
        return frozenset(marked | {scheme.scheme for scheme in self.schemes if scheme.twin_of in marked})

    def words(self, scheme: Scheme) -> tuple[Words, Words]:
        """The words for training and those for testing."""
        given = {**self.shared.get("", {}), **self.shared.get(scheme.file.split("/")[0], {}), **scheme.slots}
        parted = {name: _parted(scheme.scheme, name, words) for name, words in given.items()}
        return {name: pair[0] for name, pair in parted.items()}, {name: pair[1] for name, pair in parted.items()}

    def generate(self, *, seed: int, share: float = 1.0) -> Iterator[Example]:
        """Every text once (letters and digits compared), training first, so that what is held out equals nothing of it.

        Deterministic: a template's texts depend on it, its scheme's words and the seed only. `share` scales how many texts each
        template and each set of sections yields (two at least).
        """
        seen: set[str] = set()
        parts = [(scheme, held) for held in (False, True) for scheme in self.schemes if held or scheme.scheme not in self.held_out]
        for scheme, held in parts:
            for example in _Writer(scheme.scaled(share), self.words(scheme), seed, held_out=scheme.scheme in self.held_out).texts(
                held=held
            ):
                key = plain_key(example.text)
                if key not in seen:
                    seen.add(key)
                    yield example


class _Writer:
    """Writes the texts of one scheme."""

    def __init__(self, scheme: Scheme, words: tuple[Words, Words], seed: int, *, held_out: bool) -> None:
        self.scheme, self.seed, self.held_out = scheme, seed, held_out
        self.train, self.test = words

    def texts(self, *, held: bool) -> Iterator[Example]:
        """Texts for training, calibration and dev; or those that are held out."""
        splits = split_templates(self.scheme.templates)
        for template in self.scheme.templates:
            if not held:
                yield from self._template(template, splits[template], self.scheme.each)
            elif self.held_out:
                yield from self._template(template, Split.HELDOUT_SCHEMES, self.scheme.each)
            elif splits[template] is Split.DEV or any(True for _ in slots_of(parse(template))):
                yield from self._template(template, Split.HELDOUT_SLOTS, max(2, round(self.scheme.each * HELDOUT_SHARE)))
        around = ("{around}",) if "around" in self.train else ()
        for page in pages_of(self.scheme, around, self.seed, held=held, held_out=self.held_out):
            yield self._page(page)

    def _template(self, template: str, split: Split, count: int) -> Iterator[Example]:
        cluster = cluster_of(self.scheme.scheme, template)
        rng = random.Random(f"{self.seed}:{cluster}:{split}")  # noqa: S311  (repeatable texts, not secrets)
        registers = [register for register in self.scheme.register_ if register is not Register.PAGE]
        nodes, test = parse(template), split in (Split.HELDOUT_SLOTS, Split.HELDOUT_SCHEMES)
        seen: set[str] = set()
        for attempt in range(_TRIES * count):
            text, rendering = render(self._drawn(nodes, rng, test=test), rng, formal=self.scheme.formal, test=test)
            if text not in seen:
                seen.add(text)
                yield self._example(text, cluster, split, registers[attempt % len(registers)], rendering)
            if len(seen) == count:
                return

    def _page(self, page: Page) -> Example:
        test = page.split in (Split.HELDOUT_SLOTS, Split.HELDOUT_SCHEMES)
        rng = random.Random(f"{self.seed}:{page.cluster}")  # noqa: S311
        parts: list[str] = []
        for part in page.parts(rng):
            parts.append(self._drawn(parse(part), rng, test=test))
            if page.full(sum(map(len, parts))):
                break
        parts += [self._drawn(parse(part), rng, test=test) for part in page.foot]
        text, rendering = render("\n".join(parts), rng, formal=True, test=test)
        return self._example(text, page.cluster, page.split, Register.PAGE, rendering)

    def _drawn(self, nodes: Nodes, rng: random.Random, *, test: bool) -> str:
        words = self.test if test else self.train
        kept: dict[str, str] = {}

        def word(name: str) -> str:
            if name not in words:
                return MADE[name](rng, test=test)
            chosen = rng.choice(words[name])
            return kept.setdefault(name, chosen) if name in ONE_VOICE else chosen

        text = draw(nodes, word, rng)
        return unaccented(text, rng) if is_unaccented(nodes) else text

    def _example(self, text: str, cluster: str, split: Split, register: Register, rendering: str) -> Example:
        stance, kind = self.scheme.stance.value, register.value
        harms, name = self.scheme.harms, self.scheme.scheme
        return Example(text, harms, cluster, "own", name, split=split, stance=stance, register=kind, rendering=rendering)


def cluster_of(scheme: str, template: str) -> str:
    """The id of a template: it stays when others are added."""
    return f"own:{scheme}:{sha256(template.encode()).hexdigest()[:8]}"


def plain_key(text: str) -> str:
    """Letters and digits only: two texts with the same key are the same text."""
    return "".join(filter(str.isalnum, text.casefold()))


def split_templates(templates: Sequence[str]) -> dict[str, Split]:
    """80 / 10 / 10 by rank of a hash of the text, so that each split gets its share of each scheme; the seed has no say."""
    ranked = sorted(templates, key=lambda text: sha256(text.encode()).digest())
    return {text: next(split for split, end in SHARES if (rank + 0.5) / len(ranked) < end) for rank, text in enumerate(ranked)}


def _parted(scheme: str, name: str, words: Slots | tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Words for training and for testing: as written, or the quarter whose hashes come first."""
    if isinstance(words, Slots):
        return words.train, words.test
    ranked = sorted(dict.fromkeys(words), key=lambda word: sha256(word.encode()).digest())
    if len(ranked) < 2:
        raise ConfigError(f"{scheme}: the slot {name!r} needs two words at least: one for training, one for testing", hint=HINT)
    count = max(1, round(len(ranked) * TEST_WORDS))
    return tuple(ranked[count:]), tuple(ranked[:count])


def load_corpus(folder: Path, only: str = "") -> Corpus:
    """All schemes below `folder` (or of its subfolder `only`), with `slots*.yml` of the folder and of each family.

    Raises:
        ConfigError: a file that cannot be read, an unknown key, slot or twin, the same scheme twice.
    """
    shared: dict[str, dict[str, Slots | tuple[str, ...]]] = {}
    schemes: list[Scheme] = []
    digest = ""
    for path in sorted(folder.rglob("*.yml")):
        family = path.relative_to(folder).parts[0] if path.parent != folder else ""
        if only and family not in ("", only):
            continue
        digest = sha256_hex(digest.encode() + path.relative_to(folder).as_posix().encode() + path.read_bytes())
        if path.name.startswith("slots"):
            shared.setdefault(family, {}).update(read_slots(path))
        else:
            schemes += read_schemes(path)
    if not schemes:
        raise ConfigError("no scheme there", place=Place(str(folder)), hint=HINT)
    corpus = Corpus(tuple(schemes), shared, digest)
    _checked(corpus, folder)
    return corpus


def _checked(corpus: Corpus, folder: Path) -> None:
    names: dict[str, Scheme] = {}
    for scheme in corpus.schemes:
        place = Place(str(folder / scheme.file))
        if scheme.scheme in names:
            raise ConfigError(f"the scheme {scheme.scheme!r} stands in {names[scheme.scheme].file} too", place=place, hint=HINT)
        names[scheme.scheme] = scheme
        train, test = corpus.words(scheme)
        for text in (*scheme.templates, *(text for part in scheme.sections.values() for text in part)):
            _known_slots(text, (train, test), place, scheme.scheme)
    for scheme in corpus.schemes:
        if scheme.twin_of is not None and scheme.twin_of not in names:
            raise ConfigError(
                f"{scheme.scheme}: twin of {scheme.twin_of!r}, which does not exist", place=Place(str(folder / scheme.file)), hint=HINT
            )


def _known_slots(text: str, words: tuple[Words, Words], place: Place, scheme: str) -> None:
    todo, seen = list(slots_of(parse(text))), set()
    while todo:
        name = todo.pop()
        if name in seen:
            continue
        seen.add(name)
        if name in words[0]:
            todo += [inner for side in words for word in side[name] for inner in slots_of(parse(word))]
        elif name not in MADE:
            raise ConfigError(f"{scheme}: no words for the slot {name!r} in {text[:60]!r}", place=place, hint="add it to slots.yml")
