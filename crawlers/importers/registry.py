"""The mappers, by name, and the choice among them when nobody named one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from crawlers.importers.facebook import FacebookPosts
from crawlers.importers.mapping import Mapper
from crawlers.importers.records import Record
from crawlers.importers.sms import SmsReports
from crawlers.importers.tabular import Tabular
from crawlers.importers.tiktok import TikTokComments, TikTokVideos
from crawlers.importers.youtube import YouTubeComments
from rasoat.errors import UsageError

_ALL: Final[tuple[Mapper, ...]] = (TikTokVideos(), TikTokComments(), FacebookPosts(), YouTubeComments(), SmsReports(), Tabular())
MAPPERS: Final[Mapping[str, Mapper]] = MappingProxyType({mapper.name: mapper for mapper in _ALL})
"""Every mapper; names are what `--mapper` takes."""

SURE: Final = 0.5
"""Least confidence for choosing without being told."""
LEAD: Final = 0.1
"""Least lead over the next best."""
COLUMNS_SHOWN: Final = 12


def named(name: str) -> Mapper:
    """The mapper of that name.

    Raises:
        UsageError: there is none.
    """
    try:
        return MAPPERS[name]
    except KeyError as error:
        raise UsageError(f"no mapper is called '{name}'; there are: {', '.join(sorted(MAPPERS))}") from error


def detect(records: Sequence[Record], file: str) -> Mapper:
    """The mapper that fits the first records of a file.

    Raises:
        UsageError: none fits well, or two fit equally; names the candidates and what the file holds.
    """
    ranked = sorted(((mapper.sniff(records), mapper) for mapper in MAPPERS.values()), key=lambda pair: pair[0], reverse=True)
    (best, chosen), (second, _) = ranked[0], ranked[1]
    if best >= SURE and best - second >= LEAD:
        return chosen
    likely = [f"{mapper.name} ({score:.0%})" for score, mapper in ranked if score > 0] or [mapper.name for _, mapper in ranked]
    fields = list(records[0].data)[:COLUMNS_SHOWN] if records else []
    raise UsageError(
        f"{file}: cannot tell how to map it; it holds {', '.join(map(repr, fields)) or 'no fields'}. "
        f"Say which with --mapper: {', '.join(likely)}"
    )
