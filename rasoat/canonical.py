"""Canonical bytes and hashes: what is signed, chained and compared."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Iterable
from typing import Any

GENESIS = "0" * 64
"""`prev_hash` of the first entry of a chain."""


def canonical_json(value: Any) -> bytes:
    """RFC 8785-style bytes: sorted keys, UTF-8, no spaces. Floats are refused: their text form is not portable.

    Raises:
        TypeError: for a float or a value that JSON does not have.
    """
    _refuse_floats(value)
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def _refuse_floats(value: Any) -> None:
    if isinstance(value, float):
        raise TypeError(f"a float ({value!r}) has no canonical form: write it as a decimal string")
    if isinstance(value, dict):
        for key, inner in value.items():
            if not isinstance(key, str):
                raise TypeError(f"key {key!r} is not a string")
            _refuse_floats(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            _refuse_floats(inner)


def sha256_hex(data: bytes) -> str:
    """SHA-256 as 64 lower-case hex digits."""
    return hashlib.sha256(data).hexdigest()


def chain_hash(entry: dict[str, Any], prev_hash: str) -> str:
    """`SHA-256(canonical_json(entry) ‖ prev_hash)`: the hash of one link of a chain. `entry` must not hold its own hash."""
    return sha256_hex(canonical_json(entry) + prev_hash.encode())


def text_hash(text: str) -> str:
    """Hash of a text's content: NFC, outer and repeated white space ignored."""
    return sha256_hex(" ".join(unicodedata.normalize("NFC", text).split()).encode())


def id_of(parts: Iterable[str]) -> str:
    """SHA-256 over the parts, each preceded by its length, so that no two lists of parts collide."""
    return sha256_hex(b"".join(f"{len(raw)}:".encode() + raw for raw in (part.encode() for part in parts)))
