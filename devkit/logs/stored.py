"""A line as it is stored: a tag, the time, the text. What containers wrote is kept to the byte.

    o2026-01-31T10:00:00.123456789Z GET / 200

The tag says where it came from: o and e are a container's stdout and stderr, f a file, m a marker of devkit's own that
says what is missing at this place. Times are RFC 3339 with nine digits of a second in UTC, as the engine gives them, so
that they sort as text.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import NamedTuple

STREAMS: Mapping[int, str] = MappingProxyType({ord("o"): "stdout", ord("e"): "stderr", ord("f"): "file"})
"""What a tag stands for; m is no stream."""

MARKER = ord("m")
TIME_BYTES = 30
TEXT_AT = 1 + TIME_BYTES + 1
"""Where the text begins in a stored line."""

NO_TIME = b"0000-00-00T00:00:00.000000000Z"
"""Below every time that a line has."""


class StoredLine(NamedTuple):
    """One stored line: its tag, its time and its text without the line's end."""

    tag: int
    time: bytes
    text: bytes

    @property
    def is_marker(self) -> bool:
        """Whether devkit says here what is missing."""
        return self.tag == MARKER

    @property
    def stream(self) -> str:
        """stdout, stderr or file; empty for a marker."""
        return STREAMS.get(self.tag, "")


def parse_stored(line: bytes) -> StoredLine:
    """The parts of a stored line, given without its end."""
    return StoredLine(line[0], line[1 : 1 + TIME_BYTES], line[TEXT_AT:])


def time_of(line: bytes) -> bytes:
    """A stored line's time."""
    return line[1 : 1 + TIME_BYTES]


def stored(tag: str, time: bytes, text: bytes) -> bytes:
    """A line as it is stored, with its end; `text` holds none."""
    return b"%s%s %s\n" % (tag.encode(), time, text)


def stored_time(moment: datetime) -> bytes:
    """A moment as stored lines have it."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}000Z".encode()
