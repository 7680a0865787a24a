"""The keys of the pages, read from the catalogue so that each language may have its own. The script asks for them by element."""

from __future__ import annotations

from typing import Final

from rasoat.messages import Messages

ACTS: Final = (
    *("down", "up", "open", "claim", "next", "quote", "submit", "release", "search", "help"),
    *("go_queue", "go_search", "go_policy", "go_account"),
)
"""Each has `ui.key_<act>` (the key, or two keys after each other as 'g q') and `ui.key_<act>_what` (what it does)."""


def key_map(words: Messages) -> dict[str, str]:
    """Act to key."""
    return {act: words.t(f"ui.key_{act}") for act in ACTS}
