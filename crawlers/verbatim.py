"""Verbatim text: everything that a page says, repeated paragraphs and menus included, hidden blocks kept and marked.

Main-text extraction drops what repeats, and repeating is how spam pages look; what is hidden from readers is evidence too.
"""

from __future__ import annotations

import re

from lxml import etree
from lxml.html import HtmlElement

HIDDEN_OPEN, HIDDEN_CLOSE = "⟦ẩn⟧", "⟦/ẩn⟧"
"""Around text that the page hides from its readers; inside, links show their targets."""

_SILENT = frozenset({"script", "style", "head", "template", "svg", "math", "iframe", "object", "embed", "audio", "video", "canvas", "map"})
_INLINE = frozenset(
    {
        "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i", "ins", "kbd", "label",
        "mark", "q", "rp", "rt", "ruby", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr",
        "img", "input", "button",
    }
)  # fmt: skip
_CELLS = frozenset({"td", "th", "option"})
_HIDING_STYLE = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?![.\d])|opacity\s*:\s*0(?![.\d])|"
    r"(?:left|top|right|text-indent)\s*:\s*-\d{3,}|(?:width|height)\s*:\s*[01]px[^;]*;?.*overflow\s*:\s*hidden",
    re.IGNORECASE,
)
_SPACES = re.compile(r"[^\S\n]+")
_LINES = re.compile(r" ?\n[ \n]*")
_EMPTY_MARKS = re.compile(rf"\n?{HIDDEN_OPEN}\s*{HIDDEN_CLOSE}\n?")


def verbatim_text(root: HtmlElement) -> str:
    """All text of a parsed page in its order, one line a block. Iterative: nesting costs no stack."""
    out: list[str] = []
    hidden: HtmlElement | None = None
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        tag = element.tag
        if event == "start":
            if not isinstance(tag, str) or tag in _SILENT:
                walk.skip_subtree()
                continue
            _separate(out, tag)
            if hidden is None and _is_hidden(element):
                hidden = element
                out.append(f"\n{HIDDEN_OPEN} ")
            _append_start(out, element, tag)
        else:
            if isinstance(tag, str) and tag not in _SILENT:
                if hidden is not None and tag == "a" and (target := element.get("href")):
                    out.append(f" <{target}>")
                if element is hidden:
                    out.append(f" {HIDDEN_CLOSE}\n")
                    hidden = None
                _separate(out, tag)
            if element.tail and element is not root:
                out.append(element.tail.replace("\n", " "))
    text = _LINES.sub("\n", _SPACES.sub(" ", "".join(out)))
    return _EMPTY_MARKS.sub("\n", text).strip()


def _separate(out: list[str], tag: str) -> None:
    if tag in _CELLS:
        out.append(" ")
    elif tag not in _INLINE:
        out.append("\n")


def _append_start(out: list[str], element: HtmlElement, tag: str) -> None:
    if tag == "input" and element.get("type", "").lower() in ("submit", "button", "reset"):
        out.append(f" {element.get('value', '')} ")
    if element.text:
        out.append(element.text if tag in ("pre", "textarea") else element.text.replace("\n", " "))


def _is_hidden(element: HtmlElement) -> bool:
    if not element.attrib:
        return False
    if element.get("hidden") is not None:
        return True
    style = element.get("style")
    return style is not None and _HIDING_STYLE.search(style) is not None
