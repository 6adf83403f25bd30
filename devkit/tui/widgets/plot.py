"""Figures over time as a small plot of braille dots."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from rich.text import Text
from textual.widget import Widget

_LABEL = 8
"""Signs at the left for the scale."""

_LEAST = 4
"""Rows that a plot needs: its title, two of dots, the time."""


@dataclass(frozen=True)
class Series:
    """What is plotted: one value for each of the equal parts of a time span, in seconds since the epoch."""

    title: str
    values: tuple[float, ...]
    start: float
    end: float
    unit: Callable[[float], str]
    """A value as it is written at the scale."""


class Plot(Widget):
    """One series as bars from zero up, the highest of them at the top."""

    DEFAULT_CSS = "Plot { height: 8; width: 1fr; color: $accent; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._series: Series | None = None

    @property
    def parts(self) -> int:
        """Into how many parts a time span is to be cut: one for each sign."""
        return max(1, self.size.width - _LABEL - 1)

    def show(self, series: Series) -> None:
        """Plot this."""
        if series != self._series:
            self._series = series
            self.refresh()

    def render(self) -> Text:
        """Title, dots with their scale, and the time below."""
        if self._series is None or self.size.height < _LEAST:
            return Text()
        return plotted(self._series, self.size.width, self.size.height)


def plotted(series: Series, width: int, height: int) -> Text:
    """The plot as text of that size."""
    rows = height - 2
    highest = max(series.values, default=0.0)
    scale = [series.unit(highest) if highest else "", *[""] * (rows - 2), "0"]
    text = Text(no_wrap=True, end="").append(" " * _LABEL).append(f"{series.title}\n", "bold")
    for label, dots in zip(scale, _dots(series.values, width - _LABEL - 1, rows, highest), strict=True):
        text.append(f"{label:>{_LABEL - 1}} ", "dim").append(f"▏{dots}\n")
    form = "%H:%M:%S" if width - _LABEL > 20 else "%H:%M"
    start, end = (f"{datetime.fromtimestamp(moment).astimezone():{form}}" for moment in (series.start, series.end))
    return text.append(f"{'':{_LABEL}}{start}{end:>{max(0, width - _LABEL - len(start))}}", "dim")


def _dots(values: Sequence[float], columns: int, rows: int, highest: float) -> list[str]:
    """Bars as rows of braille signs; each value is one sign wide."""
    if not highest or columns < 1:
        return [""] * rows
    from plotille import Canvas  # 20 ms: for who looks at a plot

    canvas = Canvas(columns, rows, xmin=0, ymin=0, xmax=columns, ymax=rows * 4)
    for place, value in enumerate(values[:columns]):
        top = round(value / highest * rows * 4) - 1
        if value and top < 0:
            top = 0
        if value:
            for side in (0.0, 0.5):
                canvas.line(place + side, 0, place + side, top)
    return [line.replace("\u2800", " ") for line in canvas.plot(linesep="\n").split("\n")]
