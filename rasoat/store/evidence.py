"""Bytes by their SHA-256, in local files reached through fsspec. Sealed ones are encrypted with the key of this home.

Knows no database: who still needs a blob is decided in `blobs.py`.
"""

from __future__ import annotations

import os
import re
import secrets
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import fsspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from rasoat.canonical import sha256_hex
from rasoat.errors import EvidenceError, RetryLater
from rasoat.items import BlobRef

_NONCE: Final = 12  # bytes, RFC 8439
_SUFFIX: Final = {False: ".blob", True: ".sealed"}
_NAME: Final = re.compile(r"[0-9a-f]{64}\.(?:blob|sealed)")
STALE_TMP_SECONDS: Final = 3600.0
"""An unfinished file older than this belongs to a process that died."""


class FileEvidence:
    """`ports.EvidenceStore` below one folder: `ab/cd/<sha256>.blob` or `.sealed`.

    Sealed files are `nonce ‖ ChaCha20-Poly1305(bytes)` with the SHA-256 as associated data, so that two files cannot be exchanged.
    """

    def __init__(self, root: Path, key: Callable[[], bytes]) -> None:
        self._root, self._key = root, key
        self._cipher: ChaCha20Poly1305 | None = None
        self._files = fsspec.filesystem("file", auto_mkdir=True)

    def put(self, data: bytes, media_type: str, *, sealed: bool = False) -> BlobRef:
        """Store and return the reference. Whole or absent: written aside, flushed to the disk, then renamed.

        Raises:
            RetryLater: the disk is full or failing; nothing half-written stays.
        """
        ref = BlobRef(sha256_hex(data), len(data), media_type, sealed)
        path = self._path(ref)
        try:
            if self._intact(path, ref):
                os.utime(path)  # the sweep leaves alone what somebody has just put
            else:
                self._write(path, self._seal(data, ref.sha256) if sealed else data)
        except OSError as error:
            raise RetryLater(f"evidence cannot be written: {error.strerror or error}; free disk space and run again") from error
        return ref

    def get(self, ref: BlobRef) -> bytes:
        """The bytes, hashed anew.

        Raises:
            EvidenceError: absent, or not what was put.
        """
        try:
            with self._files.open(str(self._path(ref)), "rb") as file:
                stored: bytes = file.read()
            data = self._open_seal(stored, ref.sha256) if ref.sealed else stored
        except FileNotFoundError as error:
            raise EvidenceError(f"evidence {ref.sha256[:12]}… is missing") from error
        except (OSError, InvalidTag) as error:
            raise EvidenceError(f"evidence {ref.sha256[:12]}… cannot be read: {error or 'the seal is broken'}") from error
        if sha256_hex(data) != ref.sha256:
            raise EvidenceError(f"evidence {ref.sha256[:12]}… differs from its hash")
        return data

    def delete(self, ref: BlobRef) -> None:
        """Remove; no error when absent."""
        self._path(ref).unlink(missing_ok=True)

    def has(self, ref: BlobRef) -> bool:
        """Whether the file is there; says nothing about its bytes."""
        return self._path(ref).exists()

    def all(self) -> Iterator[tuple[BlobRef, float]]:
        """Every blob that lies here with the seconds since it was last put; media types are unknown to the files."""
        now = time.time()
        for name in self._files.find(str(self._root)):
            path = Path(name)
            if _NAME.fullmatch(path.name):
                stat = path.stat()
                yield BlobRef(path.stem, stat.st_size, "", path.suffix == ".sealed"), now - stat.st_mtime

    def sweep_unfinished(self) -> int:
        """Remove what writers left that were killed in mid-write; returns how many."""
        old = [path for path in self._root.rglob("*.tmp") if time.time() - path.stat().st_mtime > STALE_TMP_SECONDS]
        for path in old:
            path.unlink(missing_ok=True)
        return len(old)

    def _path(self, ref: BlobRef) -> Path:
        return self._root / ref.sha256[:2] / ref.sha256[2:4] / (ref.sha256 + _SUFFIX[ref.sealed])

    def _intact(self, path: Path, ref: BlobRef) -> bool:
        overhead = _NONCE + 16 if ref.sealed else 0
        return path.exists() and path.stat().st_size == ref.size + overhead

    def _write(self, path: Path, stored: bytes) -> None:
        tmp = path.with_suffix(f".{os.getpid()}-{secrets.token_hex(4)}.tmp")
        try:
            with self._files.open(str(tmp), "wb") as file:
                file.write(stored)
                file.flush()
                os.fsync(file.fileno())
            os.replace(tmp, path)
        except OSError:
            tmp.unlink(missing_ok=True)
            raise

    def _seal(self, data: bytes, sha256: str) -> bytes:
        nonce = secrets.token_bytes(_NONCE)
        return nonce + self._aead().encrypt(nonce, data, sha256.encode())

    def _open_seal(self, stored: bytes, sha256: str) -> bytes:
        return self._aead().decrypt(stored[:_NONCE], stored[_NONCE:], sha256.encode())

    def _aead(self) -> ChaCha20Poly1305:
        if self._cipher is None:
            self._cipher = ChaCha20Poly1305(self._key())
        return self._cipher
