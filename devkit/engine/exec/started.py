"""A command sent off: two requests, and from then on the engine works on its own."""

from __future__ import annotations

from devkit.engine.exec.command import Command, message, text
from devkit.engine.exec.endpoint import connect
from devkit.engine.exec.signals import HostSignals
from devkit.engine.exec.wire import Wire

_CREATED, _SWITCHED, _NOT_FOUND, _CONFLICT = 201, 101, 404, 409


class EngineGoneError(Exception):
    """The engine ended, or answers no more, once the command had been sent off."""


class NoContainerError(Exception):
    """The container that was remembered is not there, or does not run; the text is the engine's."""


class RefusedError(Exception):
    """The engine does not want this command; the text is its reason."""


class Started:
    """What `attached` sees to its end: the exec's id, its stream, and the first bytes that came over it."""

    __slots__ = ("command", "container", "first", "host", "id", "shell", "signals", "wire")

    def __init__(self, host: str, container: str, command: Command, signals: HostSignals, shell: str) -> None:
        self.host = host
        self.container = container
        self.command = command
        self.signals = signals
        self.shell = shell
        self.wire = Wire(connect(host))
        status, body = self.wire.request("POST", f"/containers/{container}/exec", command.body(shell))
        self.id = text(body, "Id")
        if status == _CREATED:
            try:
                status, body = self.wire.upgrade(f"/exec/{self.id}/start", command.start_body())
            except OSError as error:  # it may run, or not: it must not be started a second time
                raise EngineGoneError from error
        if status != _SWITCHED:
            self.wire.close()
            raise (NoContainerError if status in (_NOT_FOUND, _CONFLICT) else RefusedError)(message(body))
        self.first = body
