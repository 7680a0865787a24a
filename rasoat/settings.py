"""Settings: built once, from the environment (`RASOAT_*`), passed on. Nothing happens at import."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from rasoat.errors import DISK_FULL, ConfigError, RetryLater

ROOT = Path(__file__).resolve().parent.parent
"""The checkout: where `data/` and `models/` lie."""


class Settings(BaseSettings):
    """One field, one environment variable `RASOAT_<FIELD>`; an unknown `RASOAT_*` variable is an error."""

    model_config = SettingsConfigDict(env_prefix="RASOAT_", env_ignore_empty=True, frozen=True, extra="forbid")

    home: Path = Field(default=Path("var"), description="the only folder that the program writes to")
    host: str = Field(default="127.0.0.1", description="address of the review site")
    port: int = Field(default=8000, ge=1, le=65535, description="port of the review site")
    demo_port: int = Field(default=0, ge=0, le=65535, description="port of the demo web; 0 takes a free one")
    data: Path = Field(default=ROOT / "data", description="policy, rules, lexicons, sources, messages")
    models: Path = Field(default=ROOT / "models", description="shipped weights")
    audit_share: float = Field(default=0.01, ge=0, le=1, description="share of unflagged items kept 90 days for measuring misses")
    second_reading_share: float = Field(default=0.15, ge=0, le=1, description="share of other codes that gets a blind second reading")
    claim_minutes: int = Field(default=30, ge=1, description="how long a claim holds without action")
    assess_workers: int = Field(
        default=1, ge=1, description="processes that assess on this machine, unless `--workers` says another number"
    )
    retry_seconds: int = Field(default=10, ge=0, description="pause before a Prefect task is tried again; doubles each time")
    secure_cookies: bool = Field(default=False, description="set when the site stands behind TLS")
    database_url: str = Field(
        default="",
        description="PostgreSQL, like `postgresql://rasoat_app@db.example/rasoat`; empty: SQLite in the home",
    )
    database_password_file: Path | None = Field(default=None, description="file that holds the database's password")
    search_url: str = Field(default="", description="address of Elasticsearch; empty: the embedded index in the home")
    search_user: str = Field(default="", description="user of Elasticsearch, where no API key is given")
    search_password: SecretStr = Field(default=SecretStr(""), description="password of that user")
    search_password_file: Path | None = Field(default=None, description="file that holds the password instead")
    search_api_key: SecretStr = Field(default=SecretStr(""), description="API key of Elasticsearch, in place of user and password")
    search_ca: Path | None = Field(default=None, description="certificate of the authority that signed Elasticsearch's, PEM")
    search_index: str = Field(default="rasoat-items", pattern=r"^rasoat-[a-z0-9-]+$", description="name of the index alias")
    evidence_url: str = Field(default="", description="where captures lie: `s3://bucket/prefix`; empty: a folder of the home")
    evidence_endpoint: str = Field(default="", description="address of the S3-compatible server; empty: that of AWS")
    evidence_region: str = Field(default="us-east-1", description="region of the bucket; servers of one's own mostly have this one")
    evidence_key: str = Field(default="", description="access key; empty: the standard chain of AWS, such as the machine's role")
    evidence_secret: SecretStr = Field(default=SecretStr(""), description="secret of that key")
    evidence_secret_file: Path | None = Field(default=None, description="file that holds the secret instead")
    evidence_ca: Path | None = Field(default=None, description="certificate of the authority that signed the S3 server's, PEM")
    backups: Path | None = Field(
        default=None, description="folder of the backups and of the ledger of what was erased, on another disk; none: no ledger"
    )
    backup_days: int = Field(default=7, ge=1, le=30, description="how long a backup is kept; what was purged meanwhile is in it so long")
    metrics_token_file: Path | None = Field(default=None, description="file with the token for `/metrics`; none: loopback only")
    site_url: str = Field(
        default="", description="address of the review site for links in Prefect; empty: that of `RASOAT_HOST` and `PORT`"
    )
    notify_url: SecretStr = Field(default=SecretStr(""), description="webhook that Prefect tells of failed and late runs; empty: none")
    notify_url_file: Path | None = Field(default=None, description="file that holds the webhook's address instead")
    log_format: Literal["auto", "json", "text"] = Field(
        default="auto", description="of the log; `auto`: text on a terminal, else JSON lines"
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(default="info", description="what is less grave is not logged")
    requester_org: str = Field(default="Tổ chức Ví Dụ", description="organisation printed on every dossier")
    requester_capacity: str = Field(default="NGO", description="capacity in which it asks; see docs/policy.md")
    requester_email: str = Field(default="lien-he@rasoat.example", description="address for objections, printed on every letter")

    @property
    def search_secret(self) -> str:
        """The password of Elasticsearch's user, from its file where one is named.

        Raises:
            ConfigError: the file cannot be read.
        """
        if self.search_password_file is None:
            return self.search_password.get_secret_value()
        return _password(self.search_password_file, "RASOAT_SEARCH_PASSWORD_FILE")

    @property
    def database_secret(self) -> str:
        """The password of the database from its file; empty where none is named.

        Raises:
            ConfigError: the file cannot be read.
        """
        return "" if self.database_password_file is None else _password(self.database_password_file, "RASOAT_DATABASE_PASSWORD_FILE")

    @property
    def evidence_secret_text(self) -> str:
        """The secret of the evidence store's key, from its file where one is named.

        Raises:
            ConfigError: the file cannot be read.
        """
        if self.evidence_secret_file is None:
            return self.evidence_secret.get_secret_value()
        return _password(self.evidence_secret_file, "RASOAT_EVIDENCE_SECRET_FILE")

    @property
    def metrics_secret(self) -> str:
        """The token for `/metrics` from its file; empty where none is named.

        Raises:
            ConfigError: the file cannot be read, or holds nothing: an empty token would let everybody in.
        """
        if self.metrics_token_file is None:
            return ""
        token = _password(self.metrics_token_file, "RASOAT_METRICS_TOKEN_FILE")
        if not token:
            raise ConfigError(f"no token in {self.metrics_token_file}", hint="write one line into it, or unset RASOAT_METRICS_TOKEN_FILE")
        return token

    @property
    def notify_address(self) -> str:
        """Of the webhook for failed and late runs, from its file where one is named; empty: nobody is told. Such addresses hold tokens.

        Raises:
            ConfigError: the file cannot be read.
        """
        if self.notify_url_file is None:
            return self.notify_url.get_secret_value()
        return _password(self.notify_url_file, "RASOAT_NOTIFY_URL_FILE")

    @property
    def evidence_dir(self) -> Path:
        """Where blobs lie."""
        return self.home / "evidence"

    @property
    def dossier_dir(self) -> Path:
        """Where sealed packs lie, unless evidence and they lie in a bucket (`store.packs`)."""
        return self.home / "dossiers"

    @property
    def crawl_dir(self) -> Path:
        """Where frontiers lie, one file a source."""
        return self.home / "crawl"

    @property
    def keys_dir(self) -> Path:
        """Secrets of this home, mode 0700."""
        return self.home / "keys"

    def secret(self, name: str, size: int = 32) -> bytes:
        """The named secret of this home; made at first use, mode 0600. Two processes get the same one."""
        path = self.keys_dir / name
        if not path.exists():
            self._make_secret(path, size)
        return path.read_bytes()

    def _make_secret(self, path: Path, size: int) -> None:
        tmp = path.with_suffix(f".{secrets.token_hex(8)}.tmp")  # threads race too, not only processes
        try:
            self.keys_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
            with os.fdopen(os.open(tmp, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
                out.write(secrets.token_bytes(size))
            with contextlib.suppress(FileExistsError):  # another process was faster: its secret counts
                os.link(tmp, path)
        except OSError as error:
            if error.errno in DISK_FULL:
                raise RetryLater(f"cannot write the secret {path}: {error.strerror}; free disk space and run again") from error
            raise ConfigError(f"cannot write the secret {path}: {error.strerror}", hint="set RASOAT_HOME to a folder of yours") from error
        finally:
            with contextlib.suppress(OSError):
                tmp.unlink()


def _password(path: Path, setting: str) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ConfigError(f"cannot read a password from {path}: {error.strerror}", hint=f"check {setting}") from error


def load_settings() -> Settings:
    """Read the environment once.

    Raises:
        ConfigError: an unknown or malformed `RASOAT_*` variable.
    """
    known = {f"RASOAT_{name.upper()}" for name in Settings.model_fields}
    unknown = sorted(name for name in os.environ if name.startswith("RASOAT_") and name not in known)
    if unknown:
        raise ConfigError(f"unknown setting {unknown[0]}", hint="known ones: " + ", ".join(sorted(known)))
    try:
        settings = Settings()
    except ValidationError as error:
        first = error.errors()[0]
        raise ConfigError(f"RASOAT_{str(first['loc'][0]).upper()}: {first['msg']}", hint="see docs/settings.md") from error
    return settings.model_copy(update={"home": settings.home.resolve()})
