"""Values of the DSA Transparency Database that no file, case or export of ours may hold. Code, not data."""

from __future__ import annotations

from typing import Final

FORBIDDEN_CATEGORIES: Final = frozenset({"STATEMENT_CATEGORY_NEGATIVE_EFFECTS_ON_CIVIC_DISCOURSE_OR_ELECTIONS"})
"""Never mapped: there is no harm of ours in it."""

FORBIDDEN_KEYWORDS: Final = frozenset(
    {
        "MISINFORMATION_DISINFORMATION",
        "VIOLATION_EU_LAW",
        "VIOLATION_NATIONAL_LAW",
        "DEFAMATION",
        "TERRORIST_CONTENT",
        "ILLEGAL_ORGANIZATIONS",
        "FEMALE_GENDERED_DISINFORMATION",
        "LANGUAGE_REQUIREMENTS",
        "GEOGRAPHICAL_REQUIREMENTS",
    }
)
"""Without the prefix `KEYWORD_`."""


def bare_keyword(value: str) -> str:
    """The keyword without its prefix, in capitals, dashes and spaces as underscores."""
    return value.strip().upper().replace("-", "_").replace(" ", "_").removeprefix("KEYWORD_")


def bare_category(value: str) -> str:
    """The category with its prefix, in capitals, dashes and spaces as underscores."""
    name = bare_keyword(value)
    return name if name.startswith("STATEMENT_CATEGORY_") else f"STATEMENT_CATEGORY_{name}"


def forbidden(value: str) -> bool:
    """Whether a category or keyword, with or without prefix and in any case, is forbidden here."""
    return bare_category(value) in FORBIDDEN_CATEGORIES or bare_keyword(value) in FORBIDDEN_KEYWORDS
