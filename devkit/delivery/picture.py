"""The figures of many builds as one picture: hit rates and build times by day, cached against new for each weekday.

A picture is a list of shapes on white, in pixels from the top left; what writes one as SVG or PNG knows no builds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from devkit.delivery.figures import Span

WIDTH = 960
_LEFT, _RIGHT = 70.0, 24.0
_PANEL, _GAP, _TOP = 170.0, 62.0, 100.0

_INK, _FAINT, _GRID = "#1f2937", "#6b7280", "#e5e7eb"
STEPS, SECONDS, TIME, NEW, MARK = "#2563eb", "#10b981", "#7c3aed", "#f59e0b", "#dc2626"


@dataclass(frozen=True)
class Box:
    """A filled rectangle."""

    x: float
    y: float
    width: float
    height: float
    colour: str


@dataclass(frozen=True)
class Words:
    """A text whose `anchor` is at x, and whose line is at y."""

    x: float
    y: float
    text: str
    size: float = 12.0
    anchor: Literal["start", "middle", "end"] = "start"
    colour: str = _INK


@dataclass
class Picture:
    """A size and the shapes on it, the first behind the others."""

    width: int
    height: int
    shapes: list[Box | Words] = field(default_factory=list)


def builds_picture(title: str, spans: Sequence[Span], weekdays: Sequence[Span]) -> Picture:
    """The picture of these days or weeks and of the weekdays."""
    picture = Picture(WIDTH, int(_TOP + 3 * _PANEL + 3 * _GAP))
    add = picture.shapes.append
    add(Words(_LEFT, 34, title, 18))
    _legend(picture, 56, (("steps from the cache", STEPS), ("seconds saved", SECONDS), ("a new dependency", MARK)))
    top = _TOP
    _frame(picture, top, "from the cache, percent", 100.0, "%")
    _bars(picture, top, spans, 100.0, [([span.rate for span in spans], STEPS), (_saved(spans), SECONDS)])
    top += _PANEL + _GAP
    highest = nice_ceiling(max((span.seconds for span in spans), default=0.0))
    _frame(picture, top, "build time, median", highest, "s")
    _bars(picture, top, spans, highest, [([span.seconds if span.builds else None for span in spans], TIME)])
    top += _PANEL + _GAP
    most = nice_ceiling(max((span.total for span in weekdays), default=0))
    _frame(picture, top, "steps by weekday: from the cache, and built anew (above)", most, "")
    _stacks(picture, top, weekdays, most)
    return picture


def nice_ceiling(value: float) -> float:
    """The next of 1, 2, 5, 10, 20, … that is not below; 1 for nothing."""
    step = 1.0
    while True:
        for factor in (1.0, 2.0, 5.0):
            if value <= factor * step:
                return factor * step
        step *= 10


def _saved(spans: Sequence[Span]) -> list[float | None]:
    return [span.saved_rate for span in spans]


def _legend(picture: Picture, y: float, entries: Sequence[tuple[str, str]]) -> None:
    x = _LEFT
    for text, colour in entries:
        picture.shapes.append(Box(x, y - 10, 12, 12, colour))
        picture.shapes.append(Words(x + 18, y, text, 12, "start", _FAINT))
        x += 50 + 5.6 * len(text)


def _frame(picture: Picture, top: float, title: str, highest: float, unit: str) -> None:
    right = picture.width - _RIGHT
    picture.shapes.append(Words(_LEFT, top - 8, title, 13))
    for part in range(5):
        y = top + _PANEL * part / 4
        value = highest * (4 - part) / 4
        picture.shapes.append(Box(_LEFT, y, right - _LEFT, 1, _GRID))
        picture.shapes.append(Words(_LEFT - 8, y + 4, f"{value:g} {unit}".strip(), 11, "end", _FAINT))


def _bars(
    picture: Picture,
    top: float,
    spans: Sequence[Span],
    highest: float,
    series: Sequence[tuple[Sequence[float | None], str]],
) -> None:
    if not spans:
        return
    slot = (picture.width - _RIGHT - _LEFT) / len(spans)
    width = min(slot * 0.8 / len(series), 24.0)
    every = max(1, -(-len(spans) * 64 // int(picture.width - _LEFT - _RIGHT)))
    for place, span in enumerate(spans):
        middle = _LEFT + slot * (place + 0.5)
        for number, (values, colour) in enumerate(series):
            value = values[place]
            if value is not None:
                height = _PANEL * value / highest
                x = middle + (number - len(series) / 2) * width
                picture.shapes.append(Box(x, top + _PANEL - height, width, height, colour))
        if span.new_dependency:
            picture.shapes.append(Box(middle - 3, top + _PANEL + 3, 6, 6, MARK))
        if place % every == 0:
            label = span.title[5:]
            picture.shapes.append(Words(middle, top + _PANEL + 22, label, 11, "middle", _FAINT))


def _stacks(picture: Picture, top: float, spans: Sequence[Span], highest: float) -> None:
    slot = (picture.width - _RIGHT - _LEFT) / len(spans)
    width = min(slot * 0.6, 60.0)
    for place, span in enumerate(spans):
        middle = _LEFT + slot * (place + 0.5)
        cached, new = (_PANEL * value / highest for value in (span.hits, span.total - span.hits))
        picture.shapes.append(Box(middle - width / 2, top + _PANEL - cached, width, cached, STEPS))
        picture.shapes.append(Box(middle - width / 2, top + _PANEL - cached - new, width, new, NEW))
        picture.shapes.append(Words(middle, top + _PANEL + 22, span.title, 11, "middle", _FAINT))
