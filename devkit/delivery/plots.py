"""Plots made of signs: bars of braille dots over days or weeks, and bars of two parts."""

from __future__ import annotations

from collections.abc import Callable, Sequence

_LABEL = 8
"""Signs at the left for the scale."""

_ROWS = 5
_WIDEST = 4
"""Signs that one bar takes at most."""


def bars(
    title: str,
    values: Sequence[float | None],
    labels: Sequence[str],
    *,
    highest: float,
    unit: Callable[[float], str],
    width: int,
    marks: Sequence[bool] = (),
) -> list[str]:
    """Bars from zero up; a value that is None has none, and one that is small still shows.

    The newest are kept where the width does not do. `marks` have a sign below their bars. Labels are of one length.
    """
    room = max(1, width - _LABEL - 2)
    values, labels, marks = values[-room:], labels[-room:], marks[-room:]
    each = max(1, min(_WIDEST, room // max(1, len(values))))
    scale = [unit(highest), *[""] * (_ROWS - 2), unit(0)]
    lines = [f"{'':{_LABEL}}{title}"]
    for label, dots in zip(scale, _dots(values, highest, each), strict=True):
        lines.append(f"{label:>{_LABEL - 1}} ▏{dots}".rstrip())
    indent = " " * (_LABEL + 1)
    if any(marks):
        lines.append(indent + "".join(("▲" if marked else " ").ljust(each) for marked in marks).rstrip())
    lines.append(indent + _axis(labels, each))
    return lines


def stacks(rows: Sequence[tuple[str, int, int]], *, width: int) -> list[str]:
    """A line for each of these: `Mon ███████░░  62 of 70`, to one scale; the second number is the whole."""
    most = max((whole for _, _, whole in rows), default=0)
    room = max(10, min(40, width - 30))
    lines = []
    for label, part, whole in rows:
        full = round(room * part / most) if most else 0
        rest = round(room * whole / most) - full if most else 0
        share = f"  {part} of {whole} ({100 * part / whole:.0f} %)" if whole else ""
        lines.append(f"{label} {'█' * full}{'░' * rest}{share}".rstrip())
    return lines


def _dots(values: Sequence[float | None], highest: float, each: int) -> list[str]:
    from plotille import Canvas  # 20 ms: for who looks at a plot

    columns = max(1, len(values) * each)
    canvas = Canvas(columns, _ROWS, xmin=0, ymin=0, xmax=columns, ymax=_ROWS * 4)
    for place, value in enumerate(values):
        if value is None:
            continue
        top = max(0, round(min(1.0, value / highest) * _ROWS * 4) - 1)
        for half in range(max(1, 2 * each - 1)):  # the last column of dots parts it from the next bar
            canvas.line(place * each + half / 2, 0, place * each + half / 2, top)
    return [line.replace("\u2800", " ") for line in canvas.plot(linesep="\n").split("\n")]


def _axis(labels: Sequence[str], each: int) -> str:
    """As many labels as there is room for, each where its bar begins."""
    line = ""
    for place, label in enumerate(labels):
        if place * each >= len(line) + (2 if line else 0):
            line = line.ljust(place * each) + label
    return line
