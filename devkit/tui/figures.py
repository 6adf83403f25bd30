"""Figures as short as a narrow column wants them."""

from __future__ import annotations

from collections.abc import Sequence

_BARS = "▁▂▃▄▅▆▇█"
_UNITS = ("B", "K", "M", "G", "T")
WIDTH = 8
"""Signs of a sparkline."""


def memory(size: float) -> str:
    """Bytes in at most five signs: `131M`, `1.5G`."""
    unit = 0
    while size >= 1000 and unit < len(_UNITS) - 1:
        size, unit = size / 1024, unit + 1
    return f"{size:.1f}{_UNITS[unit]}" if unit >= 3 and size < 10 else f"{size:.0f}{_UNITS[unit]}"


def sparkline(values: Sequence[float]) -> str:
    """The newest values as bars, 100 and more as the highest; eight signs, or as many as there are values."""
    shown = values[-WIDTH:]
    return "".join(_BARS[min(len(_BARS) - 1, int(value / 100 * len(_BARS)))] for value in shown)


def duration(seconds: float) -> str:
    """A time span by its largest unit: `45 s`, `12 min`, `3 h`, `2 d`."""
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit}"
    return f"{max(0, seconds):.0f} s"


def took(seconds: float) -> str:
    """How long something took: `12 ms`, `1.24 s`, `2 min 5 s`."""
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 59.995:
        return f"{seconds:.2f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s"
