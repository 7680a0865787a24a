"""Campaign clusters: near-duplicates of a stream of texts, in bounded memory, with cluster ids that stay when new items come.

One table of band hashes in numpy, open addressing: the first owner of every band key, and of every text a signature of one byte a place.
A million short texts take some 800 MB. Knows ids and texts only; signatures are `classifiers.near_duplicates`'.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from classifiers.near_duplicates import BANDS, ROWS, SIZE, signature
from rasoat.errors import ConfigError, Place
from rasoat.likeness import JOIN_AT
from rasoat.text import fold

U64 = npt.NDArray[np.uint64]
_FULL: Final = 0.6
"""Share of used places at which the table doubles."""
_START: Final = 1 << 16
_MULTIPLIERS: Final = np.array([0x9E3779B97F4A7C15 + 2 * n * 0xBF58476D1CE4E5B9 & (1 << 64) - 1 | 1 for n in range(ROWS)], dtype=np.uint64)
_SALTS: Final = np.arange(1, BANDS + 1, dtype=np.uint64) * np.uint64(0x94D049BB133111EB)
_CHANCE: Final = 1 / 256
"""How often two bytes of unlike texts agree: taken out of the estimate (b-bit minwise hashing, Li and König 2010)."""


@dataclass(frozen=True, slots=True)
class Merge:
    """Two clusters turned out to be one: `gone` now answers as `kept`, because of `by`. The older one keeps its name."""

    gone: str
    kept: str
    by: str


class Clusters:
    """Add texts one by one; each belongs to the cluster of the oldest text that it is like, by single linkage over band owners.

    A text of fewer than five words is only like its equals. The id of a cluster is the id of its oldest member, for ever;
    when two clusters meet, the younger id is a name for the older from then on, and `merges` says so.
    """

    def __init__(self, join_at: float = JOIN_AT) -> None:
        self.join_at = join_at
        self.merges: list[Merge] = []
        self._ids: list[str] = []
        self._numbers: dict[str, int] = {}
        self._parents = np.zeros(1024, dtype=np.uint32)
        self._bytes = np.zeros((1024, SIZE), dtype=np.uint8)
        self._keys: U64 = np.zeros(_START, dtype=np.uint64)
        self._owners = np.zeros(_START, dtype=np.uint32)
        self._used = 0

    def __len__(self) -> int:
        return len(self._ids)

    @property
    def memory(self) -> int:
        """Bytes that the tables hold; ids come on top (some 130 bytes each)."""
        return int(self._keys.nbytes + self._owners.nbytes + self._bytes.nbytes + self._parents.nbytes)

    def add(self, id_: str, text: str) -> str:
        """Take in a text; returns the id of its cluster. An id that is known already stays where it is."""
        if id_ in self._numbers:
            return self.cluster_of(id_)
        made = signature(text)
        number = self._new(id_)
        if made is None:
            keys, packed = _equal_key(text), None
        else:
            row = np.array(made, dtype=np.uint64)
            keys, packed = _band_keys(row), (row & np.uint64(0xFF)).astype(np.uint8)
            self._bytes[number] = packed
        places = self._find(keys)
        owners = self._owners[places[self._keys[places] != 0]]
        for other in self._alike(packed, owners):
            self._join(number, int(other))
        self._insert(keys, number)
        return self._ids[self._root(number)]

    def cluster_of(self, id_: str) -> str:
        """The id of the cluster that an id belongs to. Old names of merged clusters answer too: they are ids of members.

        Raises:
            KeyError: never added.
        """
        return self._ids[self._root(self._numbers[id_])]

    def groups(self) -> Iterator[tuple[str, list[str]]]:
        """Every cluster of two or more, oldest member first."""
        members: dict[int, list[str]] = {}
        for number, id_ in enumerate(self._ids):
            members.setdefault(self._root(number), []).append(id_)
        return ((self._ids[root], found) for root, found in members.items() if len(found) > 1)

    def _new(self, id_: str) -> int:
        number = len(self._ids)
        if number == len(self._parents):
            self._parents = np.concatenate([self._parents, np.zeros(number // 2, dtype=np.uint32)])
            grown = np.zeros((len(self._parents), SIZE), dtype=np.uint8)
            grown[:number] = self._bytes
            self._bytes = grown
        self._ids.append(id_)
        self._numbers[id_] = number
        self._parents[number] = number
        return number

    def _alike(self, packed: npt.NDArray[np.uint8] | None, owners: npt.NDArray[np.uint32]) -> Iterable[int]:
        if not len(owners):
            return ()
        found = np.unique(owners)
        if packed is None:
            return map(int, found)
        agree = (self._bytes[found] == packed).mean(axis=1)
        likeness = (agree - _CHANCE) / (1 - _CHANCE)
        return map(int, found[likeness >= self.join_at])

    def _root(self, number: int) -> int:
        parents = self._parents
        root = number
        while parents[root] != root:
            root = int(parents[root])
        while parents[number] != root:
            parents[number], number = root, int(parents[number])
        return root

    def _join(self, number: int, other: int) -> None:
        one, two = self._root(number), self._root(other)
        if one == two:
            return
        kept, gone = min(one, two), max(one, two)
        self._parents[gone] = kept
        if gone != number:
            self.merges.append(Merge(self._ids[gone], self._ids[kept], self._ids[number]))

    def _find(self, keys: U64) -> npt.NDArray[np.int64]:
        """For each key its place: where it stands, or the empty place where it would."""
        mask = np.uint64(len(self._keys) - 1)
        places = (keys & mask).astype(np.int64)
        while True:
            here = self._keys[places]
            off = (here != 0) & (here != keys)
            if not off.any():
                return places
            places[off] = (places[off] + 1) & int(mask)

    def _insert(self, keys: U64, number: int) -> None:
        if self._used + len(keys) > _FULL * len(self._keys):
            self._grow()
        while len(keys):  # two new keys may want the same place: the loser looks again
            places = self._find(keys)
            free = self._keys[places] == 0
            self._keys[places[free]] = keys[free]
            won = free & (self._keys[places] == keys)
            self._owners[places[won]] = number
            self._used += int(won.sum())
            keys = keys[self._keys[places] != keys]

    def _grow(self) -> None:
        keys, owners = self._keys, self._owners
        self._keys, self._owners = np.zeros(2 * len(keys), dtype=np.uint64), np.zeros(2 * len(keys), dtype=np.uint32)
        full = np.flatnonzero(keys)
        _fill(self._keys, self._owners, keys[full], owners[full])

    def save(self, folder: Path) -> None:
        """Write everything to a folder, in numpy's format without pickle, and JSON."""
        folder.mkdir(parents=True, exist_ok=True)
        count, full = len(self._ids), np.flatnonzero(self._keys)
        np.savez(
            folder / "clusters.npz",
            parents=self._parents[:count],
            bytes=self._bytes[:count],
            keys=self._keys[full],
            owners=self._owners[full],
            size=np.array([len(self._keys)]),
        )
        merges = [[merge.gone, merge.kept, merge.by] for merge in self.merges]
        facts = {"join_at": self.join_at, "ids": self._ids, "merges": merges}
        (folder / "clusters.json").write_text(json.dumps(facts, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Clusters:
        """What `save` wrote.

        Raises:
            ConfigError: it is not there, or not whole.
        """
        try:
            facts = json.loads((folder / "clusters.json").read_bytes())
            made = cls(float(facts["join_at"]))
            made._ids = [str(id_) for id_ in facts["ids"]]
            made.merges = [Merge(*row) for row in facts["merges"]]
            with np.load(folder / "clusters.npz", allow_pickle=False) as arrays:
                made._parents, made._bytes = arrays["parents"], arrays["bytes"]
                keys, owners, size = arrays["keys"], arrays["owners"], int(arrays["size"][0])
            if len(made._ids) != len(made._parents) or size & (size - 1):
                raise ValueError("ids and tables do not belong together")
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ConfigError(f"cannot read the clusters: {error}", place=Place(str(folder)), hint="make them again") from error
        made._numbers = {id_: number for number, id_ in enumerate(made._ids)}
        made._keys, made._owners, made._used = np.zeros(size, dtype=np.uint64), np.zeros(size, dtype=np.uint32), len(keys)
        _fill(made._keys, made._owners, keys, owners)
        return made


def _fill(table: U64, table_owners: npt.NDArray[np.uint32], keys: U64, owners: npt.NDArray[np.uint32]) -> None:
    """Place different keys in an empty table, all at once: who loses a place tries the next one."""
    mask = len(table) - 1
    places = (keys & np.uint64(mask)).astype(np.int64)
    while len(keys):
        free = table[places] == 0
        table[places[free]] = keys[free]
        won = table[places] == keys
        table_owners[places[won]] = owners[won]
        keys, owners, places = keys[~won], owners[~won], (places[~won] + 1) & mask


def _band_keys(row: U64) -> U64:
    """21 keys of 64 bits, never 0."""
    mixed = (row.reshape(BANDS, ROWS) + _SALTS[:, None]) * _MULTIPLIERS
    mixed ^= mixed >> np.uint64(31)
    keys: U64 = mixed.sum(axis=1, dtype=np.uint64) * np.uint64(0xD6E8FEB86659FD93)
    keys ^= keys >> np.uint64(29)
    keys[keys == 0] = 1
    return keys


def _equal_key(text: str) -> U64:
    digest = hashlib.blake2b(fold(text).encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return np.array([max(1, int.from_bytes(digest, "big"))], dtype=np.uint64)
