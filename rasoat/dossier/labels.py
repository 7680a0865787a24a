"""The bricks of a page: labelled rows, paragraphs, quotes, dates; labels in both languages, absent values made visible.

Owns their form as the templates read it. Knows nothing of what a notice holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rasoat.dossier.drafting import Words
from rasoat.policy import Policy

Page = dict[str, Any]
"""What a template reads. Strings, lists and dicts only."""


@dataclass(frozen=True)
class Labels:
    """Labels in both languages, values that are absent made visible."""

    words: Words
    policy: Policy

    def vi(self, key: str, **slots: object) -> str:
        """One Vietnamese message."""
        return self.words.vi.t(f"dossier.{key}", **slots)

    def en(self, key: str, **slots: object) -> str:
        """One English message."""
        return self.words.en.t(f"dossier.{key}", **slots)

    def territory(self, code: str) -> str:
        """The country in words where it has some, with its code."""
        name = f"dossier.territory_{code}"
        return f"{self.words.vi.t(name)} ({code})" if self.words.vi.has(name) else code

    def row(self, key: str, value: str | None, style: str = "plain", absent: str = "absent") -> Page:
        """A labelled value; `None` is said, not hidden."""
        shown = {"value": value, "style": style} if value else {"value": self.vi(absent), "style": "none"}
        return {"vi": self.vi(f"label_{key}"), "en": self.en(f"label_{key}"), **shown}

    def section(self, key: str, *blocks: Page) -> Page:
        """A numbered section."""
        return {"vi": self.vi(f"section_{key}"), "en": self.en(f"section_{key}"), "blocks": list(blocks)}


def rows(*given: Page) -> Page:
    """A table of labelled values."""
    return {"kind": "rows", "rows": list(given)}


def text(words: str) -> Page:
    """A paragraph."""
    return {"kind": "text", "text": words}


def title(words: str) -> Page:
    """A small heading."""
    return {"kind": "title", "text": words}


def quote(words: str) -> Page:
    """Words in a box of their own."""
    return {"kind": "quote", "text": words}


def points(lines: list[str]) -> Page:
    """A list."""
    return {"kind": "points", "points": lines}


def day(at: str) -> str:
    """The day of a moment, as people write it."""
    return f"{at[8:10]}/{at[5:7]}/{at[:4]}"


def moment(at: str) -> str:
    """A moment, as people write it."""
    return f"{day(at)} {at[11:19]} UTC"


def plain_day(iso: str) -> str:
    """A day, as people write it."""
    return day(iso + "T")
