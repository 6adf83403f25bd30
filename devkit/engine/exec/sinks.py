"""Writing to stdout and stderr without ever standing still: a reader that is slow must not keep signals waiting.

O_NONBLOCK cannot be set on them: it would hold for every program that shares the open file. Pipes and terminals
are opened anew through /proc instead; where that fails, what a ready pipe surely takes is written at a time.
"""

from __future__ import annotations

import _socket
import posix
import select

_FORMAT, _REGULAR, _FIFO, _SOCKET = 0o170000, 0o100000, 0o010000, 0o140000


class Sink:
    """One of devkit's own output streams; `descriptor` is what to wait for where it takes no more."""

    __slots__ = ("_most", "_socket", "closed", "descriptor")

    def __init__(self, descriptor: int) -> None:
        kind = posix.fstat(descriptor).st_mode & _FORMAT
        self.descriptor = descriptor
        self.closed = False
        """Nobody reads any more, or nothing more fits: what comes is thrown away."""
        self._socket: _socket.socket | None = None
        self._most = select.PIPE_BUF
        if kind == _SOCKET:
            self._socket = _socket.socket(fileno=posix.dup(descriptor))
        elif kind == _REGULAR:
            self._most = 1 << 30  # never stands still
        elif kind == _FIFO or posix.isatty(descriptor):
            again = _open_again(descriptor)
            if again >= 0:
                self.descriptor, self._most = again, 1 << 30
        else:
            self._most = 1 << 30  # /dev/null and its like

    def write(self, text: memoryview) -> int:
        """Write some of it, and say how much; 0 where it takes nothing now. OSError as the system has it."""
        if self.closed:
            return len(text)
        try:
            if self._socket is not None:
                return self._socket.send(text, _socket.MSG_DONTWAIT)
            if self._most == select.PIPE_BUF and not select.select((), (self.descriptor,), (), 0)[1]:
                return 0
            return posix.write(self.descriptor, text[: self._most])
        except BlockingIOError:
            return 0


def _open_again(descriptor: int) -> int:
    """The same pipe or terminal, opened for this process alone; -1 where the system has no way to it."""
    flags = posix.O_WRONLY | posix.O_NONBLOCK | posix.O_NOCTTY | posix.O_CLOEXEC
    try:
        return posix.open(f"/proc/self/fd/{descriptor}", flags)
    except OSError:
        return -1
