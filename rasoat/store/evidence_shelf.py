"""What lies below the evidence store: named bytes in a folder or in an S3-compatible store. Knows no hash, no seal and no reference."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Lying:
    """One thing on the shelf: its size in bytes, and the seconds since it was last put there."""

    size: int
    age: float


class Shelf(Protocol):
    """Named bytes. Names are like `ab/cd/<64 hex digits>.blob`.

    Every call raises RetryLater when it may succeed later (a full disk, a network that is away) and ConfigError when somebody has to
    change a setting or a right first.
    """

    where: str
    """For messages; never with a secret."""
    shared: bool
    """Whether other machines use it too."""

    def write(self, name: str, data: bytes) -> None:
        """Put, or put anew. Whole or absent: no reader ever sees a part."""
        ...

    def write_once(self, name: str, data: bytes) -> None:
        """Put unless something lies there: of two writers at once, one wins and neither is told."""
        ...

    def read(self, name: str, most: int) -> bytes:
        """What lies there, and no more than `most` bytes of it. Raises FileNotFoundError when nothing does."""
        ...

    def look(self, name: str) -> Lying | None:
        """Size and age; None when nothing lies there."""
        ...

    def keep(self, name: str, size: int) -> bool:
        """Whether exactly so many bytes lie there and count as just put: then nothing needs to be written."""
        ...

    def remove(self, names: Sequence[str]) -> None:
        """Remove, with every older version that the shelf may keep. No error when absent."""
        ...

    def all(self) -> Iterator[tuple[str, Lying]]:
        """Everything that lies here."""
        ...

    def sweep_unfinished(self) -> int:
        """Remove what writers left that were killed in mid-write; returns how many."""
        ...

    def keeps_versions(self) -> bool:
        """Whether what is overwritten or removed is kept until `remove` asks for it too."""
        ...
