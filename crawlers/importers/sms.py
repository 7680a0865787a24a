"""Reports of text messages: a table of sender, content and time of receipt, as reporting apps and hotlines export it.

A sender that is a phone number is a person until shown otherwise and becomes a keyed hash; a sender name or short code is
the public name of an organisation, and keeping it is what makes a report of impersonation possible.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from crawlers.importers.fields import id_at, text_at, time_at
from crawlers.importers.mapping import MappingContext, Parts, build_item
from crawlers.importers.records import JsonObject, Record
from crawlers.importers.tabular import fold_name
from rasoat.errors import Quarantine
from rasoat.items import Item, ItemKind, Platform, Publisher, PublisherKind
from rasoat.missing import Maybe, Missing

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "sender": ("sender", "from", "nguoi gui", "so gui", "dau so", "dau so gui", "address"),
    "content": ("content", "body", "message", "text", "noi dung", "noi dung tin nhan", "tin nhan", "sms"),
    "received_at": ("received at", "received", "thoi gian nhan", "ngay nhan", "thoi diem nhan", "date received"),
    "id": ("id", "report id", "ma bao cao"),
}
_PHONE: Final = re.compile(r"^(?:\+|00)?\d[\d .()-]{7,}\d$")


class SmsReports:
    """One reported message."""

    name = "sms-reports"
    version = 1

    def sniff(self, records: Sequence[Record]) -> float:
        """Sender, content and time of receipt together are a report; sender and content alone only may be."""
        if not records:
            return 0.0
        names = _columns(records[0].data)
        return 0.9 if {"sender", "content", "received_at"} <= set(names) else 0.45 if {"sender", "content"} <= set(names) else 0.0

    def map(self, record: Record, context: MappingContext) -> Item:
        """Two people who report the same message from the same sender at different times are two items of one case."""
        columns = _columns(record.data)
        if "content" not in columns:
            raise Quarantine(f"no content column among {', '.join(map(repr, record.data)) or 'nothing'}")
        text = text_at({"v": record.data[columns["content"]]}, "v")
        if not isinstance(text, str):
            raise Quarantine("the message is empty")
        sender = _cell(record.data, columns, "sender")
        received = time_at({"v": _cell(record.data, columns, "received_at")}, "v")
        context.note_unreadable("published_at", bool(_cell(record.data, columns, "received_at")), received)
        identity = [_cell(record.data, columns, name) for name in ("sender", "received_at", "id")]
        parts = Parts(
            Platform.SMS,
            ItemKind.MESSAGE,
            context.row_locator([text, *(value if isinstance(value, str) else "" for value in identity)]),
            text,
            published_at=received,
            publisher=_publisher(sender, context),
            handles=(sender, _national(sender)) if isinstance(sender, str) and _is_person(sender) else (),
        )
        return build_item(parts, context)


def _columns(data: JsonObject) -> dict[str, str]:
    folded = {fold_name(name): name for name in reversed(list(data))}
    found = {field: next((folded[name] for name in names if name in folded), None) for field, names in COLUMNS.items()}
    return {field: column for field, column in found.items() if column is not None}


def _cell(data: JsonObject, columns: Mapping[str, str], name: str) -> Maybe[str]:
    return id_at({"v": data.get(columns[name], Missing)}, "v") if name in columns else Missing


def _is_person(sender: str) -> bool:
    """Also an e-mail address: some phones deliver those among the messages."""
    return bool(_PHONE.match(sender) or "@" in sender)


def _national(sender: str) -> str:
    """`+84 900 000 123` is `0900000123`: one person, one key."""
    return re.sub(r"^(?:\+84|0084|84(?=\d{9}$))", "0", re.sub(r"[ .()-]", "", sender)) if "@" not in sender else sender


def _publisher(sender: Maybe[str], context: MappingContext) -> Maybe[Publisher]:
    if not isinstance(sender, str):
        return Missing
    if _is_person(sender):
        return context.author(Platform.SMS, _national(sender))
    return Publisher(PublisherKind.CHANNEL, sender)
