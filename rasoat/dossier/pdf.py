"""Typst sets the pages. Words go in as JSON and are shown as they are: no crawled text can ever become markup.

Owns compiling and reading the attachment back. Only fonts that typst brings along are used; the same input gives the same bytes.
"""

from __future__ import annotations

import json
import re
import zlib
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Literal

import typst

from rasoat.dossier.glyphs import breakable

Standard = Literal["a-3b", "a-2a"]
NOTICE_STANDARD: Final[Standard] = "a-3b"  # the only level of PDF/A whose attachments may be of any kind
LETTER_STANDARD: Final[Standard] = "a-2a"  # tagged: readable aloud
MAX_ATTACHMENT: Final = 64 << 20
_TYPE: Final = re.compile(rb"/Type\s{0,8}/EmbeddedFile")
_BEGIN: Final = re.compile(rb">>\s{0,8}stream\r?\n")
_LENGTH: Final = re.compile(rb"/Length\s{1,8}(\d{1,12})")
_REACH: Final = 2000
"""Bytes to either side of the type in which its dictionary begins and ends; typst's has some 150."""
_MOST: Final = 16
"""Types looked at: a PDF of ours has one. The work stays in proportion to the file, whoever made it."""


def set_notice(page: dict[str, Any], notice: bytes, *, data_dir: Path, at: datetime) -> bytes:
    """The notice as PDF/A-3b with `notice` attached as notice.json."""
    return _compile("notice.typ", {"data": _as_data(page), "notice": notice.decode()}, NOTICE_STANDARD, data_dir, at)


def set_letter(page: dict[str, Any], *, data_dir: Path, at: datetime) -> bytes:
    """The letter as PDF/A-2a."""
    return _compile("letter.typ", {"data": _as_data(page)}, LETTER_STANDARD, data_dir, at)


def _as_data(page: dict[str, Any]) -> str:
    return json.dumps(_shown(page), ensure_ascii=False, sort_keys=True)


def _shown(value: Any) -> Any:
    """Every string printable and breakable, whatever field it stands in."""
    if isinstance(value, str):
        return breakable(value)
    if isinstance(value, dict):
        return {key: _shown(inner) for key, inner in value.items()}
    return [_shown(inner) for inner in value] if isinstance(value, list | tuple) else value


def _compile(template: str, inputs: dict[str, str], standard: Standard, data_dir: Path, at: datetime) -> bytes:
    folder = data_dir / "dossier"
    made = typst.compile(
        str(folder / template),
        root=str(folder),
        format="pdf",
        ignore_system_fonts=True,
        sys_inputs=inputs,
        pdf_standards=[standard],
        timestamp=int(at.timestamp()),
    )
    assert isinstance(made, bytes)
    return made


def attachment(pdf: bytes) -> bytes | None:
    """The one file embedded in a PDF that typst wrote, or None when there is none, more than one, or it cannot be read."""
    found = _embedded(pdf)
    if len(found) != 1:
        return None
    head, start = found[0]
    length = _LENGTH.search(head)
    if length is None:
        return None
    raw = pdf[start : start + int(length[1])]
    if b"/FlateDecode" not in head:
        return raw
    try:
        return zlib.decompressobj().decompress(raw, MAX_ATTACHMENT)
    except zlib.error:
        return None


def _embedded(pdf: bytes) -> list[tuple[bytes, int]]:
    """Of each embedded file: the dictionary of its stream, and where its bytes begin. Nothing where there are too many to be ours."""
    found = []
    for number, kind in enumerate(_TYPE.finditer(pdf)):
        if number == _MOST:
            return []
        before = pdf[max(0, kind.start() - _REACH) : kind.start()].rpartition(b"endobj")[2]
        after = pdf[kind.end() : kind.end() + _REACH].partition(b"endobj")[0]
        opening, begin = before.find(b"<<"), _BEGIN.search(after)
        if opening >= 0 and begin is not None:
            found.append((before[opening:] + kind.group() + after[: begin.end()], kind.end() + begin.end()))
    return found
