"""YouTube comments, in the three forms in which people hold them.

The Data API's `commentThread` and `comment`; the page's own `commentEntityPayload`, as browser extensions capture it
(Zeeschuimer itself has no YouTube module: its issue 49); and the CSV of YouTube Data Tools.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from typing import Final
from urllib.parse import parse_qs, urlsplit

from crawlers.importers.fields import at, count_at, id_at, object_at, text_at, time_at
from crawlers.importers.mapping import MappingContext, Parts, build_item
from crawlers.importers.records import JsonObject, Record
from crawlers.importers.zeeschuimer import collected_at, confidence, page_of, payload
from rasoat.errors import Quarantine
from rasoat.items import Item, ItemKind, Platform
from rasoat.missing import Maybe, Missing

_TAG: Final = re.compile(r"<(br|/?a|/?b|/?i|/?s)\b[^>]*>")


def _comment(data: JsonObject) -> JsonObject:
    """The part that holds the comment, in one of the three forms; empty when it is none of them."""
    for path in ("snippet.topLevelComment", "commentEntityPayload", "payload.commentEntityPayload"):
        if inner := object_at(data, path):
            return inner
    if object_at(data, "properties.content") or isinstance(at(data, "snippet.textOriginal"), str):
        return data
    if isinstance(at(data, "snippet.textDisplay"), str) or {"id", "text", "authorChannelId"} <= set(data):
        return data
    return {}


class YouTubeComments:
    """One comment or reply."""

    name = "youtube-comments"
    version = 1

    def sniff(self, records: Sequence[Record]) -> float:
        """By the fields of the three forms."""
        return confidence(records, frozenset({"youtube.com", "youtube", "youtube-comments"}), lambda data: bool(_comment(data)))

    def map(self, record: Record, context: MappingContext) -> Item:
        """The address is that of the video with the comment opened (`lc`)."""
        data = payload(record)
        comment = _comment(data)
        number = id_at(comment, "id", "properties.commentId")
        if not isinstance(number, str):
            raise Quarantine("a YouTube comment without an id")
        text = _text(comment)
        if not isinstance(text, str):
            raise Quarantine(f"the YouTube comment {number} without text: the export's format may have changed")
        when = ("snippet.publishedAt", "publishedAt", "properties.publishedTime")
        published = time_at(comment, *when)
        context.note_unreadable("published_at", any(text_at(comment, path) for path in when), published)
        handle = text_at(comment, "snippet.authorDisplayName", "author.displayName", "authorName")
        channel = id_at(comment, "snippet.authorChannelId.value", "author.channelId", "authorChannelId")
        parts = Parts(
            Platform.YOUTUBE,
            ItemKind.COMMENT,
            f"comment/{number}",
            text,
            url=_url(_video(record, data, comment), number),
            published_at=published,
            captured_at=collected_at(record),
            publisher=context.author(Platform.YOUTUBE, channel if isinstance(channel, str) else handle),
            reach=count_at(comment, "snippet.likeCount", "likeCount", "toolbar.likeCountNotliked"),
            handles=(handle if isinstance(handle, str) and handle.startswith("@") else Missing, channel),
        )
        return build_item(parts, context)


def _text(comment: JsonObject) -> Maybe[str]:
    plain = text_at(comment, "snippet.textOriginal", "properties.content.content", "text")
    if isinstance(plain, str):
        return plain
    shown = text_at(comment, "snippet.textDisplay")  # HTML: only links, line breaks and emphasis occur
    return html.unescape(_TAG.sub(lambda tag: "\n" if tag.group(1) == "br" else "", shown)) if isinstance(shown, str) else Missing


def _video(record: Record, data: JsonObject, comment: JsonObject) -> Maybe[str]:
    found = id_at(comment, "snippet.videoId", "videoId")
    if not isinstance(found, str):
        found = id_at(data, "snippet.videoId", "videoId")
    if isinstance(found, str):
        return found
    page = page_of(record)
    values = parse_qs(urlsplit(page).query).get("v") if isinstance(page, str) else None
    return values[0] if values else Missing


def _url(video: Maybe[str], number: str) -> Maybe[str]:
    return f"https://www.youtube.com/watch?v={video}&lc={number}" if isinstance(video, str) else Missing
