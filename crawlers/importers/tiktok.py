"""TikTok: videos and comments as Zeeschuimer exports them (its modules `tiktok` and `tiktok-comments`).

Read: caption, words on stickers, time, counts. The author's name stands in TikTok's addresses; ours do without.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from crawlers.importers.fields import at, count_at, id_at, list_at, object_at, text_at, time_at
from crawlers.importers.mapping import MappingContext, Parts, build_item
from crawlers.importers.records import JsonObject, Record
from crawlers.importers.zeeschuimer import collected_at, confidence, payload
from rasoat.errors import Quarantine
from rasoat.items import Item, ItemKind, Platform
from rasoat.missing import given

_VIDEO_URL: Final = "https://www.tiktok.com/@_/video/{}"
"""TikTok finds a video by its number, whatever name stands before it."""


def _is_video(data: JsonObject) -> bool:
    return "desc" in data and "createTime" in data and ("author" in data or "music" in data)


def _is_comment(data: JsonObject) -> bool:
    return "cid" in data and "aweme_id" in data


class TikTokVideos:
    """One video: its caption and the words that stand on it."""

    name = "zeeschuimer-tiktok"
    version = 1

    def sniff(self, records: Sequence[Record]) -> float:
        """By the envelope and by `desc`, `createTime`, `author`."""
        return confidence(records, frozenset({"tiktok.com", "tiktok"}), _is_video)

    def map(self, record: Record, context: MappingContext) -> Item:
        """`author` is an object in API answers and a bare name in pages; `statsV2` holds counts as text."""
        data = payload(record)
        number = id_at(data, "id")
        if not isinstance(number, str):
            raise Quarantine("a TikTok video without 'id'")
        if "desc" not in data:
            raise Quarantine("a TikTok video without 'desc': the export's format may have changed")
        stickers = [words for sticker in list_at(data, "stickersOnItem") for words in _words(sticker)]
        handle = text_at(data, "author.uniqueId", "author")
        published = time_at(data, "createTime")
        context.note_unreadable("published_at", "createTime" in data, published)
        reach = count_at(data, "statsV2.playCount", "stats.playCount")
        context.note_unreadable("reach", bool(object_at(data, "stats")), reach)
        parts = Parts(
            Platform.TIKTOK,
            ItemKind.VIDEO,
            f"video/{number}",
            "\n".join([*(text for text in [given(text_at(data, "desc"), "")] if text), *stickers]),
            url=_VIDEO_URL.format(number),
            published_at=published,
            captured_at=collected_at(record),
            publisher=context.author(Platform.TIKTOK, handle),
            reach=reach,
            handles=(handle, id_at(data, "author.id"), id_at(data, "author.secUid")),
        )
        return build_item(parts, context)


class TikTokComments:
    """One comment under a video."""

    name = "zeeschuimer-tiktok-comments"
    version = 1

    def sniff(self, records: Sequence[Record]) -> float:
        """By `cid` and `aweme_id`."""
        return confidence(records, frozenset({"tiktok-comments"}), _is_comment)

    def map(self, record: Record, context: MappingContext) -> Item:
        """The comment's own address is that of its video: TikTok has none for a comment."""
        data = payload(record)
        number, video = id_at(data, "cid", "id"), id_at(data, "aweme_id")
        if not isinstance(number, str) or not isinstance(video, str):
            raise Quarantine("a TikTok comment without 'cid' or 'aweme_id'")
        if "text" not in data:
            raise Quarantine("a TikTok comment without 'text': the export's format may have changed")
        handle = text_at(data, "user.unique_id")
        published = time_at(data, "create_time")
        context.note_unreadable("published_at", "create_time" in data, published)
        parts = Parts(
            Platform.TIKTOK,
            ItemKind.COMMENT,
            f"comment/{number}",
            given(text_at(data, "text"), ""),
            url=_VIDEO_URL.format(video),
            published_at=published,
            captured_at=collected_at(record),
            publisher=context.author(Platform.TIKTOK, handle),
            reach=count_at(data, "digg_count"),
            handles=(handle, id_at(data, "user.uid"), id_at(data, "user.sec_uid")),
        )
        return build_item(parts, context)


def _words(sticker: object) -> list[str]:
    words = at(sticker, "stickerText")
    return [word.strip() for word in words if isinstance(word, str) and word.strip()] if isinstance(words, list) else []
