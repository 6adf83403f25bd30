"""The lines that a container wrote before something happened to it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from devkit.logs.spill import Spill
from devkit.logs.stored import stored_time
from devkit.logs.timeline import Timeline

_BUDGET = 64 * 1024
_LINE = 2000


def lines_before(sources: Iterable[Spill], moment: float | None, count: int) -> tuple[str, ...]:
    """The last `count` lines of these before a moment (seconds since the epoch); the newest ones without one."""
    timeline = Timeline(list(sources))
    end = timeline.end if moment is None else timeline.at(stored_time(datetime.fromtimestamp(moment, UTC)))
    page = timeline.before(end, count, budget=_BUDGET)
    return tuple(entry.line.text[:_LINE].decode("utf-8", errors="replace") for entry in page.entries)
