"""The log lines of one request: those that carry its id, or those that were written while it was answered.

Caddy gives each request an id and hands it on as the header X-Request-Id. Laravel's lines have it where the application
says so: Context::add('request_id', $request->header('X-Request-Id')).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import floor

from devkit.logs.monolog import continues_trace, is_head
from devkit.logs.requests import Request, is_access_line
from devkit.logs.spill import Spill
from devkit.logs.stored import stored_time
from devkit.logs.timeline import Entry, Timeline

_LATER = 120.0
"""Seconds after the answer in which a line with its id is looked for: jobs that it has queued may carry it."""

_EARLIER = 1.0
_CLOCKS = 0.05
"""Seconds by which the engine may take up a line later than another that was written after it."""

_MOST_LINES = 2000
_MOST_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True)
class RequestLines:
    """The lines, oldest first; `by_id` says whether they are the request's for certain, or only of its time.

    `cut` says that there are more than were looked at.
    """

    entries: tuple[Entry, ...]
    by_id: bool
    cut: bool = False


def lines_of(
    request: Request, sources: Sequence[Spill], application: Sequence[str], others: Collection[str] = ()
) -> RequestLines:
    """The lines of one request among all sources; by time only those of the sources named `application`.

    `others` are ids of other requests: lines with one of them are theirs. It reads files: for a thread.
    """
    began = request.time - request.seconds
    if request.id:
        looked_at, cut = _lines(sources, began - _EARLIER, request.time + _LATER)
        wanted = request.id.encode()
        own = [record for record in _records(looked_at) if any(wanted in entry.line.text for entry in record)]
        if own:
            return RequestLines(tuple(_by_time(own)), by_id=True, cut=cut)
    start = began - _CLOCKS
    beside = [source for source in sources if source.name in application]
    # A record in a file knows no more than its second.
    looked_at, cut = _lines(beside, floor(start), request.time + _CLOCKS)
    first = _stored(start)
    meanwhile = [entry for entry in looked_at if _is_of_a_file(entry) or entry.line.time >= first]
    theirs = re.compile(b"|".join(re.escape(name.encode()) for name in others) or rb"(?!)")
    records = [record for record in _records(meanwhile) if not any(theirs.search(entry.line.text) for entry in record)]
    return RequestLines(tuple(_by_time(records)), by_id=False, cut=cut)


def _lines(sources: Sequence[Spill], start: float, end: float) -> tuple[list[Entry], bool]:
    """The lines of that time but those of the access log, and whether there are more of them."""
    timeline = Timeline(sources, lambda _, line: not is_access_line(line))
    page = timeline.after(timeline.at(_stored(start)), _MOST_LINES, budget=_MOST_BYTES)
    last = _stored(end)
    entries = [entry for entry in page.entries if entry.line.time <= last and not entry.line.is_marker]
    return entries, not page.is_end and len(entries) == len(page.entries)


def _records(entries: Sequence[Entry]) -> Iterator[list[Entry]]:
    """The lines that belong together: a record of Monolog with its trace, whose end may have what its head has not."""
    open_records: dict[tuple[str, int], list[Entry]] = {}
    done: list[list[Entry]] = []
    for entry in entries:
        key = (entry.source, entry.line.tag)
        text = entry.line.text.decode("utf-8", errors="replace")
        record = open_records.get(key)
        if record is not None and not is_head(text) and (_is_of_a_file(entry) or continues_trace(text)):
            record.append(entry)
        else:
            open_records[key] = [entry]
            done.append(open_records[key])
    yield from done


def _by_time(records: Sequence[Sequence[Entry]]) -> Iterator[Entry]:
    """Records one after another, each whole, by when they begin."""
    for record in sorted(records, key=lambda record: record[0].line.time):
        yield from record


def _is_of_a_file(entry: Entry) -> bool:
    return entry.line.stream == "file"


def _stored(seconds: float) -> bytes:
    return stored_time(datetime.fromtimestamp(seconds, UTC))
