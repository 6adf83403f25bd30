"""Going on in a log behind the line that was read last: nothing twice, nothing left out.

The engine filters by time, and time alone does not do: stdout and stderr get their timestamps before they get their
place in the log, so a line may stand behind one that is a little younger. The order of a log never changes, though.
So it is read from a second before the last known line, and all up to that line is dropped.
"""

from __future__ import annotations

from datetime import datetime

from devkit.engine.log_frames import first_and_last

OVERLAP_SECONDS = 1
"""How much earlier is read: more than two streams' lines overtake one another."""

_BILLION = 1_000_000_000


class Behind:
    """What comes behind a line. Where the line is gone (the log was rotated), all that is younger than it."""

    def __init__(self, line: bytes) -> None:
        self._line = line
        self._moment = nanoseconds(_timestamp(line))
        self._held = b""
        self._found = False

    @property
    def since(self) -> str:
        """The moment to ask for, in the engine's words."""
        return in_seconds(max(0, self._moment - OVERLAP_SECONDS * _BILLION))

    def take(self, lines: bytes) -> bytes:
        """The lines of a batch that are new; none while the line is looked for."""
        if self._found:
            return lines
        self._held += lines
        _, found, behind = (b"\n" + self._held).partition(b"\n" + self._line)
        if found:
            self._found, self._held = True, b""
            return behind
        if self._held and nanoseconds(first_and_last(self._held)[1]) > self._moment + OVERLAP_SECONDS * _BILLION:
            return self.end()
        return b""

    def end(self) -> bytes:
        """What is younger than the line, where the log ended without it."""
        self._found = True
        held, self._held = self._held, b""
        lines = held.split(b"\n")[:-1]  # not splitlines: a line may hold any other end of a line
        return b"".join(line + b"\n" for line in lines if nanoseconds(_timestamp(line)) > self._moment)


def nanoseconds(timestamp: str) -> int:
    """A timestamp of the engine (RFC 3339, with any number of digits) as nanoseconds since the epoch."""
    whole, point, rest = timestamp.partition(".")
    digits = rest[: len(rest) - len(rest.lstrip("0123456789"))]
    moment = datetime.fromisoformat(whole + rest[len(digits) :] if point else timestamp)
    return int(moment.timestamp()) * _BILLION + int(f"{digits:0<9.9}")


def in_seconds(moment: int) -> str:
    """Nanoseconds since the epoch as the API takes them: `SECONDS.NANOSECONDS`."""
    return f"{moment // _BILLION}.{moment % _BILLION:09}"


def _timestamp(line: bytes) -> str:
    return first_and_last(line)[0]
