"""What all page models share."""

from __future__ import annotations

from enum import StrEnum
from typing import TypeVar

from pydantic import BaseModel, ConfigDict


class View(BaseModel):
    """A frozen part of a page."""

    model_config = ConfigDict(frozen=True)


class Choice(View):
    """One option of a select or a set of boxes, in the reader's language."""

    id: str
    label: str
    help: str = ""
    codes: tuple[str, ...] = ()  # harms for which it is offered; empty means all


Kind = TypeVar("Kind", bound=StrEnum)


def known(kind: type[Kind], value: str) -> Kind | None:
    """The member of that value; None for anything else, such as what somebody typed into an address."""
    try:
        return kind(value)
    except ValueError:
        return None
