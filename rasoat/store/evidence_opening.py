"""Which shelf the evidence lies on, by the settings: a folder of the home, or an S3-compatible store."""

from __future__ import annotations

from urllib.parse import urlsplit

from rasoat.errors import ConfigError
from rasoat.settings import Settings
from rasoat.store.evidence import Evidence
from rasoat.store.evidence_files import FileShelf
from rasoat.store.evidence_shelf import Shelf


def open_evidence(settings: Settings) -> Evidence:
    """The evidence store. Asks no server yet: what does not use evidence works while the store is away.

    Raises:
        ConfigError: the address is none, or holds a secret.
    """
    return Evidence(_shelf(settings), lambda: settings.secret("evidence.key"))


def _shelf(settings: Settings) -> Shelf:
    if not settings.evidence_url:
        return FileShelf(settings.evidence_dir)
    parts = urlsplit(settings.evidence_url)
    bad = parts.query or parts.fragment or "@" in parts.netloc or ":" in parts.netloc
    if parts.scheme != "s3" or not parts.netloc or bad:
        raise ConfigError(
            "RASOAT_EVIDENCE_URL is not like s3://bucket/prefix",
            hint="server, key and secret have settings of their own: RASOAT_EVIDENCE_ENDPOINT, _KEY, _SECRET_FILE",
        )
    if settings.evidence_key and not settings.evidence_secret_text:
        raise ConfigError("RASOAT_EVIDENCE_KEY is set, and its secret is not", hint="set RASOAT_EVIDENCE_SECRET_FILE")
    try:
        from rasoat.store.evidence_s3 import Bucket, S3Shelf  # a newcomer's machine needs no client
    except ModuleNotFoundError as error:
        raise ConfigError("evidence in S3 needs s3fs", hint="install the extra `shared`") from error
    return S3Shelf(
        Bucket(
            parts.netloc,
            parts.path.strip("/"),
            settings.evidence_endpoint,
            settings.evidence_region,
            settings.evidence_key,
            settings.evidence_secret_text,
            settings.evidence_ca,
        )
    )
