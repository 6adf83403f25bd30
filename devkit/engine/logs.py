"""Lines of a project's logs as programs print them: both streams of containers, and files; once, or as they come.

`docker logs --follow` ends with its container. Whoever follows hears of each start by the engine's events, and goes
on where the container's former run ended; a container in the place of another is read from its beginning.
"""

from __future__ import annotations

import selectors
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from devkit.engine.children import close_pipes, end_children
from devkit.engine.containers import ONE_OFF_LABEL, PROJECT_LABEL, SERVICE_LABEL
from devkit.engine.docker import Docker

_CHUNK = 65536
_LONGEST = 1_000_000
"""Bytes of a line without an end that are kept at most: a flood of one line must not fill the memory."""

_IDLE_SECONDS = 0.2
_STOP_SECONDS = 5.0
_EVENTS = "events"
FILE = "file"
"""The stream of lines that come from a file."""


@dataclass(frozen=True)
class LogLine:
    """One line: `time` is the engine's (RFC 3339, UTC), empty for a file's."""

    time: str
    service: str
    stream: str
    text: str


@dataclass(frozen=True)
class LogSource:
    """A program that prints a log: `docker logs` of `container`, with the engine's times, or `tail` of a file."""

    service: str
    command: tuple[str, ...]
    container: str = ""

    @property
    def is_file(self) -> bool:
        """Whether the lines come from a file and have no time of the engine."""
        return not self.container


@dataclass(frozen=True)
class Starts:
    """Which containers are taken up when they start: those of a project, of `services` (none named: all)."""

    project: str
    services: tuple[str, ...] = ()

    def command(self, docker: Docker) -> tuple[str, ...]:
        """The program that prints a line for each."""
        attributes = (f'{{{{index .Actor.Attributes "{label}"}}}}' for label in (SERVICE_LABEL, ONE_OFF_LABEL))
        return (
            *(str(docker.binary), "events", "--format", " ".join(("{{.Actor.ID}}", *attributes))),
            *("--filter", "type=container", "--filter", "event=start"),
            *("--filter", f"label={PROJECT_LABEL}={self.project}"),
        )

    def started(self, line: str) -> tuple[str, str] | None:
        """Service and container of one such line; None for a container that is not wanted."""
        container, service, one_off = [*line.split(" "), "", ""][:3]
        wanted = service and one_off != "True" and (not self.services or service in self.services)
        return (service, container) if wanted else None


def container_source(
    docker: Docker,
    service: str,
    container: str,
    *,
    follow: bool = False,
    since: str | None = None,
    tail: int | None = None,
) -> LogSource:
    """A service's container; `since` is RFC 3339, `tail` the number of its last lines."""
    options = ["--timestamps", *(["--follow"] if follow else [])]
    options += ["--since", since] if since else []
    options += ["--tail", str(tail)] if tail is not None else []
    return LogSource(service, (str(docker.binary), "logs", *options, container), container)


def file_source(service: str, path: Path, *, follow: bool = False, tail: int | None = None) -> LogSource:
    """A file of the host; one that is made or replaced later is followed, too."""
    lines = "+1" if tail is None else str(tail)
    return LogSource(service, ("tail", "-n", lines, *(["-F"] if follow else []), str(path)))


def read_lines(
    docker: Docker,
    sources: Sequence[LogSource],
    on_line: Callable[[LogLine], None],
    on_idle: Callable[[], None] = lambda: None,
    *,
    starts: Starts | None = None,
) -> None:
    """Give every line to `on_line` as it comes until all sources have ended; `on_idle` after 0.2 s without one.

    With `starts` it does not end by itself: containers that start later are sources, too.
    """
    with selectors.DefaultSelector() as selector, closing(_Reading(docker, selector)) as reading:
        if starts is not None:
            reading.add_events(starts)
        for source in sources:
            reading.add(source)
        heard = False
        while selector.get_map():
            ready = selector.select(_IDLE_SECONDS if heard else None)
            heard = bool(ready)
            if not ready:
                on_idle()
            for key, _ in ready:
                for line in reading.take(key):
                    on_line(line)


