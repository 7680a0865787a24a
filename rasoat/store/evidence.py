"""Bytes by their SHA-256, on a shelf: a folder, or an S3-compatible store. Sealed ones are encrypted before they leave this machine.

Knows no database: who still needs a blob is decided in `blobs.py`. Does not know where the bytes lie: that is the shelf's part.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from rasoat.canonical import sha256_hex
from rasoat.errors import ConfigError, EvidenceError
from rasoat.items import BlobRef
from rasoat.store.evidence_shelf import Shelf

_NONCE: Final = 12  # bytes, RFC 8439
_TAG: Final = 16
_SUFFIX: Final = {False: ".blob", True: ".sealed"}
_NAME: Final = re.compile(r"[0-9a-f]{2}/[0-9a-f]{2}/([0-9a-f]{64})\.(blob|sealed)")
KEY_CHECK: Final = "key.check"
"""Nothing, sealed with the key of whoever sealed first: another key is found out before it seals what nobody else can open."""


class Evidence:
    """`ports.EvidenceStore` on a shelf: `ab/cd/<sha256>.blob` or `.sealed`.

    Sealed blobs are `nonce ‖ ChaCha20-Poly1305(bytes)` with the SHA-256 as associated data, so that two cannot be exchanged.
    """

    def __init__(self, shelf: Shelf, key: Callable[[], bytes]) -> None:
        self._shelf, self._key = shelf, key
        self._cipher: ChaCha20Poly1305 | None = None

    @property
    def where(self) -> str:
        """Where the bytes lie; never with a secret."""
        return self._shelf.where

    def put(self, data: bytes, media_type: str, *, sealed: bool = False) -> BlobRef:
        """Store and return the reference. Whole or absent; what lies there already is not written again.

        Raises:
            RetryLater: the disk is full, or the store is away; nothing half-written stays.
            ConfigError: the store refuses us, or this home's key is not the one that the shared store was sealed with.
        """
        ref = BlobRef(sha256_hex(data), len(data), media_type, sealed)
        if not self._shelf.keep(blob_name(ref), _stored_size(ref)):
            self._shelf.write(blob_name(ref), self._seal(data, ref.sha256) if sealed else data)
        return ref

    def get(self, ref: BlobRef) -> bytes:
        """The bytes, hashed anew. No more is read than the reference speaks of.

        Raises:
            EvidenceError: absent, or not what was put.
            RetryLater: the store is away.
        """
        try:
            stored = self._shelf.read(blob_name(ref), _stored_size(ref) + 1)
            data = self._open_seal(stored, ref.sha256) if ref.sealed else stored
        except FileNotFoundError as error:
            raise EvidenceError(f"evidence {ref.sha256[:12]}… is missing") from error
        except InvalidTag as error:
            raise EvidenceError(f"evidence {ref.sha256[:12]}… cannot be read: the seal is broken") from error
        if sha256_hex(data) != ref.sha256:
            raise EvidenceError(f"evidence {ref.sha256[:12]}… differs from its hash")
        return data

    def delete(self, ref: BlobRef) -> None:
        """Remove; no error when absent."""
        self.delete_many([ref])

    def delete_many(self, refs: Sequence[BlobRef]) -> None:
        """Remove several, side by side where the shelf is far away."""
        self._shelf.remove([blob_name(ref) for ref in refs])

    def has(self, ref: BlobRef) -> bool:
        """Whether the blob is there; says nothing about its bytes."""
        return self._shelf.look(blob_name(ref)) is not None

    def age(self, ref: BlobRef) -> float | None:
        """Seconds since it was last put; None when it is not there."""
        lying = self._shelf.look(blob_name(ref))
        return None if lying is None else lying.age

    def all(self) -> Iterator[tuple[BlobRef, float]]:
        """Every blob that lies here with the seconds since it was last put; media types are unknown to the shelf."""
        for name, lying in self._shelf.all():
            if found := _NAME.fullmatch(name):
                yield BlobRef(found[1], lying.size, "", found[2] == "sealed"), lying.age

    def sweep_unfinished(self) -> int:
        """Remove what writers left that were killed in mid-write; returns how many."""
        return self._shelf.sweep_unfinished()

    def keeps_versions(self) -> bool:
        """Whether the store keeps old versions: they are removed with the blob, for the price of more requests."""
        return self._shelf.keeps_versions()

    def probe(self) -> None:
        """Write, read and remove a blob of random bytes, sealed: everything that the work needs, on the way that it goes.

        Raises:
            RasoatError: what is wrong; nothing of the probe stays where removing works.
        """
        data = secrets.token_bytes(64)
        ref = self.put(data, "application/octet-stream", sealed=True)
        try:
            self.get(ref)
        finally:
            self.delete(ref)
        if self.has(ref):
            raise EvidenceError(f"a blob that was just removed is still in {self.where}")

    def _seal(self, data: bytes, sha256: str) -> bytes:
        nonce = secrets.token_bytes(_NONCE)
        return nonce + self._aead().encrypt(nonce, data, sha256.encode())

    def _open_seal(self, stored: bytes, sha256: str) -> bytes:
        return self._aead().decrypt(stored[:_NONCE], stored[_NONCE:], sha256.encode()) if len(stored) >= _NONCE + _TAG else b""

    def _aead(self) -> ChaCha20Poly1305:
        if self._cipher is None:
            cipher = ChaCha20Poly1305(self._key())
            if self._shelf.shared:
                self._same_key(cipher)
            self._cipher = cipher
        return self._cipher

    def _same_key(self, cipher: ChaCha20Poly1305) -> None:
        nonce = secrets.token_bytes(_NONCE)
        try:
            stored = self._shelf.read(KEY_CHECK, _NONCE + _TAG)
        except FileNotFoundError:
            self._shelf.write_once(KEY_CHECK, nonce + cipher.encrypt(nonce, b"", KEY_CHECK.encode()))
            stored = self._shelf.read(KEY_CHECK, _NONCE + _TAG)
        try:
            cipher.decrypt(stored[:_NONCE], stored[_NONCE:], KEY_CHECK.encode())
        except (InvalidTag, ValueError) as error:
            raise ConfigError(
                f"the evidence in {self.where} was sealed with another key than this home's",
                hint="copy the folder keys/ from a machine that uses it already",
            ) from error


def blob_name(ref: BlobRef) -> str:
    """How it is called on the shelf."""
    return f"{ref.sha256[:2]}/{ref.sha256[2:4]}/{ref.sha256}{_SUFFIX[ref.sealed]}"


def _stored_size(ref: BlobRef) -> int:
    return ref.size + (_NONCE + _TAG if ref.sealed else 0)
