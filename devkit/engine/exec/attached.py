"""A command that runs, seen to its end: its bytes, the terminal, signals, and how it ended."""

from __future__ import annotations

import errno
import posix
import select
from time import monotonic

from devkit.engine.exec.command import number
from devkit.engine.exec.endpoint import connect, is_socket
from devkit.engine.exec.signals import CONTINUE, ENDING, RESIZED, SUSPEND
from devkit.engine.exec.started import EngineGoneError, Started
from devkit.engine.exec.streams import STDIN, Input, Output
from devkit.engine.exec.wire import Wire

TYPE_CHECKING = False
if TYPE_CHECKING:
    from devkit.engine.exec.relay import Relay
    from devkit.engine.exec.terminal import Terminal

_OK, _NOT_FOUND = 200, 404
_SIGPIPE, KILLED = 13, 137
_BROKEN_PIPE = 128 + _SIGPIPE
_SECONDS = 5.0
"""How long the engine may take for a short request, and to start what a signal already wants to end."""
_PATIENCE = 2.0
"""How long a reader may take nothing once a signal has ended the command that it reads from."""
_UNTIL_STOPPED = 0.5
"""How long after the command a container has ended, where it was its end that killed the command."""
_UNTIL_FOREGROUND = 0.5
"""A shell's `fg` says nothing to a job that runs: one in the background looks whether the terminal is its own now."""
_UNTIL_ENDED = 0.05
"""Docker ends the stream with the command, also where that closes its own ends; other engines may be earlier."""