class _Reading:
    """The programs that are read, and where each container's lines ended."""

    def __init__(self, docker: Docker, selector: selectors.BaseSelector) -> None:
        self._docker = docker
        self._selector = selector
        self._children: list[subprocess.Popen[bytes]] = []
        self._starts: Starts | None = None
        self._last: dict[str, str] = {}
        self._open: dict[str, int] = {}
        self._waiting: dict[str, str] = {}

    def add_events(self, starts: Starts) -> None:
        self._starts = starts
        child = self._child(starts.command(self._docker), errors=False)
        self._selector.register(child.stdout, selectors.EVENT_READ, _Pipe("", _EVENTS))  # type: ignore[arg-type]

    def add(self, source: LogSource) -> None:
        child = self._child(source.command, errors=not source.is_file)
        for stream, pipe in (("stdout", child.stdout), ("stderr", child.stderr)):
            if pipe is not None:
                name = FILE if source.is_file else stream
                self._open[source.container] = self._open.get(source.container, 0) + 1
                self._selector.register(
                    pipe, selectors.EVENT_READ, _Pipe(source.service, name, source.container, self._last_of(source))
                )

    def close(self) -> None:
        """End the programs."""
        end_children(self._children, _STOP_SECONDS)
        for child in self._children:
            close_pipes(child)

    def take(self, key: selectors.SelectorKey) -> Iterator[LogLine]:
        """The lines that can be read now; what ends is no longer asked, what started is from now on."""
        pipe: _Pipe = key.data
        file: IO[bytes] = key.fileobj  # type: ignore[assignment]
        data = file.read1(_CHUNK)  # type: ignore[attr-defined]
        for line in pipe.lines(data):
            if pipe.stream == _EVENTS:
                self._started(line.text)
            elif not pipe.after or line.time > pipe.after:
                if pipe.container:
                    self._last[pipe.container] = max(line.time, self._last.get(pipe.container, ""))
                yield line
        if not data:
            self._selector.unregister(key.fileobj)
            self._ended(pipe.container)

    def _last_of(self, source: LogSource) -> str:
        return self._last.get(source.container, "") if source.container else ""

    def _started(self, line: str) -> None:
        found = self._starts.started(line) if self._starts else None
        if found is None:
            return
        service, container = found
        if self._open.get(container, 0):
            self._waiting[container] = service  # its former run has not been read to the end
        else:
            self._go_on(service, container)

    def _ended(self, container: str) -> None:
        self._open[container] = self._open.get(container, 1) - 1
        if container in self._waiting and not self._open[container]:
            self._go_on(self._waiting.pop(container), container)

    def _go_on(self, service: str, container: str) -> None:
        since = self._last.get(container)
        self.add(container_source(self._docker, service, container, follow=True, since=since))

    def _child(self, command: tuple[str, ...], *, errors: bool) -> subprocess.Popen[bytes]:
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE if errors else subprocess.DEVNULL,
            env=self._docker.environment(),
        )
        self._children.append(child)
        return child


@dataclass
class _Pipe:
    """One stream of one source; `rest` is the line that has not ended yet, lines up to `after` were read before."""

    service: str
    stream: str
    container: str = ""
    after: str = ""
    rest: bytes = b""

    def lines(self, data: bytes) -> Iterator[LogLine]:
        """The lines that `data` ends; no data means the end of the stream."""
        *lines, self.rest = (self.rest + data).split(b"\n")
        if len(self.rest) > _LONGEST or (not data and self.rest):
            lines.append(self.rest)
            self.rest = b""
        for line in lines:
            text = line.decode("utf-8", errors="replace").rstrip("\r")
            time, _, said = text.partition(" ") if self.container else ("", "", text)
            yield LogLine(time, self.service, self.stream, said)
