"""The bytes of a container's log, as the engine sends them, made into lines that can be kept as they are.

A line becomes `STREAM TIMESTAMP TEXT` with nothing between the first two: `o` or `e`, the engine's own timestamp, a
space, the text, a line feed: `o2026-11-29T21:16:20.151557363Z out`. What the text holds stays untouched.

The engine splits lines above 16 KiB. Parts come without a line feed, and each carries the line's own timestamp, on the
wire too (Docker 26, seen on the engine; Podman gives each part a time of its own, and they stay lines). What a
container wrote last comes without a line feed as well, if it wrote none; it is less than a whole part, or else the
next run's first line has another timestamp.
"""

from __future__ import annotations

from struct import Struct
from typing import Protocol

LONGEST = 1024 * 1024
"""Bytes of one line's text that are kept."""

OUT, ERR, ENGINE = 1, 2, 3
_MARKS = {0: b"o", OUT: b"o", ERR: b"e"}
_HEADER = Struct(">BxxxI")
_HEADER_BYTES = _HEADER.size
_LARGEST_FRAME = 64 * 1024 * 1024
_PART = 16 * 1024
"""Bytes of a part that is not a line's last one, or more: the engine writes a broken UTF-8 byte as three."""

_FEED = 10
_NO_TIME = "1970-01-01T00:00:00.000000000Z"


class LogLines(Protocol):
    """What turns received bytes into whole lines."""

    def take(self, received: bytes) -> bytes:
        """The lines that end in what was received."""
        ...

    def end(self) -> bytes:
        """The lines that have not ended when the log does."""
        ...

    @property
    def cut_off(self) -> bool:
        """Whether the last bytes are no whole frame: the engine went while it wrote them."""
        ...


class _Held:
    """A line that has not ended: its beginning (`oTIMESTAMP `), its parts, and how many bytes are left out."""

    __slots__ = ("_kept", "_left_out", "_parts", "beginning")

    def __init__(self, beginning: bytes) -> None:
        self.beginning = beginning
        self._parts: list[bytes] = []
        self._kept = 0
        self._left_out = 0

    def add(self, text: bytes) -> None:
        kept = text[: LONGEST - self._kept]
        if kept:
            self._parts.append(kept)
            self._kept += len(kept)
        self._left_out += len(text) - len(kept)

    def line(self) -> bytes:
        marker = b" [%d bytes left out]" % self._left_out if self._left_out else b""
        return b"".join((self.beginning, *self._parts, marker, b"\n"))


class FrameLines:
    """The log of a container without a terminal: frames, each with a byte for the stream and its length.

    (https://docs.docker.com/reference/api/engine/#tag/Container/operation/ContainerAttach, "Stream format")
    """

    def __init__(self) -> None:
        self._rest = b""
        self._held: dict[int, _Held] = {}
        self._last = _NO_TIME

    @property
    def cut_off(self) -> bool:
        """Whether the last bytes are no whole frame."""
        return bool(self._rest)

    def take(self, received: bytes) -> bytes:
        """The lines that end in what was received. ValueError where these are no frames."""
        data = self._rest + received if self._rest else received
        lines: list[bytes] = []
        header, marks, held = _HEADER.unpack_from, _MARKS, self._held
        at, last = 0, len(data) - _HEADER_BYTES
        while at <= last:
            stream, length = header(data, at)
            start = at + _HEADER_BYTES
            stop = start + length
            if stop > len(data):
                if length > _LARGEST_FRAME:
                    raise ValueError(f"a frame of {length} bytes")
                break
            if not held and stream in marks and length <= LONGEST and data[stop - 1] == _FEED:
                lines.append(marks[stream])  # nearly every frame is a line: this is all that is done for it
                lines.append(data[start:stop])
            else:
                self._part(stream, data[start:stop], lines)
            at = stop
        self._rest = data[at:]
        batch = b"".join(lines)
        if batch:
            self._last = first_and_last(batch)[1]
        return batch

    def end(self) -> bytes:
        """The lines that have not ended when the log does."""
        lines = b"".join(held.line() for held in self._held.values())
        self._held.clear()
        return lines

    def _part(self, stream: int, payload: bytes, lines: list[bytes]) -> None:
        """A frame that is no line, or one while a line is open."""
        if not payload:
            return
        if stream not in _MARKS:  # the engine's own words: it cannot read the log
            last = first_and_last(b"".join(lines))[1] if lines else self._last
            lines.append(b"e%s %s\n" % (last.encode(), payload.strip().replace(b"\n", b" ")))
            return
        time, _, text = payload.partition(b" ")
        beginning = b"%s%s " % (_MARKS[stream], time)
        held = self._held.get(stream)
        if held is not None and held.beginning != beginning:
            lines.append(held.line())
            held = None
        if held is None:
            held = self._held[stream] = _Held(beginning)
        held.add(text.removesuffix(b"\n"))
        if text.endswith(b"\n") or len(text) < _PART:
            lines.append(held.line())
            del self._held[stream]


class RawLines:
    """The log of a container with a terminal: timestamps and text, no frames; all is one stream.

    Text that ended without a line feed runs into what the next run wrote: the engine marks no border.
    """

    def __init__(self) -> None:
        self._rest = b""
        self._held: _Held | None = None
        """The beginning of a line that is too long to wait for its end."""

    @property
    def cut_off(self) -> bool:
        """Never known: there are no frames."""
        return False

    def take(self, received: bytes) -> bytes:
        """The lines that end in what was received."""
        data, self._rest = self._rest + received, b""
        lines: list[bytes] = []
        if self._held is not None:
            text, feed, data = data.partition(b"\n")
            if not feed:
                self._extend(self._held, text)
                return b""
            lines.append(_ended(self._held, text))
            self._held = None
        whole, feed, self._rest = data.rpartition(b"\n")
        if feed:
            texts = whole.split(b"\n")
            if len(max(texts, key=len)) > _PART:
                lines.extend(_ended(*_begun(text)) for text in texts)
            else:
                lines += (b"o", whole.replace(b"\n", b"\no"), b"\n")
        if len(self._rest) > LONGEST:
            self._held, rest = _begun(self._rest)
            self._extend(self._held, rest)
        return b"".join(lines)

    def end(self) -> bytes:
        """The line that has not ended when the log does."""
        held, rest, self._held, self._rest = self._held, self._rest, None, b""
        if held is None and not rest:
            return b""
        return _ended(held, rest) if held is not None else _ended(*_begun(rest))

    def _extend(self, held: _Held, text: bytes) -> None:
        """Keep what cannot be the beginning of a part's timestamp; that waits for more."""
        text = text.replace(held.beginning[1:], b"")
        border = max(0, len(text) - len(held.beginning))
        held.add(text[:border])
        self._rest = text[border:]


def _begun(text: bytes) -> tuple[_Held, bytes]:
    """A line of a terminal, and its text with the timestamps of its parts."""
    time, _, said = text.partition(b" ")
    return _Held(b"o%s " % time), said


def _ended(held: _Held, text: bytes) -> bytes:
    held.add(text.replace(held.beginning[1:], b""))
    return held.line()


def first_and_last(lines: bytes) -> tuple[str, str]:
    """The timestamps of the first and of the last line, of one or more."""
    return _time(lines, 0), _time(last_line(lines), 0)


def last_line(lines: bytes) -> bytes:
    """The last line, whole, of one or more."""
    return lines[lines.rfind(b"\n", 0, -1) + 1 :]


def _time(lines: bytes, at: int) -> str:
    return lines[at + 1 : lines.index(b" ", at)].decode("ascii", "replace")
