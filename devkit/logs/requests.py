"""The newest requests of a project, as Caddy's access log in its store tells of them.

Read from the end of each source backwards, as far as to what was read before or to so many requests as are kept: so a
history of a million lines costs no more than the lines that are wanted, and a flood no more than its newest ones.
Each step reads one block, for a thread of whoever must not stand still.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from heapq import merge
from itertools import islice
from typing import NamedTuple

from devkit.logs.parse import request_id
from devkit.logs.spill import START, Place, Spill
from devkit.logs.stored import TEXT_AT, time_of

KEPT = 10_000
"""Requests that are kept; figures are exact for these."""

BLOCK = 1024 * 1024

_REQUEST = b'"request":{'
_DURATION = b'"duration":'
_LONGEST_PATH = 2000
_LONGEST_SECONDS = 1e6
"""What claims to have taken longer is none of Caddy's lines."""


class Request(NamedTuple):
    """One request that was answered: `time` in seconds since the epoch, when its line came; `path` with its query."""

    time: float
    method: str
    path: str
    status: int
    seconds: float
    id: str
    """What Caddy calls it in its log, and the application may call it in its own; empty where it has no name."""
    source: str
    place: Place


class RequestLog:
    """The newest requests of some sources. `newest` may be asked for while a thread takes a step."""

    def __init__(self, kept: int = KEPT) -> None:
        self._most = kept
        self._kept: dict[str, list[Request]] = {}
        self._covered: dict[str, Place] = {}
        self._gaps: set[str] = set()

    def steps(self, sources: Sequence[Spill]) -> Iterator[None]:
        """Read what came since the last time, the newest first; `newest` has more after each step."""
        for source in sources:
            if source.name in self._gaps and not source.filling:
                # What lies before the newest lines has been read meanwhile.
                self._gaps.discard(source.name)
                if len(self._kept.get(source.name, ())) < self._most:
                    self._covered.pop(source.name, None)
            yield from self._read(source)

    def newest(self, most: int | None = None) -> list[Request]:
        """The requests that are kept, the oldest first."""
        count = self._most if most is None else most
        sources = list(self._kept.values())
        backwards = merge(*map(reversed, sources), key=lambda one: one.time, reverse=True)
        return list(islice(backwards, count))[::-1]

    def _read(self, source: Spill) -> Iterator[None]:
        end, covered = source.end, self._covered.get(source.name, START)
        if source.filling:
            self._gaps.add(source.name)
        former = self._kept.get(source.name, []) if covered != START else []
        found: list[Request] = []
        for place, block in source.blocks_before(end, BLOCK):
            if place.segment < covered.segment or len(found) >= self._most:
                break
            cut = covered.offset - place.offset if place.segment == covered.segment else 0
            requests = list(requests_in(source.name, place, block, max(0, cut)))
            found = [*requests, *found]
            if not former:
                self._kept[source.name] = found[-self._most :]
            if cut >= 0 and place.segment == covered.segment:
                break
            yield
        self._kept[source.name] = [*former, *found][-self._most :]
        self._covered[source.name] = end
        yield


def requests_in(source: str, place: Place, block: bytes, start: int = 0) -> Iterator[Request]:
    """The access lines among the whole stored lines of a block, from `start` on, oldest first."""
    at = start
    while (found := block.find(_REQUEST, at)) >= 0:
        begin = block.rfind(b"\n", start, found) + 1 or start
        at = block.find(b"\n", found) + 1 or len(block)
        request = parse_request(source, place._replace(offset=place.offset + begin), block[begin : at - 1])
        if request is not None:
            yield request


def is_access_line(line: bytes) -> bool:
    """Whether a stored line looks like Caddy's of a request; it is not parsed."""
    return line[TEXT_AT : TEXT_AT + 1] == b"{" and _REQUEST in line and _DURATION in line


def parse_request(source: str, place: Place, line: bytes) -> Request | None:
    """The request that a stored line tells of; None where it is no access line (https://caddyserver.com/docs/logging)."""
    if not is_access_line(line):
        return None
    try:
        fields = json.loads(line[TEXT_AT:])
        request = fields["request"]
        seconds = float(fields["duration"])
        if not 0 <= seconds < _LONGEST_SECONDS:
            return None
        return Request(
            seconds_of(time_of(line)),
            str(request["method"]),
            str(request["uri"])[:_LONGEST_PATH],
            int(fields["status"]),
            seconds,
            request_id(fields),
            source,
            place,
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def seconds_of(time: bytes) -> float:
    """A stored time in seconds since the epoch; ValueError for what is none."""
    return datetime.fromisoformat(time[:26].decode("ascii") + "+00:00").timestamp()
