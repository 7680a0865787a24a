"""Any table or flat JSON with one text to a record: the columns are found by their names, Vietnamese or English.

The fallback among the mappers: it knows no platform, so identity is the platform's id where a `platform` column names one,
and the content of the row otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from crawlers.importers.fields import clean, id_at, text_at, to_count, to_time
from crawlers.importers.mapping import MappingContext, Parts, build_item
from crawlers.importers.records import JsonObject, Record
from rasoat.errors import Quarantine
from rasoat.items import Item, ItemKind, Platform
from rasoat.missing import Maybe, Missing
from rasoat.text import fold

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "text": (
        *("text", "content", "free text", "comment", "comment text", "message", "body", "post", "caption", "desc", "description"),
        *("review", "sentence", "noi dung", "noi dung tin nhan", "noi dung binh luan", "binh luan", "tin nhan", "bai viet"),
        *("van ban", "cau", "mo ta"),
    ),
    "title": ("title", "tieu de", "headline", "subject"),
    "url": ("url", "link", "permalink", "post url", "dia chi", "duong dan", "lien ket"),
    "author": (
        *("author", "user", "username", "user name", "handle", "author name", "from"),
        *("tac gia", "nguoi dang", "nguoi gui", "tai khoan"),
    ),
    "published_at": (
        *("published at", "created at", "timestamp", "date", "time", "datetime", "published"),
        *("ngay", "ngay dang", "thoi gian"),
    ),
    "reach": ("views", "view count", "likes", "like count", "reach", "luot xem", "luot thich"),
    "id": ("id", "post id", "comment id", "message id", "ma"),
    "platform": ("platform", "nen tang"),
    "kind": ("kind", "loai"),
}
"""Field to column names, folded, best first."""
_KIND_OF_COLUMN: Final = {
    "comment": ItemKind.COMMENT,
    "comment text": ItemKind.COMMENT,
    "noi dung binh luan": ItemKind.COMMENT,
    "binh luan": ItemKind.COMMENT,
    "message": ItemKind.MESSAGE,
    "noi dung tin nhan": ItemKind.MESSAGE,
    "tin nhan": ItemKind.MESSAGE,
}


class Tabular:
    """One row, one text."""

    name = "tabular"
    version = 1

    def sniff(self, records: Sequence[Record]) -> float:
        """0.6 where most records have a text column that is not always empty; 0.4 where there is one column, whatever its name."""
        found = [(record.data, column) for record in records if (column := columns_of(record.data).get("text"))]
        if len(found) * 2 > len(records) and any(text_at({"v": data[column]}, "v") for data, column in found):
            return 0.6
        return 0.4 if records and len(records[0].data) == 1 else 0.0

    def map(self, record: Record, context: MappingContext) -> Item:
        """A row without text is set aside; every other column may be missing."""
        data = record.data
        columns = columns_of(data)
        column = columns.get("text") or (next(iter(data)) if len(data) == 1 else None)
        if column is None:
            raise Quarantine(f"no text column among {', '.join(map(repr, data)) or 'nothing'}")
        text = clean(str(data[column])) if isinstance(data[column], str | int) else ""
        if not text:
            raise Quarantine(f"the column '{column}' is empty")
        platform, kind = _platform(data, columns), _kind(data, columns, column)
        author, number = _cell(data, columns, "author"), _cell(data, columns, "id")
        published, reach = to_time(_value(data, columns, "published_at")), to_count(_value(data, columns, "reach"))
        context.note_unreadable("published_at", bool(_cell(data, columns, "published_at")), published)
        context.note_unreadable("reach", bool(_cell(data, columns, "reach")), reach)
        identity = [_text_or_empty(data, columns, name) for name in ("id", "url", "author", "published_at", "title")]
        native = platform is not Platform.FILE and isinstance(number, str)
        parts = Parts(
            platform,
            kind,
            f"{kind.value}/{number}" if native else context.row_locator([text, *identity]),
            text,
            url=_cell(data, columns, "url"),
            title=_cell(data, columns, "title"),
            published_at=published,
            publisher=context.author(platform, author),
            reach=reach,
            handles=(author,),
        )
        return build_item(parts, context)


def columns_of(data: JsonObject) -> dict[str, str]:
    """Which column holds which field."""
    folded = {fold_name(name): name for name in reversed(list(data))}
    found = {field: next((folded[name] for name in names if name in folded), None) for field, names in COLUMNS.items()}
    return {field: column for field, column in found.items() if column is not None}


def fold_name(name: str) -> str:
    """A column name in lower case, without accents, words parted by single spaces: `Nội_Dung` is `noi dung`."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return re.sub(r"[\W_]+", " ", fold(spaced)).strip()


def _value(data: JsonObject, columns: Mapping[str, str], name: str) -> object:
    return data.get(columns[name], Missing) if name in columns else Missing


def _cell(data: JsonObject, columns: Mapping[str, str], name: str) -> Maybe[str]:
    cell = id_at({"v": _value(data, columns, name)}, "v")
    return clean(cell) or Missing if isinstance(cell, str) else Missing


def _text_or_empty(data: JsonObject, columns: Mapping[str, str], name: str) -> str:
    cell = _cell(data, columns, name)
    return cell if isinstance(cell, str) else ""


def _platform(data: JsonObject, columns: Mapping[str, str]) -> Platform:
    name = _text_or_empty(data, columns, "platform").lower()
    return Platform(name) if name in set(Platform) else Platform.FILE


def _kind(data: JsonObject, columns: Mapping[str, str], text_column: str) -> ItemKind:
    name = _text_or_empty(data, columns, "kind").lower()
    return ItemKind(name) if name in set(ItemKind) else _KIND_OF_COLUMN.get(fold_name(text_column), ItemKind.POST)
