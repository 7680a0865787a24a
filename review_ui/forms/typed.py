"""What was typed into a form, and what is wrong with it, field by field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from pydantic import ValidationError
from starlette.datastructures import FormData

from rasoat.errors import RasoatError

_FIELDS: Final = {
    "outcome", "quote", "context", "context_note", "innocent_reading", "reason", "measure", "policy_ground", "legal_grounds",
    "expression_risk", "expression_note", "overrules_scope_warning", "bona_fide", "capture_verified", "choice", "channel",
    "deferral", "deferred_until", "no_contact", "reference", "answer", "grounds", "secondary",
}  # fmt: skip


@dataclass(frozen=True)
class Typed:
    """The values as typed, to be shown again; `errors` maps a field to a message key of the `ui` room."""

    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, form: FormData, errors: Mapping[str, str] | None = None) -> Typed:
        """All text fields but the form token."""
        values: dict[str, tuple[str, ...]] = {}
        for name, value in form.multi_items():
            if name != "csrf" and isinstance(value, str):
                values[name] = (*values.get(name, ()), value)
        return cls(values, dict(errors or {}))

    def one(self, name: str, default: str = "") -> str:
        """The value of a field."""
        return self.values.get(name, (default,))[0]

    def has(self, name: str, value: str) -> bool:
        """Whether `value` was chosen among several."""
        return value in self.values.get(name, ())

    def error(self, name: str) -> str:
        """Message key of what is wrong with the field; empty when nothing is."""
        return self.errors.get(name, "")


class FieldProblems(RasoatError):
    """Some fields are wrong: `errors` maps each to a message key."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        self.errors = dict(errors)
        super().__init__("wrong fields: " + ", ".join(self.errors))


def problems_of(error: ValidationError) -> dict[str, str]:
    """Field to message key, from pydantic's answer. A rule over several fields names its field before a colon."""
    found: dict[str, str] = {}
    for entry in error.errors():
        place = [str(part) for part in entry["loc"]]
        name = next((part for part in reversed(place) if part in _FIELDS), "")
        if not name:
            name = entry["msg"].removeprefix("Value error, ").partition(":")[0]
        name = name if name in _FIELDS else "form"
        found.setdefault(name, "field_long" if entry["type"] == "string_too_long" else f"field_{name}")
    return found
