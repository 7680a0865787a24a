"""The lock of a source on one machine: a file that one process holds. The kernel gives it back when the holder dies, however it dies."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from rasoat.errors import UsageError


class SourceLock:
    """flock, not a pid file; the file says who holds it."""

    def __init__(self, folder: Path, source: str) -> None:
        self._source = source
        self._path = folder / f"{source}.lock"
        self._fd = -1

    def take(self) -> None:
        """Hold it, without waiting.

        Raises:
            UsageError: another process holds it.
        """
        fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.read(fd, 32).decode(errors="replace").strip()
            os.close(fd)
            raise UsageError(f"the source '{self._source}' is being crawled by another process ({holder or 'pid unknown'})") from error
        os.ftruncate(fd, 0)
        os.pwrite(fd, f"pid {os.getpid()}".encode(), 0)
        self._fd = fd

    def held(self) -> bool:
        """Whether somebody holds it now, this process included. Opens and makes nothing."""
        try:
            fd = os.open(self._path, os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(fd)
        return False

    def give(self) -> None:
        """Give it back; no error when it is not held."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
