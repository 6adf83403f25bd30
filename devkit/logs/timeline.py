"""The lines of several sources as one, by time: read from any place in both directions, as much as is wanted.

A position is one place in each source. So it holds whatever their clocks did: going on from where one stopped neither
skips nor repeats a line, also where a source's times are not quite in order.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from devkit.logs.spill import START, Place, Spill
from devkit.logs.stored import StoredLine, parse_stored, time_of

Position = tuple[Place, ...]
"""One place for each source of a timeline, in its order."""

Wanted = Callable[[str, bytes], bool]
"""Whether a line is shown: the name of its source, and the line as it is stored."""


class Entry(NamedTuple):
    """One line of a timeline: whose it is and where, and the positions before and behind it.

    `source` and `place` tell one line from another; a position may be said in more than one way.
    """

    source: str
    place: Place
    line: StoredLine
    before: Position
    behind: Position

    @property
    def key(self) -> tuple[str, Place]:
        """What no other line has."""
        return (self.source, self.place)


@dataclass(frozen=True)
class Page:
    """Lines in the order of time. `reached` is where the reading stopped; `is_end` says that there was no more."""

    entries: tuple[Entry, ...]
    reached: Position
    is_end: bool


class Timeline:
    """The merged lines of some sources, or those of them that are wanted, between two times.

    Lines of the time `since` are among them, those of the time `until` are not; an empty one is no limit.
    """

    def __init__(
        self, sources: Sequence[Spill], wanted: Wanted | None = None, *, since: bytes = b"", until: bytes = b""
    ) -> None:
        self.sources = tuple(sources)
        self._wanted = wanted
        self._since = since
        self._until = until

    @property
    def is_whole(self) -> bool:
        """Whether no line is left out."""
        return self._wanted is None and not self._since and not self._until

    @property
    def start(self) -> Position:
        """Before the oldest line."""
        return self.at(self._since) if self._since else (START,) * len(self.sources)

    @property
    def end(self) -> Position:
        """Behind the newest line that there is now."""
        return self.at(self._until) if self._until else tuple(source.end for source in self.sources)

    def at(self, time: bytes) -> Position:
        """Before the first lines that are not older than `time`."""
        return tuple(source.seek(time) for source in self.sources)

    def bytes_after(self, position: Position) -> int:
        """How many bytes of lines come behind a position, wanted or not."""
        return sum(source.bytes_after(at) for source, at in zip(self.sources, position, strict=True))

    def before(self, position: Position, count: int, *, budget: int | None = None) -> Page:
        """The last `count` lines before a position; fewer where `budget` bytes were looked at meanwhile."""
        entries: list[Entry] = []
        places, looked = list(position), 0
        for index, place, line in self._backwards(position):
            if self._since and time_of(line) < self._since:
                break
            behind = tuple(places)
            places[index] = place
            looked += len(line)
            if self._is_wanted(index, line):
                entries.append(Entry(self.sources[index].name, place, parse_stored(line), tuple(places), behind))
            if len(entries) == count or (budget is not None and looked >= budget):
                return Page(tuple(reversed(entries)), tuple(places), is_end=False)
        return Page(tuple(reversed(entries)), tuple(places), is_end=True)

    def after(self, position: Position, count: int, *, budget: int | None = None) -> Page:
        """The first `count` lines from a position on; fewer where `budget` bytes were looked at meanwhile."""
        entries: list[Entry] = []
        places, looked = list(position), 0
        for index, place, line in self._forwards(position):
            if self._until and time_of(line) >= self._until:
                break
            before = tuple(places)
            places[index] = Place(place.segment, place.offset + len(line) + 1)
            looked += len(line)
            if self._is_wanted(index, line):
                entries.append(Entry(self.sources[index].name, place, parse_stored(line), before, tuple(places)))
            if len(entries) == count or (budget is not None and looked >= budget):
                return Page(tuple(entries), tuple(places), is_end=False)
        return Page(tuple(entries), tuple(places), is_end=True)

    def _is_wanted(self, index: int, line: bytes) -> bool:
        return self._wanted is None or self._wanted(self.sources[index].name, line)

    def _forwards(self, position: Position) -> Iterator[tuple[int, Place, bytes]]:
        streams = [
            _numbered(i, source.after(at)) for i, (source, at) in enumerate(zip(self.sources, position, strict=True))
        ]
        return heapq.merge(*streams, key=lambda found: time_of(found[2]))

    def _backwards(self, position: Position) -> Iterator[tuple[int, Place, bytes]]:
        streams = [
            _numbered(i, source.before(at)) for i, (source, at) in enumerate(zip(self.sources, position, strict=True))
        ]
        # Of lines with the same time those of the last source come first here, for forwards they come last.
        return heapq.merge(*reversed(streams), key=lambda found: time_of(found[2]), reverse=True)


def _numbered(index: int, lines: Iterator[tuple[Place, bytes]]) -> Iterator[tuple[int, Place, bytes]]:
    for place, line in lines:
        yield index, place, line
