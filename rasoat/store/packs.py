"""Sealed packs by file name, on a shelf: `dossiers/` of the home, or below the prefix of the evidence in an S3-compatible store.

A pack holds captures. So there is one copy of it, and it stays while a row names it and its case is not erased.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from sqlalchemy import select

from rasoat.canonical import sha256_hex
from rasoat.errors import EvidenceError
from rasoat.store.blobs import ORPHAN_SECONDS
from rasoat.store.database import Database
from rasoat.store.evidence_shelf import Lying, Shelf
from rasoat.store.tables import CaseRow, DossierRow

MOST: Final = 1 << 30
"""Bytes; `rasoat.dossier.archive.MAX_PACK`: nothing longer was ever built."""
_NAME: Final = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*\.zip")


class Packs:
    """What `store.packs` offers. Every call raises RetryLater while the shelf is away, and ConfigError when somebody has to change a
    setting or a right first.
    """

    def __init__(self, shelf: Shelf, home: Path) -> None:
        self._shelf, self._home = shelf, home

    @property
    def where(self) -> str:
        """Where packs lie; never with a secret."""
        return self._shelf.where

    @property
    def shared(self) -> bool:
        """Whether they lie where other machines reach them, and nobody with a file manager."""
        return self._shelf.shared

    def put(self, name: str, data: bytes) -> None:
        """Whole or absent, and read back: what this returned from lies there.

        Raises:
            EvidenceError: it does not read back as it was written (a failing disk); it is removed again.
        """
        self._shelf.write(_checked(name), data)
        if self._shelf.read(name, len(data) + 1) != data:
            self._shelf.remove([name])
            raise EvidenceError(f"the pack {name} does not read back from {self.where} as it was written")

    def read(self, name: str) -> bytes:
        """What lies there under the name of a pack. Raises FileNotFoundError when nothing does."""
        return self._shelf.read(_checked(name), MOST + 1)

    def get(self, name: str, sha256: str) -> bytes:
        """The bytes that were noted, hashed anew.

        Raises:
            EvidenceError: missing, or other bytes than those that were noted.
        """
        try:
            data = self.read(name)
        except FileNotFoundError as error:
            raise EvidenceError(f"the pack {name} is missing") from error
        if sha256_hex(data) != sha256:
            raise EvidenceError(f"the pack {name} differs from its hash")
        return data

    def has(self, name: str) -> bool:
        """Whether it is there; says nothing about its bytes."""
        return self._shelf.look(_checked(name)) is not None

    def remove(self, names: Sequence[str]) -> None:
        """Remove, with every version; no error when absent."""
        self._shelf.remove([_checked(name) for name in names])

    def all(self) -> Iterator[tuple[str, Lying]]:
        """Every pack that lies here, with its size and age."""
        return ((name, lying) for name, lying in self._shelf.all() if is_pack(name))

    def sweep_unfinished(self) -> None:
        """Remove what writers left that were killed in mid-write."""
        self._shelf.sweep_unfinished()

    def gather(self) -> None:
        """Where packs are shared, move there what still lies in this home from before: there is one copy, where retention finds it."""
        if not self.shared:
            return
        for path in [path for path in self._home.glob("*.zip") if is_pack(path.name)]:
            with suppress(FileNotFoundError):  # another machine may share the folder, and be faster
                if not self.has(path.name):
                    self.put(path.name, path.read_bytes())
                path.unlink()


def is_pack(name: str) -> bool:
    """Whether a pack may be called so: one name, no folder."""
    return _NAME.fullmatch(name) is not None


def sweep(database: Database, packs: Packs) -> int:
    """Remove packs of erased cases, and after a day those that no row names: whoever built them died. Returns how many.

    Looks at what lies there, so that one that could not be removed when its case went goes with the next run.
    """
    packs.gather()
    packs.sweep_unfinished()
    lying = list(packs.all())  # before the rows: what is put and noted meanwhile is left alone
    named = select(DossierRow.path, CaseRow.erased).join(CaseRow, CaseRow.id == DossierRow.case_id)
    with database.reading() as conn:
        erased = {row.path: row.erased for row in conn.execute(named)}
    gone = [name for name, one in lying if erased.get(name, one.age > ORPHAN_SECONDS)]
    packs.remove(gone)
    return len(gone)


def _checked(name: str) -> str:
    if not is_pack(name):
        raise EvidenceError(f"no pack is called {name!r}")
    return name
