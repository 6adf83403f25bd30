"""The bytes of a command that runs: from stdin to the engine's stream, and from it to stdout and stderr.

Nothing is read while what was read before has no way on, so memory stays flat however much goes through.
"""

from __future__ import annotations

import posix

from devkit.engine.exec.frames import ERR, OUT, Announced, Announcement, Frames
from devkit.engine.exec.sinks import Sink

TYPE_CHECKING = False
if TYPE_CHECKING:
    from _socket import socket
    from collections.abc import Callable

STDIN = 0
_RECEIVED = 1 << 18
_READ = 1 << 16


class Output:
    """What the command writes. `failure` is why some of it could not be handed on.

    `begin` is called when the command is known to run, before anything of it is written.
    """

    __slots__ = ("_begin", "_buffer", "_frames", "_pending", "_sinks", "announcement", "ended", "failure")

    def __init__(self, begin: Callable[[], None], *, terminal: bool, shell: bool) -> None:
        self._begin = begin
        self.announcement: Announced = Announcement(terminal=terminal) if shell else Announced()
        self.ended = False
        self.failure: OSError | None = None
        self._frames = Frames(terminal=terminal)
        self._buffer = memoryview(bytearray(_RECEIVED))
        self._sinks = {OUT: Sink(1), ERR: Sink(2)}
        self._pending: list[tuple[Sink, memoryview]] = []

    @property
    def blocked(self) -> int:
        """The descriptor that has to take something before more is read; -1 where none has."""
        return self._pending[0][0].descriptor if self._pending else -1

    def receive(self, stream: socket) -> None:
        """Read what is there and hand it on. `ended` is set where no more comes."""
        try:
            length = stream.recv_into(self._buffer)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:  # reset: the engine went, or the container did
            length = 0
        if length:
            self.take(self._buffer[:length])
        else:
            self.ended = True

    def take(self, received: memoryview) -> None:
        """Hand on what came over the stream."""
        pieces = self._frames.sort(received)
        if not self.announcement.done:
            pieces = self.announcement.take(pieces)
            if self.announcement.done:
                self._begin()
        self._pending = [(self._sinks[stream], piece) for stream, piece in pieces]
        self.flush()

    def flush(self) -> None:
        """Write as much of what waits as is taken."""
        pending = self._pending
        while pending:
            sink, piece = pending[0]
            try:
                written = sink.write(piece)
            except OSError as error:  # what comes for the other one may say more
                self.failure = self.failure or error
                sink.closed = True
                continue
            if written < len(piece):
                pending[0] = (sink, piece[written:])
                return
            pending.pop(0)

    def discard(self) -> None:
        """Throw away what waits and whatever else comes."""
        self._pending.clear()
        for sink in self._sinks.values():
            sink.closed = True


class Input:
    """What the command reads, if it does. It gets nothing before it runs: a start that failed can be tried again."""

    __slots__ = ("_left", "_open")

    def __init__(self, *, reads: bool) -> None:
        self._left = memoryview(b"")
        self._open = reads

    @property
    def waits_to_read(self) -> bool:
        """Whether more may be read from stdin."""
        return self._open and not self._left

    @property
    def waits_to_send(self) -> bool:
        """Whether something has been read that the engine has not taken yet."""
        return bool(self._left)

    def read(self, stream: socket) -> None:
        """Read what is there and send it; at the end of stdin the command's input ends too."""
        try:
            read = posix.read(STDIN, _READ)
        except BlockingIOError:
            return
        except OSError:  # a terminal that is gone, a directory: nothing can be read from it
            read = b""
        self._left = memoryview(read)
        if read:
            self.send(stream)
        else:
            self._open = False
            self._half_close(stream)

    def send(self, stream: socket) -> None:
        """Send what the engine takes of it."""
        try:
            sent = stream.send(self._left)
        except BlockingIOError:
            return
        except OSError:  # the command has ended, or the engine has: the stream's other side says which
            self._left = memoryview(b"")
            self._open = False
            return
        self._left = self._left[sent:]

    def _half_close(self, stream: socket) -> None:
        try:
            stream.shutdown(1)  # SHUT_WR: what the command writes still comes
        except OSError:
            return
