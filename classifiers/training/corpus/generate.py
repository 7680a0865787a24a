"""Writes texts from grammars: templates with slots, rendered as people type (no accents, teencode, no punctuation).

A template is a cluster: all its texts go to one split, so that figures on dev are for wordings that training never saw.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Final

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from classifiers.training.examples import Example
from rasoat.canonical import sha256_hex
from rasoat.errors import ConfigError, Place
from rasoat.harms import Harm
from rasoat.text import fold

FOLDER: Final = Path(__file__).parent
_SLOT: Final = re.compile(r"\{(\w+)\}")
_TEENCODE: Final = {
    "không": "ko", "được": "đc", "vậy": "z", "gì": "j", "rồi": "r", "với": "vs", "người": "ng", "biết": "bt", "mình": "mk", "bạn": "b",
    "cũng": "cx", "nhưng": "nhg", "như": "nhu", "bây giờ": "bh", "giờ": "h", "luôn": "lun", "muốn": "mún", "nữa": "nx",
    "trước": "trc", "những": "nhg", "yêu": "iu", "mày": "m", "tao": "t", "thằng": "thg", "nhiều": "nhìu",
}  # fmt: skip
"""Common spellings; not meant to be complete: `classifiers.normalise` owns that."""
_TAILS: Final = ("", "", "", "", " nha", " nhé", " ạ", " luôn", " á", " :))", " =))", " 😡", " 🙏", " ...", "!!!", " 😂")


class Grammar(BaseModel):
    """A group of templates with one label. `label` is a harm of the model, or `NONE` with the functionality it guards."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    label: str
    about: str
    each: int = Field(default=12, ge=1, le=200, description="texts per template")
    plain: bool = Field(default=False, description="formal text: no teencode and no tails")
    slots: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)
    templates: Annotated[tuple[str, ...], Field(min_length=1)]

    @property
    def harm(self) -> Harm | None:
        """The label as a harm; None for what must not be flagged."""
        return None if self.label == "NONE" else Harm(self.label)


def load_grammars(folder: Path = FOLDER) -> tuple[tuple[Grammar, ...], Mapping[str, tuple[str, ...]], str]:
    """All grammars in order of file name, the shared slots (`slots.yml`), and a hash of all files.

    Raises:
        ConfigError: a file that cannot be read, an unknown key or label, a slot without words.
    """
    shared: Mapping[str, tuple[str, ...]] = {}
    grammars: list[Grammar] = []
    digest = ""
    for path in sorted(folder.glob("*.yml")):
        digest = sha256_hex(digest.encode() + path.read_bytes())
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        if path.name == "slots.yml":
            shared = {name: tuple(words) for name, words in content.items()}
            continue
        try:
            grammars += [Grammar.model_validate(entry) for entry in content]
        except ValidationError as error:
            first = error.errors()[0]
            raise ConfigError(f"{first['loc']}: {first['msg']}", place=Place(str(path)), hint="see slots.yml and Grammar") from error
    for grammar in grammars:
        for template in grammar.templates:
            for slot in _SLOT.findall(template):
                if slot not in grammar.slots and slot not in shared:
                    raise ConfigError(
                        f"grammar {grammar.id}: no words for the slot {slot!r}", place=Place(str(folder)), hint="add it to slots.yml"
                    )
    return tuple(grammars), shared, digest


def generate(grammars: Sequence[Grammar], shared: Mapping[str, Sequence[str]], *, seed: int) -> Iterator[Example]:
    """Texts of every template, without repeats within a template. Deterministic: a template's texts depend on it and the seed only."""
    for grammar in grammars:
        slots = {**shared, **grammar.slots}
        for number, template in enumerate(grammar.templates):
            cluster = f"own:{grammar.id}:{number}"
            rng = random.Random(f"{seed}:{cluster}:{template}")  # noqa: S311  (repeatable texts, not secrets)
            seen: set[str] = set()
            for _ in range(3 * grammar.each):
                text = _render(_fill(template, slots, rng), rng, plain=grammar.plain)
                if text not in seen:
                    seen.add(text)
                    yield Example(text, frozenset({grammar.harm} if grammar.harm else ()), cluster, "own", grammar.id)
                if len(seen) == grammar.each:
                    break


def _fill(template: str, slots: Mapping[str, Sequence[str]], rng: random.Random) -> str:
    text = template
    for _ in range(3):  # slots may hold slots
        text = _SLOT.sub(lambda match: rng.choice(slots[match.group(1)]), text)
    return text[:1].upper() + text[1:]


def _render(text: str, rng: random.Random, *, plain: bool) -> str:
    style = rng.random()
    if plain:
        return fold(text) if style < 0.15 else text
    text += rng.choice(_TAILS)
    if style < 0.20:
        return fold(text)
    if style < 0.40:
        text = re.sub(r"[\w]+", lambda match: _TEENCODE.get(match.group().lower(), match.group()), text)
    if style < 0.60:
        text = re.sub(r"[.,!?](?=\s|$)", "", text).lower()
    return text
