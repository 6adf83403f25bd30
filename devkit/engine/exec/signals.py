"""Signals that devkit gets while a command runs: collected for the loop, which hands them on; none ends devkit."""

from __future__ import annotations

import _socket
import posix

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal
else:
    import _signal as signal  # the same, without the enumerations around it

ENDING = {
    int(signal.SIGINT): "INT",
    int(signal.SIGTERM): "TERM",
    int(signal.SIGHUP): "HUP",
    int(signal.SIGQUIT): "QUIT",
}
"""Signals that are meant to end a command: for all of its processes."""

MESSAGES = {int(signal.SIGUSR1): "USR1", int(signal.SIGUSR2): "USR2"}
"""Signals that tell a program something, such as a queue worker to pause: for its first process."""

SUSPEND, CONTINUE, RESIZED = int(signal.SIGTSTP), int(signal.SIGCONT), int(signal.SIGWINCH)


class HostSignals:
    """While it is open, signals wake up whoever selects it. What is ignored (by nohup, or by `&`) stays ignored."""

    __slots__ = ("_before", "_receiver", "_sender")

    def __init__(self) -> None:
        self._receiver, self._sender = _socket.socketpair()
        self._receiver.setblocking(False)
        self._sender.setblocking(False)
        self._before: dict[int, object] = {}
        signal.set_wakeup_fd(self._sender.fileno(), warn_on_full_buffer=False)
        for number in (*ENDING, *MESSAGES, SUSPEND, CONTINUE, RESIZED):
            if signal.getsignal(number) != signal.SIG_IGN:
                self._before[number] = signal.signal(number, _noticed)

    def fileno(self) -> int:
        """What select waits on."""
        return self._receiver.fileno()

    def arrived(self) -> list[int]:
        """The numbers of the signals that came, in order."""
        try:
            return list(self._receiver.recv(4096))
        except BlockingIOError:
            return []

    def suspend(self) -> None:
        """Stop this process as Ctrl-Z would, and return when it goes on; at once where no shell looks after jobs."""
        handler = signal.signal(SUSPEND, signal.SIG_DFL)
        posix.kill(posix.getpid(), SUSPEND)
        signal.signal(SUSPEND, handler)

    def __enter__(self) -> HostSignals:
        return self

    def __exit__(self, *_error: object) -> None:
        """Handle signals as before."""
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]
        signal.set_wakeup_fd(-1)
        self._receiver.close()
        self._sender.close()


def _noticed(_number: int, _frame: object) -> None:
    """The number went to the wakeup descriptor; Python only wants a handler."""
