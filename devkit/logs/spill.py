"""All lines of one source, in segments on disk: appended to at the end, and meanwhile filled from behind.

A source is what keeps one stream of lines through restarts: a service's n-th container however often it is made anew,
or a file. The newest lines are read first, into a segment far behind those that are there; the history that lies
between goes into numbers below it. So places stay ordered while both grow.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from devkit.logs.segment import Segment
from devkit.logs.stored import MARKER, NO_TIME, stored, time_of
from devkit.project.files import write_atomically

SEGMENT_BYTES = 16 * 1024 * 1024
"""A segment that has grown to this gets a successor; the oldest go whole."""

_GAP = 1_000_000
"""Numbers that are left free for a history: 16 TB of it."""


class Place(NamedTuple):
    """Where a line begins: the number of its segment, and bytes into it."""

    segment: int
    offset: int


START = Place(-1, 0)


class Spill:
    """The segments of one source, in `directory`. Whoever opens it closes it."""

    def __init__(self, directory: Path, *, segment_bytes: int = SEGMENT_BYTES) -> None:
        self.name = directory.name
        self.directory = directory
        self._segment_bytes = segment_bytes
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._counts = directory / "counts.json"
        self._segments = self._opened()
        self._count = directory / "forgotten"
        self.forgotten = self._remembered()
        """How many lines were kept and had to go for the disk budget."""
        self.filling = False
        """Whether a history is being read: lines are missing before the newest ones."""

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return sum(segment.size for segment in self._segments)

    @property
    def lines(self) -> int:
        """How many lines are kept."""
        return sum(segment.lines for segment in self._segments)

    @property
    def end(self) -> Place:
        """Behind the last line."""
        last = self._segments[-1] if self._segments else None
        return Place(last.number, last.size) if last else START

    def append(self, lines: bytes) -> None:
        """Add whole lines behind the newest ones. OSError where the disk takes no more."""
        last = self._segments[-1] if self._segments else None
        if last is None or last.size >= self._segment_bytes:
            last = self._segment(last.number + 1 if last else 0)
            self._segments.append(last)
            self._keep_counts()
        last.append(lines)

    def leave_room(self) -> History:
        """What is appended from now on stands behind a gap; the history that is returned fills it."""
        number = self._segments[-1].number + 1 if self._segments else 0
        known = self.newest()
        self._segments.append(self._segment(number + _GAP))
        return History(self, number, number + _GAP, known)

    def newest(self) -> bytes:
        """The newest line that was written by a container or in a file, whole; empty where there is none."""
        return next(filter(None, map(_newest, reversed(self._segments))), b"")

    def gaps(self) -> tuple[History, ...]:
        """The histories that were not read to their ends, because devkit or the engine was ended meanwhile.

        The oldest comes first; each goes on behind what it has.
        """
        found = []
        former: Segment | None = None
        for segment in self._segments:
            jumps = segment.number - former.number > 1 if former else segment.number >= _GAP and not self.forgotten
            if jumps and not self.joined(segment.number).exists():
                known = _newest(former) if former else b""
                found.append(History(self, former.number if former else 0, segment.number, known))
            former = segment
        return tuple(found)

    def first_lines(self, number: int) -> bytes:
        """The lines at the beginning of a segment that have the time of its first one; none where it has gone."""
        segment = next((one for one in self._segments if one.number == number), None)
        if segment is None:
            return b""
        time = segment.first_time()
        lines: list[bytes] = []
        for _, line in segment.after(0):
            if time_of(line) != time:
                break
            lines.append(line + b"\n")
        return b"".join(lines)

    def after(self, place: Place) -> Iterator[tuple[Place, bytes]]:
        """The lines from a place on, oldest first."""
        for segment in self._segments[self._index(place.segment) :]:
            start = place.offset if segment.number == place.segment else 0
            for offset, line in segment.after(start):
                yield Place(segment.number, offset), line

    def before(self, place: Place) -> Iterator[tuple[Place, bytes]]:
        """The lines that end at a place or before it, newest first."""
        for segment in reversed(self._segments[: self._index(place.segment + 1)]):
            end = place.offset if segment.number == place.segment else segment.size
            for offset, line in segment.before(end):
                yield Place(segment.number, offset), line

    def bytes_after(self, place: Place) -> int:
        """How many bytes stand behind a place."""
        behind = sum(segment.size for segment in self._segments[self._index(place.segment) :])
        return behind - (place.offset if any(one.number == place.segment for one in self._segments) else 0)

    def seek(self, time: bytes) -> Place:
        """The place of the first line that is not before `time`; the end where all are."""
        for segment in self._segments:
            last = segment.last_time()
            if last is not None and last >= time:
                return Place(segment.number, segment.seek(time))
        return self.end

    def blocks_after(self, place: Place, size: int) -> Iterator[tuple[Place, bytes]]:
        """Whole lines in large pieces from a place on, each with its place: for what looks at all of them."""
        for segment in self._segments[self._index(place.segment) :]:
            start = place.offset if segment.number == place.segment else 0
            while block := segment.block_after(start, size):
                yield Place(segment.number, start), block
                start += len(block)

    def blocks_before(self, place: Place, size: int) -> Iterator[tuple[Place, bytes]]:
        """The same for the lines up to a place, the last piece first."""
        for segment in reversed(self._segments[: self._index(place.segment + 1)]):
            end = place.offset if segment.number == place.segment else segment.size
            while block := segment.block_before(end, size):
                end -= len(block)
                yield Place(segment.number, end), block

    def last_time(self) -> tuple[bytes, int] | None:
        """The time of the newest line, and how many lines at the end have it; None where there is none."""
        newest, count = b"", 0
        for _, line in self.before(self.end):
            if count and time_of(line) != newest:
                break
            newest, count = time_of(line), count + 1
        return (newest, count) if count else None

    def forget_oldest(self) -> bool:
        """Delete the oldest segment, unless it is the only one; whether there was one to delete."""
        if len(self._segments) < 2:
            return False
        oldest = self._segments.pop(0)
        self.forgotten += oldest.lines
        oldest.remove()  # first: it makes the room that the count needs
        with suppress(OSError):
            write_atomically(self._count, str(self.forgotten))
        return True

    def oldest_time(self) -> bytes | None:
        """The time of the oldest line."""
        return next((time_of(line) for _, line in self.after(START)), None)

    def close(self) -> None:
        """Give all files back."""
        self._keep_counts()
        for segment in self._segments:
            segment.close()
        self._segments.clear()

    def insert(self, number: int, lines: bytes) -> int:
        """Append to the segment `number`, or its successor once it is full; which one it was."""
        index = self._index(number)
        if index == len(self._segments) or self._segments[index].number != number:
            self._segments.insert(index, self._segment(number))
        elif self._segments[index].size >= self._segment_bytes:
            self._keep_counts()
            return self.insert(number + 1, lines)
        self._segments[index].append(lines)
        return number

    def _index(self, number: int) -> int:
        """Where the first segment of this number or a higher one is."""
        return next((i for i, segment in enumerate(self._segments) if segment.number >= number), len(self._segments))

    def _remembered(self) -> int:
        try:
            return int(self._count.read_text(encoding="ascii"))
        except (OSError, ValueError):
            return 0

    def joined(self, number: int) -> Path:
        """Is there once the history before the segment `number` is complete."""
        return self.directory / f"{number:020d}.joined"

    def _opened(self) -> list[Segment]:
        """The segments that are there. Lines that were counted before are not counted again."""
        known: dict[str, list[int]] = {}
        with suppress(OSError, ValueError):
            found = json.loads(self._counts.read_text(encoding="ascii"))
            known = found if isinstance(found, dict) else {}
        numbers = sorted(int(path.stem) for path in self.directory.glob("*.log") if path.stem.isdecimal())
        segments = [self._segment(number, known.get(str(number))) for number in numbers]
        for segment in segments:
            if not segment.size:
                segment.remove()
        return [segment for segment in segments if segment.size]

    def _keep_counts(self) -> None:
        counts = {segment.number: [segment.size, segment.lines] for segment in self._segments if segment.size}
        with suppress(OSError):  # on a full disk they are counted the next time
            write_atomically(self._counts, json.dumps(counts))

    def _segment(self, number: int, counted: object = None) -> Segment:
        match counted:
            case [int(size), int(lines)]:
                return Segment(self.directory / f"{number:020d}.log", number, (size, lines))
        return Segment(self.directory / f"{number:020d}.log", number)


class History:
    """The lines of a source between what was kept before and what came first this time.

    `known` is the last line before them, as it is stored; empty where there is none.
    """

    def __init__(self, spill: Spill, number: int, behind: int, known: bytes) -> None:
        self._spill = spill
        self._number = number
        self._behind = behind
        self.known = known
        spill.filling = True

    @property
    def newest(self) -> bytes:
        """The first lines of what stands behind it: those of one moment."""
        return self._spill.first_lines(self._behind)

    def append(self, lines: bytes) -> None:
        """Add whole lines behind those that the history has. OSError where the disk takes no more."""
        self._number = self._spill.insert(self._number, lines)

    def complete(self) -> None:
        """Nothing is missing any more between the history and what stands behind it."""
        with suppress(OSError):  # then nothing is found to be missing the next time
            self._spill.joined(self._behind).touch()
        self._spill.filling = False

    def give_up(self) -> None:
        """What is missing can be had no more: it is said at that place."""
        time = time_of(self.known or self.newest or NO_TIME)
        self.append(stored("m", time, b"lines may be missing here: their container went before they were read"))
        self.complete()


def _newest(segment: Segment) -> bytes:
    """The newest line of a segment that is no marker, whole; empty where there is none."""
    return next((line + b"\n" for _, line in segment.before(segment.size) if line[0] != MARKER), b"")
