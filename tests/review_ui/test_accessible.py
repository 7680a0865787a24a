"""Readable and operable: contrast of every ink on every ground in both themes, labels, landmarks, unique ids, no colour alone."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from rasoat.harms import Harm
from rasoat.settings import ROOT
from tests.review_ui.conftest import Enter
from tests.review_ui.house import Rooms

CSS = (ROOT / "review_ui" / "static" / "app.css").read_text("utf-8")
AA = 4.5  # WCAG 2.2, 1.4.3


def tokens(theme: str) -> dict[str, str]:
    start = CSS.index(":root {") if theme == "light" else CSS.index(':root[data-theme="dark"]')
    return dict(re.findall(r"--([\w-]+): ([^;]+);", CSS[start : CSS.index("}", start)]))


def linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def luminance(rgb: tuple[float, float, float]) -> float:
    red, green, blue = (linear(channel) for channel in rgb)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def from_hex(colour: str) -> tuple[float, float, float]:
    return tuple(int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))  # type: ignore[return-value]


def from_hsl(hue: float, saturation: float, light: float) -> tuple[float, float, float]:
    def channel(n: int) -> float:
        k = (n + hue / 30) % 12
        return light - saturation * min(light, 1 - light) * max(-1, min(k - 3, 9 - k, 1))

    return channel(0), channel(8), channel(4)


def contrast(one: tuple[float, float, float], other: tuple[float, float, float]) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_ink_on_every_ground(theme: str) -> None:
    colours = tokens(theme)
    pairs = [(ink, ground) for ink in ("ink", "dim", "accent") for ground in ("paper", "sheet", "sunk", "accent-soft")]
    pairs += [("accent-ink", "accent"), ("sheet", "bad")]
    pairs += [(ink, "sheet") for ink in ("bad", "good", "warn")] + [("ink", f"{kind}-soft") for kind in ("bad", "good", "warn")]
    pairs += [("warn", "accent-soft"), ("good", "paper"), ("warn", "paper"), ("dim", "good-soft"), ("dim", "bad-soft")]
    for ink, ground in pairs:
        assert contrast(from_hex(colours[ink]), from_hex(colours[ground])) >= AA, (ink, ground)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_words_stay_readable_under_every_highlight(theme: str) -> None:
    colours = tokens(theme)
    saturation, light = (float(colours[name].rstrip("%")) / 100 for name in ("hl-s", "hl-l"))
    hues = {code: float(hue) for code, hue in re.findall(r"\.c-([A-Z]{3}) \{ --h: (\d+);", CSS)}
    assert set(hues) == {harm.value for harm in Harm}
    for code, hue in hues.items():
        assert contrast(from_hex(colours["ink"]), from_hsl(hue, saturation, light)) >= AA, code


def test_the_dark_theme_by_choice_and_by_device_is_one() -> None:
    chosen, by_device = (CSS[CSS.index(start) :] for start in (':root[data-theme="dark"]', ':root[data-theme="auto"]'))
    assert re.findall(r"--[\w-]+: [^;]+;", chosen[: chosen.index("}")]) == re.findall(
        r"--[\w-]+: [^;]+;", by_device[: by_device.index("}")]
    )


class Outline(HTMLParser):
    """Ids, labels and controls of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.labelled: set[str] = set()
        self.controls: list[dict[str, str | None]] = []
        self.in_label = 0
        self.landmarks: list[str] = []
        self.headings: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if values.get("id"):
            self.ids.append(str(values["id"]))
        if tag == "label":
            self.in_label += 1
            self.labelled.add(str(values.get("for", "")))
        if tag in ("input", "select", "textarea") and values.get("type") != "hidden":
            self.controls.append(values | {"inside": "yes" if self.in_label else None})
        if tag in ("main", "header", "nav"):
            self.landmarks.append(tag)
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(tag)
        if tag == "a" and str(values.get("href", "")).startswith("#"):
            self.links.append(str(values["href"])[1:])

    def handle_endtag(self, tag: str) -> None:
        self.in_label -= tag == "label"


def test_pages_have_landmarks_labels_and_unique_ids(rooms: Rooms, enter: Enter) -> None:
    case_id = rooms.open_case(words=("Chuyển khoản trước", "mã OTP"))
    lan, ha = enter("lan"), enter("ha")
    lan.post(f"/cases/{case_id}/claim")
    pages = [
        enter().get("/login").text,
        *(lan.get(path).text for path in ("/queue", f"/cases/{case_id}", "/search?q=otp", "/policy", "/account", "/about")),
    ]
    pages += [lan.post(f"/cases/{case_id}/decide", outcome="FRD").text, ha.get(f"/cases/{case_id}").text, lan.get("/nope").text]
    for page in pages:
        outline = Outline()
        outline.feed(page)
        assert len(outline.ids) == len(set(outline.ids)), [i for i in outline.ids if outline.ids.count(i) > 1]
        assert "main" in outline.landmarks
        assert outline.headings.count("h1") == 1
        assert set(outline.links) <= set(outline.ids)
        for control in outline.controls:
            assert control["inside"] or control.get("id") in outline.labelled, control


def test_a_highlight_does_not_lean_on_colour_alone(rooms: Rooms, enter: Enter) -> None:
    case_id = rooms.open_case(words=("Chuyển khoản trước",))
    page = enter("lan").get(f"/cases/{case_id}").text
    assert 'class="no" href="#reason-1" aria-label="Lý do 1"' in page
    assert 'title="FRD"' in page
    styles = dict(re.findall(r"((?:\.u-[A-Z]{3}(?:, )?)+) \{ text-decoration-style: (\w+)", CSS))
    assert set(styles.values()) == {"dashed", "dotted", "double", "wavy"}
