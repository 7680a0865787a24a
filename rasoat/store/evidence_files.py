"""The shelf in a folder: one file a blob, written aside, flushed to the disk, then renamed."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from rasoat.errors import EvidenceError, RetryLater
from rasoat.store.evidence_shelf import Lying

STALE_TMP_SECONDS: Final = 3600.0
"""An unfinished file older than this belongs to a process that died."""


class FileShelf:
    """`evidence_shelf.Shelf` below one folder."""

    shared = False

    def __init__(self, root: Path) -> None:
        self._root, self.where = root, str(root)

    def write(self, name: str, data: bytes) -> None:
        """Put, or put anew."""
        path = self._root / name
        tmp = path.with_suffix(f".{os.getpid()}-{secrets.token_hex(4)}.tmp")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with tmp.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(tmp, path)
        except OSError as error:
            tmp.unlink(missing_ok=True)
            raise RetryLater(f"evidence cannot be written: {error.strerror or error}; free disk space and run again") from error

    def write_once(self, name: str, data: bytes) -> None:
        """Put unless something lies there."""
        if not (self._root / name).exists():
            self.write(name, data)

    def read(self, name: str, most: int) -> bytes:
        """What lies there."""
        try:
            with (self._root / name).open("rb") as file:
                return file.read(most)
        except FileNotFoundError:
            raise
        except OSError as error:
            raise EvidenceError(f"evidence cannot be read: {error.strerror or error}") from error

    def look(self, name: str) -> Lying | None:
        """Size and age."""
        try:
            stat = (self._root / name).stat()
        except FileNotFoundError:
            return None
        return Lying(stat.st_size, time.time() - stat.st_mtime)

    def keep(self, name: str, size: int) -> bool:
        """Whether it lies there whole."""
        lying = self.look(name)
        if lying is None or lying.size != size:
            return False
        try:
            os.utime(self._root / name)  # the sweep leaves alone what somebody has just put
        except FileNotFoundError:  # removed since we looked
            return False
        return True

    def remove(self, names: Sequence[str]) -> None:
        """Remove."""
        for name in names:
            (self._root / name).unlink(missing_ok=True)

    def all(self) -> Iterator[tuple[str, Lying]]:
        """Every file."""
        for path in self._root.rglob("*.*"):
            name = path.relative_to(self._root).as_posix()
            if path.is_file() and (lying := self.look(name)):
                yield name, lying

    def sweep_unfinished(self) -> int:
        """Remove old files of writers that died."""
        old = [path for path in self._root.rglob("*.tmp") if time.time() - path.stat().st_mtime > STALE_TMP_SECONDS]
        for path in old:
            path.unlink(missing_ok=True)
        return len(old)

    def keeps_versions(self) -> bool:
        """A folder keeps none."""
        return False
