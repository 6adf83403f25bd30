"""What a container wrote before something happened to it, as short as a card wants it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import groupby

from devkit.logs.monolog import continues_trace
from devkit.logs.parse import parse_line
from devkit.logs.record import severity
from devkit.logs.spill import Spill
from devkit.logs.stored import TEXT_AT, stored_time
from devkit.logs.timeline import Timeline

_BUDGET = 256 * 1024
_LINE = 2000


def lines_before(sources: Iterable[Spill], since: float, moment: float | None, count: int) -> tuple[str, ...]:
    """The last `count` messages of these between two moments (seconds since the epoch); without one, the newest.

    Without the frames of traces; one that is repeated comes once, with how often.
    """
    timeline = Timeline(list(sources), _is_no_frame)
    end = timeline.end if moment is None else timeline.at(_stored(moment))
    first = _stored(since)
    page = timeline.before(end, count, budget=_BUDGET)
    messages = (
        _message(entry.line.text[:_LINE].decode("utf-8", errors="replace"))
        for entry in page.entries
        if entry.line.time >= first
    )
    found = ((message, sum(1 for _ in same)) for message, same in groupby(messages))
    return tuple(f"{message}  ({times} times)" if times > 1 else message for message, times in found)


def _stored(moment: float) -> bytes:
    return stored_time(datetime.fromtimestamp(max(0.0, moment), UTC))


def _is_no_frame(_source: str, line: bytes) -> bool:
    return not continues_trace(line[TEXT_AT : TEXT_AT + 40].decode("utf-8", errors="replace"))


def _message(text: str) -> str:
    """An error with its level and where it was thrown; whatever else without what makes two of it differ."""
    record = parse_line("", "", "", text)
    exception = record.context.get("exception")
    if isinstance(exception, dict):
        where = f"{exception['class']} at {exception['file']}:{exception['line']}"
        return f"{(record.level or '').upper()} {record.message} ({where})"
    return f"{record.level.upper()} {record.message}" if record.level and severity(record.level) > 2 else record.message
