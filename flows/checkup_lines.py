"""The lines of the doctor's report, shared by the quick checks and the deep ones."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Literal

State = Literal["ok", "warn", "fail"]
OK: Final = "ok"
WARN: Final = "warn"
FAIL: Final = "fail"
Told = tuple[State, str, str]
"""State, what was found, how to mend it."""
LOW_DISK: Final = 2 * 2**30
"""Below 2 GiB a crawl of a few sources may fill the disk."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line. `warn`: works, but less than it could, or not for long. `hint`: how to mend it."""

    what: str
    state: State
    says: str
    hint: str = ""

    def to_json(self) -> dict[str, str]:
        """As a flat object."""
        return asdict(self)


def low_disk(path: Path) -> Iterator[Told]:
    """How much is free where `path` lies, and whether it may be written to."""
    free = shutil.disk_usage(path).free
    says = f"{free / 2**30:.1f} GiB free for {path}"
    yield (OK, says, "") if free > LOW_DISK else (FAIL, says, "free some space, or set RASOAT_HOME to a larger disk")
    if not os.access(path, os.W_OK):
        yield FAIL, f"{path} cannot be written", "set RASOAT_HOME to a folder of yours"
