"""Hosts of links: those reported for phishing, and how far an unknown one looks like them. Knows hosts only, no text and no harm.

`data/lexicons/phishing-hosts.bin.gz` holds sorted 6-byte hashes of the cleaned list and one weight for each of 8,192 hashed letter groups.
Made by `python -m classifiers.training.hosts`. Newspapers, public bodies, schools and large platforms are in neither on purpose.
"""

from __future__ import annotations

import gzip
import re
import struct
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Final
from zlib import crc32

from rasoat.errors import ConfigError, Place
from rasoat.settings import ROOT

FILE: Final = "phishing-hosts.bin.gz"
BUCKETS: Final = 8192
WIDTH: Final = 6
"""Bytes of a hash: with 20,000 hosts, one unknown host in 10^10 is taken for a known one."""
SIZES: Final = (2, 3, 4)
_HEAD: Final = struct.Struct("<4sIff")
_MAGIC: Final = b"RSH1"
ALIKE: Final = 4.0
"""Log-odds from which a host looks like the list: figures in data/lexicons/README.md."""
LONG_LABEL: Final = 8
MADE_UP: Final = "bi-bao-cao-vidu.top"
"""Stands in the table for examples and tests, which name no real host: written `bi-bao-cao-vidu.top.example`."""
NEVER: Final = (
    ".onelink.me",
    ".page.link",
    ".app.link",
    ".go.link",
    ".gov.vn",
    ".edu.vn",
    ".ac.vn",
    ".org.vn",
    ".mil.vn",
    ".gov",
    ".edu",
    ".int",
    ".mil",
)
"""Public bodies, schools, and services that shorten links for everybody: no look of a name is held against them."""
PRESS: Final = re.compile(
    r"^(?:bao|tin|thoi|dan|nguoi|tieng|viet(?!com|in|tel|cap|a?bank|jet)|su|phap|luat)|news|press|tapchi|radio|media|times|luan|danchu|dantri|blog|"
    r"wiki|voice|forum|diendan|vietnam|(?:bao|tin|tv|viet|daily|post)$"
)
"""In a label: what a newspaper, a forum or a society may be called. No look of such a name is held against it."""


@dataclass(frozen=True)
class Hosts:
    """The table, ready to ask. Immutable."""

    keys: bytes
    weights: bytes  # int8, one a bucket
    scale: float
    bias: float

    @classmethod
    def load(cls, path: Path) -> Hosts:
        """Read the table.

        Raises:
            ConfigError: the file is missing or not of this form.
        """
        try:
            packed = gzip.decompress(path.read_bytes())
            magic, count, scale, bias = _HEAD.unpack_from(packed)
        except (OSError, EOFError, struct.error) as error:
            raise ConfigError(f"cannot read the hosts: {error}", place=Place(str(path)), hint="check the file out again") from error
        if magic != _MAGIC or len(packed) != _HEAD.size + count * WIDTH + BUCKETS:
            raise ConfigError("not a table of hosts", place=Place(str(path)), hint="check the file out again")
        middle = _HEAD.size + count * WIDTH
        return cls(packed[_HEAD.size : middle], packed[middle:], scale, bias)

    def packed(self) -> bytes:
        """The bytes of the file, without time stamp."""
        head = _HEAD.pack(_MAGIC, len(self.keys) // WIDTH, self.scale, self.bias)
        return gzip.compress(head + self.keys + self.weights, 9, mtime=0)

    @cached_property
    def _known(self) -> tuple[bytes, ...]:
        return tuple(self.keys[at : at + WIDTH] for at in range(0, len(self.keys), WIDTH))

    def is_known(self, host: str) -> bool:
        """Whether the host, or one it belongs to (not a bare ending), was reported."""
        labels = plain(host).split(".")
        return any(self._has(".".join(labels[at:])) for at in range(len(labels) - 1))

    def _has(self, host: str) -> bool:
        key = key_of(host)
        at = bisect_left(self._known, key)
        return at < len(self._known) and self._known[at] == key

    def likeness(self, host: str) -> float:
        """Log-odds that it is one of them, by its letters; 0 or less for what is never held against a name."""
        name = plain(host)
        if is_exempt(name):
            return 0.0
        found = [self.weights[bucket] - 256 * (self.weights[bucket] > 127) for bucket in buckets(name)]
        return float(self.bias + self.scale * sum(found) / max(1, len(found)) ** 0.5)


def plain(host: str) -> str:
    """Small letters, without `www.` and, in our made-up world, without `.example`."""
    return host.lower().strip(".").removesuffix(".example").removeprefix("www.")


def is_exempt(name: str) -> bool:
    """Whether a name is one that is never judged by its look: public, of a school, of the press, plainly under .vn."""
    return name.endswith((*NEVER, ".vn")) or any(PRESS.search(label) for label in name.split(".")[:-1])


def key_of(host: str) -> bytes:
    """The hash that stands in the table."""
    return sha256(host.encode()).digest()[:WIDTH]


def buckets(name: str) -> Iterator[int]:
    """Hashed letter groups of a name with its ends."""
    marked = f"^{name}$"
    for size in SIZES:
        for at in range(len(marked) - size + 1):
            yield crc32(marked[at : at + size].encode()) % BUCKETS


def is_reported(host: str) -> bool:
    """Whether the shipped list knows the host."""
    return shipped().is_known(host)


def looks_reported(host: str) -> bool:
    """Whether the host looks like those of the list, by more than a sentence without a space after its full stop does ("nhanh.shop")."""
    name = plain(host)
    odd = bool(re.search(r"[0-9-]", name)) or max(map(len, name.split(".")[:-1]), default=0) >= LONG_LABEL
    return odd and shipped().likeness(host) >= ALIKE


@lru_cache(maxsize=1)
def shipped() -> Hosts:
    """The table that ships, read once, when a link is first asked about.

    Raises:
        ConfigError: it is missing or altered.
    """
    return Hosts.load(ROOT / "data" / "lexicons" / FILE)
