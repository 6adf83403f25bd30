"""Looking for something in all lines of a timeline: how often it is there, and where the next place is.

Whole blocks are looked through and not single lines, so that a history of a million lines is answered within a second.
What runs long says how far it is, and ends when the caller stops asking: it is a generator, for a thread or for slices.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from devkit.logs.query import Query
from devkit.logs.spill import Place, Spill
from devkit.logs.stored import time_of
from devkit.logs.timeline import Position, Timeline, Wanted

BLOCK = 1024 * 1024


@dataclass(frozen=True)
class Counted:
    """How many lines have it among the `done` bytes of `size` that were looked at."""

    lines: int
    done: int
    size: int


def count(timeline: Timeline, query: Query, wanted: Wanted | None = None) -> Iterator[Counted]:
    """Count the lines that have it; a result after each block, the last one is whole."""
    size = sum(source.size for source in timeline.sources)
    lines = done = 0
    for source, start, end in zip(timeline.sources, timeline.start, timeline.end, strict=True):
        for at, block in source.blocks_after(start, BLOCK):
            if at >= end:
                break
            part = block[: end.offset - at.offset] if at.segment == end.segment else block
            lines += query.count_in(part) if wanted is None else sum(1 for _ in _matches(source, part, query, wanted))
            done += len(block)
            yield Counted(lines, done, size)
    yield Counted(lines, size, size)


def find_after(timeline: Timeline, position: Position, query: Query, wanted: Wanted | None = None) -> Position | None:
    """The position right before the next line that has it, at `position` or behind; None where there is none."""
    found: list[tuple[bytes, int, Place]] = []
    for index, (source, place, end) in enumerate(zip(timeline.sources, position, timeline.end, strict=True)):
        for at, block in source.blocks_after(place, BLOCK):
            offset = next(_matches(source, block, query, wanted), None)
            if offset is not None:
                place_of_it = at._replace(offset=at.offset + offset)
                if place_of_it < end:
                    found.append((time_of(block[offset : offset + 64]), index, place_of_it))
                break
            if at >= end:
                break
    if not found:
        return None
    return _position_at(timeline, *min(found))


def find_before(timeline: Timeline, position: Position, query: Query, wanted: Wanted | None = None) -> Position | None:
    """The position right before the last line that has it and ends before `position`; None where there is none."""
    found: list[tuple[bytes, int, Place]] = []
    for index, (source, place, start) in enumerate(zip(timeline.sources, position, timeline.start, strict=True)):
        for at, block in source.blocks_before(place, BLOCK):
            offset = max(_matches(source, block, query, wanted), default=None)
            if offset is not None:
                place_of_it = at._replace(offset=at.offset + offset)
                if place_of_it >= start:
                    found.append((time_of(block[offset : offset + 64]), index, place_of_it))
                break
            if at < start:
                break
    if not found:
        return None
    return _position_at(timeline, *max(found))


def _position_at(timeline: Timeline, time: bytes, index: int, place: Place) -> Position:
    """The position right before a line of one source; lines of that time in former sources come before it."""
    behind = time + b"\0"
    return tuple(
        place if i == index else source.seek(behind if i < index else time) for i, source in enumerate(timeline.sources)
    )


def _matches(source: Spill, block: bytes, query: Query, wanted: Wanted | None) -> Iterator[int]:
    for offset in query.lines_in(block):
        if wanted is None or wanted(source.name, block[offset : block.find(b"\n", offset)]):
            yield offset
