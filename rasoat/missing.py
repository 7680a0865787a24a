"""`Missing`: a field that the platform did not give. It is neither zero nor empty nor None."""

from __future__ import annotations

from enum import Enum
from typing import Final, Literal, TypeAlias, TypeVar, Union


class MissingType(Enum):
    """The type of `Missing`; it has one value."""

    MISSING = "missing"

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "Missing"


Missing: Final = MissingType.MISSING
T = TypeVar("T")
Maybe: TypeAlias = Union[T, Literal[MissingType.MISSING]]  # noqa: UP007  (mypy reads the `|` form as a variable)


def given(value: Maybe[T], default: T) -> T:
    """`value`, or `default` where it is Missing."""
    return default if isinstance(value, MissingType) else value


def or_none(value: Maybe[T]) -> T | None:
    """`value`, or None where it is Missing: for JSON and SQL, which have only null."""
    return None if isinstance(value, MissingType) else value


def from_none(value: T | None) -> Maybe[T]:
    """The inverse of `or_none`."""
    return Missing if value is None else value