class NotStartedError(Exception):
    """Nothing ran: the engine's reason, and the status that it gives."""

    def __init__(self, reason: str, status: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status


class UnreachableError(Exception):
    """A signal cannot be handed on: there is no shell to do it, and the command goes on alone."""

    def __init__(self, signal: int) -> None:
        super().__init__(signal)
        self.signal = signal


class ContainerGoneError(Exception):
    """The container was stopped or removed while the command ran, and the command with it."""


class Attached:
    """The loop around one command. Nothing in it stands still, so that no signal is kept waiting."""

    def __init__(self, started: Started) -> None:
        self._started = started
        self._stream = started.wire.socket
        self._stream.setblocking(False)
        self._output = Output(self._begin, terminal=started.command.terminal, shell=started.shell != "")
        self._input = Input(reads=started.command.reads)
        self._asking = self._ahead()
        self._relay: Relay | None = None
        """There from the first signal on."""
        self._terminal = _terminal() if posix.isatty(STDIN) else None
        self._foreground = True
        self._announced = False
        self._cut_off = False
        self._deadline: float | None = None
        self._asked = False

    def run(self) -> int:
        """See the command to its end and give its exit status, 128+N where signal N ended it.

        OSError where what the command wrote could not be written, as on a full disk; the exceptions above say
        what else can happen. The terminal is as it was, whatever does.
        """
        try:
            if self._terminal is not None:
                self._foreground = self._terminal.foreground()
            if not self._started.shell:
                self._begin()
            self._output.take(memoryview(self._started.first))
            status = self._after()
            while status is None:
                status = self._step()
        finally:
            if self._terminal is not None:
                self._terminal.restore()
            if self._relay is not None:
                self._relay.close()
            self._started.wire.close()
            if self._asking is not None:
                self._asking.close()
        failure = self._output.failure
        if isinstance(failure, BrokenPipeError):
            return _BROKEN_PIPE
        if failure is not None and failure.errno != errno.EIO:  # that is a terminal that has gone
            raise failure
        return status

    def _step(self) -> int | None:
        """Wait until something can be done, and do it. The exit status, once there is one."""
        output, signals = self._output, self._started.signals
        stream = self._stream.fileno()
        relay = self._relay.fileno() if self._relay is not None else -1
        reading, writing = [signals.fileno()], []
        if relay >= 0:
            reading.append(relay)
        if output.blocked >= 0:
            writing.append(output.blocked)
        elif not output.ended:
            reading.append(stream)
        if self._input.waits_to_send:
            writing.append(stream)
        elif self._input.waits_to_read and self._foreground and self._announced and not output.ended:
            reading.append(STDIN)
        ready, writable, _ = select.select(reading, writing, (), self._seconds())
        if not ready and not writable:
            self._waited()
        if signals.fileno() in ready:
            for arrived in signals.arrived():
                self._signal(arrived)
        if self._relay is not None and relay in ready:
            self._relay.listen()
        if output.blocked in writable:
            output.flush()
        if stream in writable:
            self._input.send(self._stream)
        if stream in ready:
            output.receive(self._stream)
        if STDIN in ready:
            self._input.read(self._stream)
        return self._after()

    def _seconds(self) -> float | None:
        """How long there may be nothing to do."""
        if self._asked:
            return _UNTIL_ENDED
        waits = [None if self._foreground else _UNTIL_FOREGROUND]
        if self._relay is not None:
            waits.append(self._relay.seconds())
            if self._relay.over and self._output.blocked >= 0:
                waits.append(_PATIENCE)
        if self._deadline is not None:
            waits.append(max(0.0, self._deadline - monotonic()))
        known = [seconds for seconds in waits if seconds is not None]
        return min(known) if known else None

    def _waited(self) -> None:
        """There was nothing to do for as long as that."""
        if not self._foreground:
            self._take_terminal()
        if self._relay is not None and self._relay.over and self._output.blocked >= 0:
            self._output.discard()
        if self._deadline is not None and monotonic() >= self._deadline:
            raise EngineGoneError

    def _after(self) -> int | None:
        """What follows from what has just been done."""
        output = self._output
        if output.failure is not None and not self._cut_off:
            self._cut_off = True
            if self._announced and output.announcement.pid is None:
                raise UnreachableError(_SIGPIPE)
            self._signalling().cut_off()
        if self._relay is not None:
            if output.ended:
                self._relay.hurry()
            self._relay.tick()
        if not output.ended or output.blocked >= 0 or not (self._relay is None or self._relay.settled):
            return None
        return self._conclude()

    def _begin(self) -> None:
        """The command runs, or may be taken to."""
        if self._announced:
            return
        self._announced, self._deadline = True, None
        pid = self._output.announcement.pid
        if self._relay is not None and pid is not None:
            self._relay.announced(pid)
        self._take_terminal()

    def _conclude(self) -> int | None:
        """The streams have ended, and nothing is left: the command's exit status, or None while it goes on."""
        status, body = self._ask("GET", f"/exec/{self._started.id}/json")
        if status == _NOT_FOUND:
            self._container_must_run()
            raise EngineGoneError  # the container is there, but the engine has started anew
        if b'"Running":true' in body:
            self._asked = True
            return None
        code = number(body, "ExitCode") or 0
        reason = self._output.announcement.refusal()
        if reason and (self._started.shell or not number(body, "Pid")):
            raise NotStartedError(reason, code)
        if code == KILLED and not (self._relay is not None and self._relay.killed):
            self._wait_for_container()
            self._container_must_run()
        return code

    def _wait_for_container(self) -> None:
        """Give a container that ends, and so killed the command, the moment until the engine knows."""
        wire = self._connect()
        wire.socket.settimeout(_UNTIL_STOPPED)
        try:
            wire.request("POST", f"/containers/{self._started.container}/wait?condition=not-running")
        except OSError:  # it goes on: somebody else killed the command
            return
        finally:
            wire.close()

    def _container_must_run(self) -> None:
        status, body = self._ask("GET", f"/containers/{self._started.container}/json")
        if status == _NOT_FOUND or (status == _OK and b'"Running":false' in body):
            raise ContainerGoneError

    def _ask(self, method: str, target: str) -> tuple[int, bytes]:
        """A request that may be repeated: a connection that has long been open may have been ended meanwhile."""
        if self._asking is not None:
            try:
                return self._asking.request(method, target)
            except OSError:
                self._asking.close()
        self._asking = self._connect()
        try:
            return self._asking.request(method, target)
        except OSError as error:
            raise EngineGoneError from error

    def _ahead(self) -> Wire | None:
        """A connection for the questions that come at the end, made while the engine works."""
        if not is_socket(self._started.host):  # there each is a program of its own
            return None
        try:
            return self._connect()
        except EngineGoneError:  # if it did, the stream says so
            return None

    def _connect(self) -> Wire:
        try:
            connected = connect(self._started.host)
        except OSError as error:
            raise EngineGoneError from error
        connected.settimeout(_SECONDS)
        return Wire(connected)

    def _signalling(self) -> Relay:
        """The relay, made when it is first asked for."""
        if self._relay is None:
            from devkit.engine.exec.relay import Relay

            self._relay = Relay(self._started.host, self._started.container)
            pid = self._output.announcement.pid
            if pid is not None:
                self._relay.announced(pid)
        return self._relay

    def _signal(self, arrived: int) -> None:
        if arrived == CONTINUE:
            self._take_terminal()
        elif arrived == RESIZED:
            self._resize()
        elif arrived == SUSPEND:
            self._suspend()
        elif self._announced and self._output.announcement.pid is None:
            raise UnreachableError(arrived)
        else:
            if arrived in ENDING and not self._announced:
                self._deadline = monotonic() + _SECONDS
            self._signalling().signal(arrived)

    def _suspend(self) -> None:
        """Stop, with the command, as Ctrl-Z does; `fg` and `bg` let both go on."""
        relay = self._signalling()
        stopped = relay.suspend()
        if self._terminal is not None:
            self._terminal.restore()
        self._started.signals.suspend()
        if stopped:
            relay.resume()

    def _take_terminal(self) -> None:
        """Use the terminal, if this job may; not before the command runs, so that Ctrl-C still ends the wait for it."""
        if self._terminal is not None and self._announced:
            self._foreground = self._terminal.foreground()
            if self._foreground and self._started.command.terminal:
                self._terminal.raw()
                self._resize()

    def _resize(self) -> None:
        """Give the command's terminal the size of this one."""
        if self._terminal is None or not self._started.command.terminal or not self._announced:
            return
        size = self._terminal.size()
        if size is not None:
            try:
                self._ask("POST", f"/exec/{self._started.id}/resize?h={size[0]}&w={size[1]}")
            except EngineGoneError:  # if it did, the stream says so
                return


def _terminal() -> Terminal:
    from devkit.engine.exec.terminal import Terminal

    return Terminal(STDIN)
