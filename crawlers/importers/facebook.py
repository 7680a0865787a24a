"""Facebook posts as Zeeschuimer exports them: the story objects that the page itself loads.

Facebook renames and reshuffles the parts of a story; what matters is looked for in several places, and a story in which the
text can no longer be found is set aside, not imported blank.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from crawlers.importers.fields import at, count_at, id_at, list_at, object_at, text_at, time_at
from crawlers.importers.mapping import MappingContext, Parts, build_item
from crawlers.importers.records import JsonObject, Record
from crawlers.importers.zeeschuimer import collected_at, confidence, payload
from rasoat.errors import Quarantine
from rasoat.items import Item, ItemKind, Platform
from rasoat.missing import Maybe, Missing, given

_UFI: Final = "comet_sections.feedback.story.story_ufi_container.story.feedback_context.feedback_target_with_context"
_REACTIONS: Final = (
    f"{_UFI}.comet_ufi_summary_and_actions_renderer.feedback.reaction_count.count",
    f"{_UFI}.comet_ufi_summary_and_actions_renderer.feedback.i18n_reaction_count",
    "feedback.reaction_count.count",
)
_METADATA: Final = "comet_sections.context_layout.story.comet_sections.metadata"
_GROUP: Final = re.compile(r"/groups/([\w.-]+)")


def _is_story(data: JsonObject) -> bool:
    return isinstance(at(data, "comet_sections.content.story"), Mapping)


class FacebookPosts:
    """One post of a page, group or person."""

    name = "zeeschuimer-facebook"
    version = 1

    def sniff(self, records: Sequence[Record]) -> float:
        """By `comet_sections.content.story`."""
        return confidence(records, frozenset({"facebook.com", "facebook"}), _is_story)

    def map(self, record: Record, context: MappingContext) -> Item:
        """The address is rebuilt from the post's number, because Facebook's own carries the author's name."""
        data = payload(record)
        if not _is_story(data):
            raise Quarantine("a Facebook story without 'comet_sections.content.story': the export's format may have changed")
        story = object_at(data, "comet_sections.content.story")
        number = id_at(story, "post_id") if id_at(story, "post_id") else id_at(data, "post_id")
        if not isinstance(number, str):
            raise Quarantine("a Facebook story without 'post_id'")
        published, address = _moment_and_address(data)
        context.note_unreadable("published_at", bool(list_at(data, _METADATA)), published)
        actor = object_at(story, "actors.0")
        handle = _handle(actor)
        parts = Parts(
            Platform.FACEBOOK,
            ItemKind.POST,
            f"post/{number}",
            given(text_at(story, "message.text", "comet_sections.message.story.message.text"), ""),
            url=_url(number, text_at(story, "wwwURL"), address),
            published_at=published,
            captured_at=collected_at(record),
            publisher=context.author(Platform.FACEBOOK, handle),
            reach=count_at(data, *_REACTIONS),
            handles=(handle, id_at(actor, "id"), _last_step(text_at(actor, "url"))),
        )
        return build_item(parts, context)


def _moment_and_address(data: JsonObject) -> tuple[Maybe[datetime], Maybe[str]]:
    """From the first metadata entry that has a `creation_time`: the names of these entries change, their inside does not."""
    for entry in list_at(data, _METADATA):
        if at(entry, "story.creation_time") is not Missing:
            return time_at(entry, "story.creation_time"), text_at(entry, "story.url")
    return Missing, Missing


def _handle(actor: JsonObject) -> Maybe[str]:
    number = id_at(actor, "id")
    return number if isinstance(number, str) else _last_step(text_at(actor, "url"))


def _last_step(url: Maybe[str]) -> Maybe[str]:
    if not isinstance(url, str):
        return Missing
    step = url.split("?", 1)[0].rstrip("/").rsplit("/", 1)[-1]
    return Missing if step in ("", "profile.php", "www.facebook.com") else step


def _url(number: str, *addresses: Maybe[str]) -> str:
    for address in addresses:
        if isinstance(address, str) and (group := _GROUP.search(address)):
            return f"https://www.facebook.com/groups/{group.group(1)}/posts/{number}"
    return f"https://www.facebook.com/{number}"
