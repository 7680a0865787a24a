"""People are keyed hashes on the way in. There is no way back but the sealed evidence of an approved case."""

from __future__ import annotations

import hashlib
import hmac

from rasoat.items import Platform


def author_key(secret: bytes, platform: Platform, handle: str) -> str:
    """HMAC-SHA-256 of platform and handle, 32 hex digits. `secret` is `Settings.author_secret()`, one per home."""
    return hmac.new(secret, f"{platform.value}\0{handle.strip().casefold()}".encode(), hashlib.sha256).hexdigest()[:32]
