"""Column types and row helpers shared by all tables. Knows SQLAlchemy, and nothing of what a table means."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import BigInteger
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def to_micros(moment: datetime) -> int:
    """Microseconds since 1970, exactly: no float in between, so that hashes of a time agree after a round trip."""
    return (moment - EPOCH) // _MICROSECOND


def from_micros(value: int) -> datetime:
    """The inverse of `to_micros`, UTC."""
    return EPOCH + timedelta(microseconds=value)


class UtcTime(TypeDecorator[datetime]):
    """An aware moment as whole microseconds: sorts, subtracts and indexes alike in SQLite and PostgreSQL."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """To SQL. A naive time is a mistake of the caller and raises TypeError."""
        return None if value is None else to_micros(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """From SQL."""
        return None if value is None else from_micros(value)
