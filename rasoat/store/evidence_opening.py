"""Which shelf evidence and packs lie on, by the settings: folders of the home, or an S3-compatible store."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from rasoat.errors import ConfigError
from rasoat.settings import Settings
from rasoat.store.evidence import Evidence
from rasoat.store.evidence_files import FileShelf
from rasoat.store.evidence_shelf import Shelf
from rasoat.store.packs import Packs


def open_evidence(settings: Settings) -> Evidence:
    """The evidence store. Asks no server yet: what does not use evidence works while the store is away.

    Raises:
        ConfigError: the address is none, or holds a secret.
    """
    return Evidence(_shelf(settings, settings.evidence_dir), lambda: settings.secret("evidence.key"))


def open_packs(settings: Settings) -> Packs:
    """The sealed packs, with the evidence: below its prefix, so that a key with rights on that prefix is enough. Asks no server yet.

    Raises:
        ConfigError: the address is none, or holds a secret.
    """
    return Packs(_shelf(settings, settings.dossier_dir, "/dossiers"), settings.dossier_dir)


def _shelf(settings: Settings, folder: Path, below: str = "") -> Shelf:
    if not settings.evidence_url:
        return FileShelf(folder)
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
            (parts.path.rstrip("/") + below).strip("/"),
            settings.evidence_endpoint,
            settings.evidence_region,
            settings.evidence_key,
            settings.evidence_secret_text,
            settings.evidence_ca,
        )
    )
