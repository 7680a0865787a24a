"""Reliability diagrams as one small SVG: what was foretold against what came, a panel a harm. Draws; knows no model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

_SIDE: Final = 96
_GAP: Final = 26
_ACROSS: Final = 4
Bin = Sequence[float]


def reliability(panels: Mapping[str, Sequence[Bin]], title: str) -> str:
    """SVG. A panel's bins: (mass, mean probability, share of positives); a point's area grows with its mass."""
    rows = -(-len(panels) // _ACROSS)
    width, height = _ACROSS * (_SIDE + _GAP) + _GAP, rows * (_SIDE + _GAP + 12) + _GAP + 10
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" '
        f'aria-label="{title}" font-family="sans-serif" font-size="10">',
        f"<title>{title}</title>",
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
        f'<text x="{_GAP}" y="14">{title}</text>',
    ]
    for number, (name, bins) in enumerate(panels.items()):
        left = _GAP + number % _ACROSS * (_SIDE + _GAP)
        top = 36 + number // _ACROSS * (_SIDE + _GAP + 12)
        out += _panel(name, bins, left, top)
    return "\n".join([*out, "</svg>"]) + "\n"


def _panel(name: str, bins: Sequence[Bin], left: int, top: int) -> list[str]:
    bottom = top + _SIDE
    out = [
        f'<text x="{left}" y="{top - 4}" font-weight="bold">{name}</text>',
        f'<rect x="{left}" y="{top}" width="{_SIDE}" height="{_SIDE}" fill="none" stroke="#999"/>',
        f'<line x1="{left}" y1="{bottom}" x2="{left + _SIDE}" y2="{top}" stroke="#bbb" stroke-dasharray="3 3"/>',
    ]
    points = [(left + _SIDE * bin_[1], bottom - _SIDE * bin_[2], bin_[0]) for bin_ in bins]
    if len(points) > 1:
        out.append(f'<polyline points="{" ".join(f"{x:.1f},{y:.1f}" for x, y, _ in points)}" fill="none" stroke="#06c"/>')
    out += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{2 + min(4.0, 40 * mass) ** 0.5:.1f}" fill="#06c"/>' for x, y, mass in points]
    return out
