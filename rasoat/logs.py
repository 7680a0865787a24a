"""Structured logs: one JSON object a line with time, level, event, run and item; text on a terminal. Secrets and addresses stay out.

A log must never hold what the store drops: no words of an item, no address of a page, no password. `Redactor` is the last gate before
the line is written, also for what libraries log and for stack traces.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Final, Literal, TextIO

import structlog
from structlog.contextvars import bound_contextvars
from structlog.typing import EventDict, WrappedLogger

from rasoat.settings import Settings

REMOVED: Final = "[removed]"
LONGEST: Final = 2000
"""Characters of one value. A message of ours is a sentence; whatever is longer is somebody's text. Stack traces may be longer."""
LONGEST_TRACE: Final = 20_000
_TRACES: Final = frozenset({"trace", "exception", "stack"})
_SECRET_KEY: Final = re.compile(r"passw|secret|token|api_?key|authori[sz]ation|cookie|csrf|credential|private_?key", re.IGNORECASE)
_CUTS: Final = (
    (re.compile(r"(?<=://)[^/@\s]+@"), f"{REMOVED}@"),  # user and password of an address
    (re.compile(r"(\bhttps?://[^\s/?#'\")\]>]+)[/?#][^\s'\")\]>]*", re.IGNORECASE), r"\1/…"),  # which page it was
    (re.compile(r"\b(Bearer|Basic|ApiKey)\s+[\w.~+/=-]{6,}", re.IGNORECASE), rf"\1 {REMOVED}"),
    (re.compile(r"\[parameters: .*"), f"[parameters: {REMOVED}]"),  # SQLAlchemy shows what was to be written
    (re.compile(r"\bDETAIL: .*"), f"DETAIL: {REMOVED}"),  # PostgreSQL shows the row
)
_NOISY: Final = (
    "httpx",
    "httpcore",
    "elasticsearch",
    "alembic",
    "urllib3",
    "asyncio",
    "scrapy",
    "twisted",
    "botocore",
    "aiobotocore",
    "s3fs",
    "fsspec",
)
"""Libraries that tell every request; their warnings are kept."""
_MUTE: Final = ("elastic_transport",)
"""Writes a page of trace for each try; what comes of it is an error of ours in one sentence."""
_MARK: Final = "_rasoat_handler"


class Redactor:
    """Takes out what has the name of a secret, what equals one that we know, and what looks like one."""

    def __init__(self, secrets: Sequence[str] = ()) -> None:
        known = sorted({secret for secret in secrets if len(secret) >= 4}, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, known))) if known else None

    def __call__(self, _logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        """A processor of structlog."""
        return {key: self._value(key, value) for key, value in event.items()}

    def _value(self, key: str, value: Any) -> Any:
        if key.startswith("_"):  # structlog's own
            return value
        if _SECRET_KEY.search(key):
            return REMOVED
        if isinstance(value, Mapping):
            return {str(name): self._value(str(name), inner) for name, inner in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [self._value("", inner) for inner in value]
        if value is None or isinstance(value, bool | int | float):
            return value
        return self.text(str(value), LONGEST_TRACE if key in _TRACES else LONGEST)

    def text(self, text: str, longest: int = LONGEST) -> str:
        """The same without secrets, addresses and excess."""
        clean = self._known.sub(REMOVED, text) if self._known else text
        for pattern, instead in _CUTS:
            clean = pattern.sub(instead, clean)
        return clean if len(clean) <= longest else clean[:longest] + "…"


def configure(settings: Settings, *, quiet: bool = False, stream: TextIO | None = None) -> None:
    """Send our logs and those of libraries to one place, stderr by default. Called once by whoever owns the process; again replaces.

    `quiet`: a command that tells people itself how it went: it logs only when a setting of the log asks for it.
    """
    stream = stream or sys.stderr
    form = settings.log_format
    if form == "auto":
        form = "text" if stream.isatty() else "json"
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        structlog.processors.format_exc_info,
        Redactor(secrets_of(settings)),
    ]
    handler = logging.StreamHandler(stream)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=_rendering(form)))
    setattr(handler, _MARK, True)
    root = logging.getLogger()
    for old in [old for old in root.handlers if hasattr(old, _MARK)]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(_level(settings, terminal=form == "text" and stream.isatty(), quiet=quiet))
    for name in _NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in _MUTE:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )


def working_on(*, run_id: str = "", item_id: str = "", case_id: str = "", source: str = "") -> AbstractContextManager[None]:
    """Every line inside carries these ids; what is not given is not in it."""
    given = {"run_id": run_id, "item_id": item_id, "case_id": case_id, "source": source}
    return bound_contextvars(**{name: value for name, value in given.items() if value})


def secrets_of(settings: Settings) -> tuple[str, ...]:
    """Every secret that the settings hold or name a file for."""
    from urllib.parse import unquote, urlsplit

    in_address = urlsplit(settings.database_url).password or ""
    held = (settings.search_password.get_secret_value(), settings.search_api_key.get_secret_value(), in_address, unquote(in_address))
    from_files = (
        settings.search_secret,
        settings.database_secret,
        settings.metrics_secret,
        settings.notify_address,
        settings.evidence_secret_text,
    )
    return tuple(secret for secret in (*held, *from_files) if secret)


def _level(settings: Settings, *, terminal: bool, quiet: bool) -> int:
    """What nobody asked for: nothing from a quiet command, on a terminal only what is wrong."""
    asked = settings.model_fields_set
    if quiet and not asked & {"log_level", "log_format"}:
        return logging.CRITICAL
    return logging.WARNING if terminal and "log_level" not in asked else logging.getLevelNamesMapping()[settings.log_level.upper()]


def _rendering(form: Literal["json", "text"]) -> list[Any]:
    last = (
        structlog.processors.JSONRenderer(ensure_ascii=False, sort_keys=True, default=str)
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    return [structlog.stdlib.ProcessorFormatter.remove_processors_meta, last]
