"""Lines of a project's logs as programs print them: both streams of containers, and files; once, or as they come."""

from __future__ import annotations

import selectors
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from devkit.engine.docker import Docker
from devkit.engine.state import ServiceState

_CHUNK = 65536
_LONGEST = 1_000_000
"""Bytes of a line without an end that are kept at most: a flood of one line must not fill the memory."""

_IDLE_SECONDS = 0.2
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
    """A program that prints a log: `docker logs`, with the engine's times, or `tail` of a file."""

    service: str
    command: tuple[str, ...]
    is_file: bool = False


def container_source(
    docker: Docker, state: ServiceState, *, follow: bool = False, since: str | None = None, tail: int | None = None
) -> LogSource:
    """A service's container; `since` is RFC 3339, `tail` the number of its last lines."""
    options = ["--timestamps", *(["--follow"] if follow else [])]
    options += ["--since", since] if since else []
    options += ["--tail", str(tail)] if tail is not None else []
    return LogSource(state.name, (str(docker.binary), "logs", *options, state.container))


def file_source(service: str, path: Path, *, follow: bool = False, tail: int | None = None) -> LogSource:
    """A file of the host; one that is made or replaced later is followed, too."""
    lines = "+1" if tail is None else str(tail)
    return LogSource(service, ("tail", "-n", lines, *(["-F"] if follow else []), str(path)), is_file=True)


def read_lines(
    docker: Docker,
    sources: Sequence[LogSource],
    on_line: Callable[[LogLine], None],
    on_idle: Callable[[], None] = lambda: None,
) -> None:
    """Give every line to `on_line` as it comes until all sources have ended; `on_idle` after 0.2 s without one."""
    with ExitStack() as children, selectors.DefaultSelector() as selector:
        for source in sources:
            child = subprocess.Popen(
                source.command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL if source.is_file else subprocess.PIPE,
                env=docker.environment(),
            )
            children.callback(_end, child)
            for stream, pipe in (("stdout", child.stdout), ("stderr", child.stderr)):
                if pipe is not None:
                    name = FILE if source.is_file else stream
                    selector.register(pipe, selectors.EVENT_READ, _Pipe(source.service, name, not source.is_file))
        heard = False
        while selector.get_map():
            ready = selector.select(_IDLE_SECONDS if heard else None)
            heard = bool(ready)
            if not ready:
                on_idle()
            for key, _ in ready:
                pipe_file: IO[bytes] = key.fileobj  # type: ignore[assignment]
                data = pipe_file.read1(_CHUNK)  # type: ignore[attr-defined]
                if not data:
                    selector.unregister(key.fileobj)
                for line in key.data.lines(data):
                    on_line(line)


@dataclass
class _Pipe:
    """One stream of one source; `rest` is the line that has not ended yet."""

    service: str
    stream: str
    timed: bool
    rest: bytes = b""

    def lines(self, data: bytes) -> Iterator[LogLine]:
        """The lines that `data` ends; no data means the end of the stream."""
        *lines, self.rest = (self.rest + data).split(b"\n")
        if len(self.rest) > _LONGEST or (not data and self.rest):
            lines.append(self.rest)
            self.rest = b""
        for line in lines:
            text = line.decode("utf-8", errors="replace").rstrip("\r")
            time, _, said = text.partition(" ") if self.timed else ("", "", text)
            yield LogLine(time, self.service, self.stream, said)


def _end(child: subprocess.Popen[bytes]) -> None:
    child.terminate()
    try:
        child.wait(timeout=5)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
    for pipe in (child.stdout, child.stderr):
        if pipe is not None:
            pipe.close()
