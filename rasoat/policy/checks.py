"""Checks between entries and between files: lists are complete, names are known, and the charter holds.

Each check adds what it finds to a list of problems and goes on, so that one run shows them all.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from typing import Any, Final

from pydantic import BaseModel

from rasoat.cases.decisions import ContextBox, Measure
from rasoat.errors import CharterError, ConfigError
from rasoat.harms import Harm, Outcome
from rasoat.policy import dsa
from rasoat.policy import models as m
from rasoat.policy.denylist import SECTION_WORDINGS, WORDINGS, Denial, denied, denied_wording
from rasoat.yamlfile import Document

FILES: Final[dict[str, type[BaseModel]]] = {
    "harms.yml": m.HarmsFile,
    "outcomes.yml": m.OutcomesFile,
    "context.yml": m.ContextFile,
    "measures.yml": m.MeasuresFile,
    "legal_grounds.yml": m.GroundsFile,
    "platforms.yml": m.PlatformsFile,
    "dsa.yml": m.DsaFile,
    "capacities.yml": m.CapacitiesFile,
}
"""The policy files and their forms. `loader` unpacks them in this order."""

CAPACITIES: Final = (
    "PRIVATE_PERSON",
    "VICTIM",
    "RIGHT_HOLDER",
    "COMPANY",
    "NGO",
    "DSA_TRUSTED_FLAGGER",
    "PLATFORM_PARTNER",
    "PUBLIC_AUTHORITY",
)
"""In which capacity somebody asks: a closed list."""

ALLOWED_NAMES: Final = ("Medical misinformation",)
"""Names that hold a denied word and are needed: of this one only the part on harmful treatments (`CFM`)."""

CHARTER_HINT: Final = "the list is closed by docs/charter.md; changing it is a change of the charter"


def check_files(documents: Mapping[str, Document], parsed: Mapping[str, BaseModel], problems: list[ConfigError]) -> None:
    """Run every check that its file allows. Charter checks run on raw values too, so that a broken file hides nothing."""
    raw: tuple[tuple[str, Callable[[Document], Iterator[ConfigError]]], ...] = (
        ("harms.yml", _closed_list),
        ("harms.yml", _no_opinion_in_a_harm),
        ("legal_grounds.yml", _no_denied_ground),
        ("platforms.yml", _no_political_section),
    )
    for name, raw_check in raw:
        if name in documents:
            problems.extend(raw_check(documents[name]))
    for document in documents.values():
        problems.extend(_no_forbidden_value(document))
    for name, found in parsed.items():
        problems.extend(_check_one(documents[name], found))
    harms, dsa_file = parsed.get("harms.yml"), parsed.get("dsa.yml")
    if isinstance(harms, m.HarmsFile) and isinstance(dsa_file, m.DsaFile):
        problems.extend(_dsa_known(documents["harms.yml"], harms, dsa_file))


def _check_one(document: Document, found: BaseModel) -> Iterator[ConfigError]:
    if isinstance(found, m.OutcomesFile):
        yield from _complete(document, "outcomes", "code", [o.code for o in found.outcomes], Outcome)
    elif isinstance(found, m.ContextFile):
        yield from _complete(document, "boxes", "id", [box.id for box in found.boxes], ContextBox)
    elif isinstance(found, m.MeasuresFile):
        yield from _complete(document, "measures", "id", [measure.id for measure in found.measures], Measure)
        if [measure.id for measure in found.measures] != list(Measure):
            order = ", ".join(Measure)
            yield ConfigError("the order is wrong", place=document.place("measures"), hint=f"least restrictive first: {order}")
    elif isinstance(found, m.GroundsFile):
        yield from _twice(document, "grounds", [ground.id for ground in found.grounds])
        for n, ground in enumerate(found.grounds):
            if Harm.AGG in ground.codes:
                place = document.place("grounds", n, "codes")
                yield CharterError("AGG allows a letter and has no legal ground", place=place, hint=CHARTER_HINT)
    elif isinstance(found, m.PlatformsFile):
        yield from _platforms(document, found)
    elif isinstance(found, m.CapacitiesFile):
        yield from _capacities(document, found)


def _closed_list(document: Document) -> Iterator[ConfigError]:
    """Exactly the 14: a harm more, fewer, or of another name is a change of the charter."""
    entries = _entries(document, "harms")
    codes = [str(entry.get("code")) for _, entry in entries]
    for n, entry in entries:
        code = str(entry.get("code"))
        if code not in set(Harm):
            yield CharterError(f"'{code}' is not one of the 14 harms", place=document.place("harms", n, "code"), hint=CHARTER_HINT)
    if absent := [harm.value for harm in Harm if harm.value not in codes]:
        yield CharterError(f"missing: {', '.join(absent)}", place=document.place("harms"), hint="all 14 harms must stand here")
    yield from _twice(document, "harms", codes)


def _no_denied_ground(document: Document) -> Iterator[ConfigError]:
    for n, entry in _entries(document, "grounds"):
        texts = [text for key, value in entry.items() if key != "article" for text in _texts(value)]
        article = " ".join(_texts(entry.get("article", "")))
        for text in (article, *texts):
            if foreign := _foreign_letter(text):
                place = document.place("grounds", n)
                yield CharterError(f"'{foreign}' is no Latin letter", place=place, hint="write grounds in Vietnamese and English")
        if denial := denied(article, texts):
            yield _denial_error(document, ("grounds", n, "id"), str(entry.get("id")), denial)


def _denial_error(document: Document, loc: tuple[str | int, ...], name: str, denial: Denial) -> CharterError:
    message = f"'{name}' can never be a ground: {denial.reason} (matched '{denial.matched}', entry '{denial.entry}')"
    return CharterError(message, place=document.place(*loc), hint="remove it; the deny-list is rasoat/policy/denylist.py")


def _no_political_section(document: Document) -> Iterator[ConfigError]:
    for d, destination in _entries(document, "destinations"):
        sections = destination.get("sections")
        for n, section in enumerate(sections if isinstance(sections, list) else []):
            name = str(section.get("name", "")) if isinstance(section, dict) else ""
            texts = [text for text in _texts(section) if text not in ALLOWED_NAMES]
            loc = ("destinations", d, "sections", n, "name")
            if denial := denied_wording(*texts, wordings=WORDINGS + SECTION_WORDINGS):
                yield _denial_error(document, loc, name, denial)


def _no_opinion_in_a_harm(document: Document) -> Iterator[ConfigError]:
    """What a harm is and what it includes may not speak of the denied subjects; what it excludes should."""
    for n, entry in _entries(document, "harms"):
        for key in ("name", "definition", "include", "urgent"):
            for loc, text in _walk(entry.get(key), ("harms", n, key)):
                if denial := denied_wording(text):
                    message = f"a harm may not cover this: {denial.reason} (matched '{denial.matched}')"
                    yield CharterError(message, place=document.place(*loc), hint=CHARTER_HINT)


def _no_forbidden_value(document: Document) -> Iterator[ConfigError]:
    """No string anywhere in any policy file may be a forbidden DSA value."""
    for loc, value in _walk(document.value, ()):
        if dsa.forbidden(value):
            yield CharterError(
                f"the DSA value '{value}' is forbidden here", place=document.place(*loc), hint="rasoat/policy/dsa.py says which"
            )


def _dsa_known(document: Document, harms: m.HarmsFile, dsa_file: m.DsaFile) -> Iterator[ConfigError]:
    known = {category.id: set(category.keywords) for category in dsa_file.categories}
    every = set().union(*known.values())
    for n, harm in enumerate(harms.harms):
        if harm.dsa_category not in known:
            place = document.place("harms", n, "dsa_category")
            yield ConfigError(f"'{harm.dsa_category}' is not in dsa.yml", place=place, hint="use a category that stands there")
        for keyword in harm.dsa_keywords:
            if keyword not in every:
                place = document.place("harms", n, "dsa_keywords")
                yield ConfigError(f"'{keyword}' is not in dsa.yml", place=place, hint="use a keyword that stands there")


def _platforms(document: Document, found: m.PlatformsFile) -> Iterator[ConfigError]:
    yield from _twice(document, "destinations", [destination.id for destination in found.destinations])
    seen: set[str] = set()
    for d, destination in enumerate(found.destinations):
        for n, section in enumerate(destination.sections):
            loc = ("destinations", d, "sections", n)
            if section.id in seen:
                yield ConfigError(f"the id '{section.id}' stands here twice", place=document.place(*loc, "id"))
            if section.model_fields_set & {"destination", "platform"}:
                yield ConfigError("the destination above says this already", place=document.place(*loc), hint="remove the key")
            seen.add(section.id)


def _capacities(document: Document, found: m.CapacitiesFile) -> Iterator[ConfigError]:
    ids = [capacity.id for capacity in found.capacities]
    if sorted(ids) != sorted(CAPACITIES):
        yield CharterError("the list of capacities is closed", place=document.place("capacities"), hint=", ".join(CAPACITIES))
    for n, capacity in enumerate(found.capacities):
        place = document.place("capacities", n)
        if capacity.public_authority != (capacity.id == "PUBLIC_AUTHORITY"):
            yield CharterError("exactly PUBLIC_AUTHORITY is a public authority", place=place, hint=CHARTER_HINT)
        if capacity.public_authority and capacity.in_product_flags:
            yield CharterError(
                "a public authority may not use in-product flags",
                place=place,
                hint="its request is a government request and is labelled so",
            )


def _complete(document: Document, key: str, field: str, found: list[Any], wanted: type[StrEnum]) -> Iterator[ConfigError]:
    if absent := [value.value for value in wanted if value not in found]:
        yield ConfigError(f"missing: {', '.join(absent)}", place=document.place(key), hint=f"every {field} must stand here once")
    yield from _twice(document, key, [str(value) for value in found])


def _twice(document: Document, key: str, ids: list[str]) -> Iterator[ConfigError]:
    for n, name in enumerate(ids):
        if name in ids[:n]:
            yield ConfigError(f"'{name}' stands here twice", place=document.place(key, n), hint="remove one of the two")


def _entries(document: Document, key: str) -> list[tuple[int, dict[str, Any]]]:
    value = document.value.get(key) if isinstance(document.value, dict) else None
    return [(n, entry) for n, entry in enumerate(value if isinstance(value, list) else []) if isinstance(entry, dict)]


def _walk(value: Any, loc: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _walk(inner, (*loc, key))
    elif isinstance(value, list):
        for n, inner in enumerate(value):
            yield from _walk(inner, (*loc, n))
    elif isinstance(value, str):
        yield loc, value


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict | list):
        return [text for _, text in _walk(value, ())]
    return [str(value)]


def _foreign_letter(text: str) -> str:
    """The first letter that is not Latin: a look-alike, or another script."""
    return next((c for c in text if c.isalpha() and not unicodedata.name(c, "").startswith(("LATIN ", "FULLWIDTH LATIN "))), "")
