"""Days or weeks of builds as plots for a terminal: hit rates, seconds saved, build times, and the weekdays."""

from __future__ import annotations

from collections.abc import Sequence

from devkit.delivery.figures import Span
from devkit.delivery.picture import nice_ceiling
from devkit.delivery.plots import bars, stacks

WEEKDAYS_TITLE = "steps from the cache (█) and built anew (░), by weekday"


def span_plots(spans: Sequence[Span], width: int) -> list[list[str]]:
    """Three plots, each as lines of at most this width; those of narrow ones are of the newest alone."""
    labels = [span.title[5:] for span in spans]
    marks = [span.new_dependency for span in spans]
    highest = nice_ceiling(max((span.seconds for span in spans), default=0.0))
    note = "; ▲ a new dependency" if any(marks) else ""
    times = [span.seconds if span.builds else None for span in spans]
    return [
        _percent(f"steps from the cache{note}", [span.rate for span in spans], labels, marks, width),
        _percent(f"seconds saved{note}", [span.saved_rate for span in spans], labels, marks, width),
        bars(
            f"build time{note}",
            times,
            labels,
            highest=highest,
            unit=lambda value: f"{value:g} s",
            width=width,
            marks=marks,
        ),
    ]


def weekday_lines(weekdays: Sequence[Span], width: int) -> list[str]:
    """A bar for each weekday, under their title."""
    return [WEEKDAYS_TITLE, *stacks([(day.title, day.hits, day.total) for day in weekdays], width=width)]


def _percent(
    title: str, values: Sequence[float | None], labels: Sequence[str], marks: Sequence[bool], width: int
) -> list[str]:
    return bars(title, values, labels, highest=100, unit=lambda value: f"{value:.0f} %", width=width, marks=marks)
