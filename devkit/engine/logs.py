"""Log lines of a project's containers: both streams, with their times, one service or all merged."""

from __future__ import annotations

import json
import selectors
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import IO, Any, Literal

from devkit.engine.docker import Docker
from devkit.engine.state import ServiceState

Stream = Literal["stdout", "stderr"]

_CHUNK = 65536
_LONGEST = 1_000_000
"""Bytes of a line without an end that are kept at most: a flood of one line must not fill the memory."""


@dataclass(frozen=True)
class LogRecord:
    """One line: `time` is the engine's (RFC 3339, UTC); `context` holds the fields of a JSON line."""

    time: str
    service: str
    stream: Stream
    level: str | None
    message: str
    context: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The object that `devkit logs --json` prints."""
        return dict(vars(self))


def read_logs(
    docker: Docker,
    states: Sequence[ServiceState],
    on_record: Callable[[LogRecord], None],
    *,
    follow: bool = False,
    since: str | None = None,
    tail: int | None = None,
) -> None:
    """Give every record to `on_record`: in the order of time, or as they come with `follow` (until interrupted).

    `since` is what `docker logs` takes (`10m`, a timestamp); `tail` the number of lines of each service.
    """
    options = ["--timestamps", *(["--follow"] if follow else [])]
    options += ["--since", since] if since else []
    options += ["--tail", str(tail)] if tail is not None else []
    kept: list[LogRecord] = []
    take = on_record if follow else kept.append
    with ExitStack() as children, selectors.DefaultSelector() as selector:
        for state in states:
            child = subprocess.Popen(
                [str(docker.binary), "logs", *options, state.container],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=docker.environment(),
            )
            children.callback(_end, child)
            for stream, pipe in (("stdout", child.stdout), ("stderr", child.stderr)):
                selector.register(pipe, selectors.EVENT_READ, _Source(state.name, stream))  # type: ignore[arg-type]
        while selector.get_map():
            for key, _ in selector.select():
                source: _Source = key.data
                pipe_file: IO[bytes] = key.fileobj  # type: ignore[assignment]
                data = pipe_file.read1(_CHUNK)  # type: ignore[attr-defined]
                if not data:
                    selector.unregister(key.fileobj)
                for record in source.records(data):
                    take(record)
    for record in sorted(kept, key=lambda record: record.time):
        on_record(record)


@dataclass
class _Source:
    """One stream of one container; `rest` is the line that has not ended yet."""

    service: str
    stream: Stream
    rest: bytes = b""

    def records(self, data: bytes) -> Iterator[LogRecord]:
        """The records of the lines that `data` ends; no data means the end of the stream."""
        *lines, self.rest = (self.rest + data).split(b"\n")
        if len(self.rest) > _LONGEST or (not data and self.rest):
            lines.append(self.rest)
            self.rest = b""
        for line in lines:
            yield record_of(self.service, self.stream, line.decode("utf-8", errors="replace"))


def record_of(service: str, stream: Stream, line: str) -> LogRecord:
    """The record of one line of `docker logs --timestamps`; Caddy's JSON becomes level, message and context."""
    time, _, text = line.rstrip("\r").partition(" ")
    if text.startswith("{"):
        try:
            fields = json.loads(text)
        except ValueError:
            fields = None
        if isinstance(fields, dict):
            level = fields.pop("level", None) or fields.pop("level_name", None)
            message = str(fields.pop("msg", None) or fields.pop("message", None) or "")
            return LogRecord(time, service, stream, str(level).lower() if level else None, message, fields)
    return LogRecord(time, service, stream, None, text)


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
