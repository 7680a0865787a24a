"""Ed25519 keys: the one that signs this home's packs, and the public ones that readers check with.

Owns keys and key ids. Whether a key deserves trust is for the reader to decide, by comparing its id over another channel.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

from rasoat.errors import ConfigError, UsageError
from rasoat.settings import Settings

KEY_FILE: Final = "signing.key"
SEED_SIZE: Final = 32


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key to check signatures with. `raw` is the 32 bytes of RFC 8032."""

    raw: bytes

    @property
    def key_id(self) -> str:
        """The first 16 hex digits of the SHA-256 of the raw key, in groups of four: short enough to read out."""
        digest = hashlib.sha256(self.raw).hexdigest()[:16]
        return "-".join(digest[i : i + 4] for i in range(0, 16, 4))

    @property
    def pem(self) -> bytes:
        """SubjectPublicKeyInfo as PEM: what openssl reads."""
        return Ed25519PublicKey.from_public_bytes(self.raw).public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    def signed(self, data: bytes, signature: bytes) -> bool:
        """Whether `signature` over `data` was made with this key."""
        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, data)
        except InvalidSignature:
            return False
        return True

    @classmethod
    def from_pem(cls, data: bytes) -> Self:
        """Read a PEM. Raises ValueError when it holds no Ed25519 key."""
        try:
            key = load_pem_public_key(data)
        except UnsupportedAlgorithm as error:
            raise ValueError(str(error)) from error
        if not isinstance(key, Ed25519PublicKey):
            raise ValueError("not an Ed25519 key")
        return cls(key.public_bytes(Encoding.Raw, PublicFormat.Raw))

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read the PEM file that `--key` names. Raises UsageError when it is none."""
        try:
            return cls.from_pem(path.read_bytes())
        except (OSError, ValueError) as error:
            raise UsageError(f"{path} is not an Ed25519 public key in PEM form: {error}") from error


@dataclass(frozen=True, slots=True)
class Signer:
    """The private key of this home."""

    _key: Ed25519PrivateKey = field(repr=False)

    @classmethod
    def load(cls, settings: Settings) -> Self:
        """The key of this home; made at first use. Raises ConfigError when the file is not a 32-byte seed."""
        return cls.from_seed(settings.secret(KEY_FILE, SEED_SIZE))

    @classmethod
    def from_seed(cls, seed: bytes) -> Self:
        """From 32 secret bytes."""
        if len(seed) != SEED_SIZE:
            raise ConfigError(f"the signing key has {len(seed)} bytes, not {SEED_SIZE}", hint="restore keys/signing.key from a backup")
        return cls(Ed25519PrivateKey.from_private_bytes(seed))

    @property
    def public(self) -> PublicKey:
        """The public half."""
        return PublicKey(self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))

    def sign(self, data: bytes) -> bytes:
        """64 bytes; the same data always gives the same signature."""
        return self._key.sign(data)
