"""Programs inside the database's container: fed, read, and ended with devkit.

The one place that starts them. Each ends when its input or the reader of its output is gone, also where devkit was
killed: the engine closes both with the docker command. Passwords go by name in the environment, never as arguments.
"""

from __future__ import annotations

import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import IO

from devkit.database.streams import CHUNK
from devkit.engine.children import close_pipes, end_children
from devkit.engine.docker import Docker
from devkit.project.errors import CommandError, FailedError

_KEPT_LINES = 40
_LINE_BYTES = 64 * 1024
_STOP_SECONDS = 5.0
_ENDED_FROM_OUTSIDE = (129, 130, 137, 143)
_GONE = re.compile(
    r"No such container|is not running|Lost connection|server has gone away|connection to server was lost"
    r"|is starting up|not yet accepting connections|in recovery mode|shutting down"
)
_REFUSED = re.compile(r"Access denied for user .*using password|password authentication failed")


@dataclass(frozen=True)
class Ended:
    """How a program ended, with what it wrote: `output` whole or its last part, `errors` its first lines.

    `fatal` is the first line that was accepted as the end of it all; empty if there was none.
    """

    status: int
    output: bytes
    errors: tuple[str, ...]
    fatal: str = ""


@dataclass(frozen=True)
class Container:
    """A running container of a service; `variables` are given to each program in it."""

    docker: Docker
    id: str
    service: str
    variables: Mapping[str, str] = field(repr=False)

    def run(self, *command: str, input: bytes = b"", variables: Mapping[str, str] | None = None) -> Ended:
        """Run to the end, all output kept. For small answers."""
        with self.started(command, variables) as child:
            errors = Lines(child.stderr)
            collected = _Collected(child.stdout)
            assert child.stdin is not None
            with suppress(BrokenPipeError):
                child.stdin.write(input)
                child.stdin.flush()
            _close(child.stdin)
            return Ended(child.wait(), collected.join(), errors.join())

    def feed(
        self,
        *command: str,
        chunks: Iterable[bytes],
        stop: Callable[[str], bool],
        variables: Mapping[str, str] | None = None,
    ) -> Ended:
        """Give `chunks` to a program's input; no more of them after a line of stderr that `stop` accepts.

        An exception of `chunks` ends the program and passes through.
        """
        with self.started(command, variables) as child:
            errors = Lines(child.stderr, stop)
            collected = _Collected(child.stdout, keep=CHUNK)
            assert child.stdin is not None
            with suppress(BrokenPipeError):  # it ended by itself, and says why
                for chunk in chunks:
                    if errors.fatal:
                        break
                    child.stdin.write(chunk)
                child.stdin.flush()
            _close(child.stdin)
            return Ended(child.wait(), collected.join(), errors.join(), errors.fatal)

    @contextmanager
    def read(self, *command: str, check: Callable[[Ended], None]) -> Iterator[Iterator[bytes]]:
        """A program's output in chunks; at its end `check` is asked whether all went well."""
        with self.started(command, None) as child:
            errors = Lines(child.stderr)
            assert child.stdin is not None and child.stdout is not None
            _close(child.stdin)
            output = child.stdout

            def chunks() -> Iterator[bytes]:
                while chunk := output.read(CHUNK):
                    yield chunk
                check(Ended(child.wait(), b"", errors.join()))

            yield chunks()

    def free(self, directory: str) -> int:
        """Bytes free where a directory of the container is (`$NAME` for a variable's); many where it has no `df`."""
        lines = self.run("sh", "-c", f'df -P -k "{directory}"').output.decode(errors="replace").splitlines()
        cells = lines[-1].split() if lines else []
        return int(cells[3]) * 1024 if len(cells) > 3 and cells[3].isdigit() else sys.maxsize

    def failure(self, ended: Ended, what: str) -> FailedError:
        """Why a program failed; EngineError instead where the engine itself is gone."""
        self.docker.ping()
        said = ended.fatal or next(iter(ended.errors), "")
        if ended.status in _ENDED_FROM_OUTSIDE or _GONE.search(said):
            return FailedError(
                f"{what}: the service {self.service} was stopped or is starting anew",
                "devkit status shows how it is; devkit up starts it and waits",
            )
        if _REFUSED.search(said):
            return FailedError(
                f"{what}: {self.service} does not take the password that .env has",
                f"its data was made with another DB_PASSWORD: put that one back, then: devkit restart {self.service}",
            )
        return CommandError(f"{what}: {said or f'status {ended.status}'}", returncode=ended.status)

    @contextmanager
    def started(self, command: Iterable[str], variables: Mapping[str, str] | None) -> Iterator[subprocess.Popen[bytes]]:
        """A program with pipes to it, ended with the block."""
        given = {**self.variables, **(variables or {})}
        named = [word for name in given for word in ("--env", name)]
        child = subprocess.Popen(
            [str(self.docker.binary), "exec", "--interactive", *named, self.id, *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**self.docker.environment(), **given},
            process_group=0,  # a Ctrl-C is devkit's to handle
        )
        try:
            yield child
        finally:
            end_children([child], _STOP_SECONDS)
            close_pipes(child)


def _close(pipe: IO[bytes]) -> None:
    with suppress(BrokenPipeError):
        pipe.close()


class _Collected:
    """What a program writes, read beside its being fed; the last `keep` bytes of it, or all."""

    def __init__(self, pipe: IO[bytes] | None, keep: int | None = None) -> None:
        assert pipe is not None
        self._pipe = pipe
        self._keep = keep
        self._bytes = b""
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def join(self) -> bytes:
        """All of it, once the program has ended."""
        self._thread.join()
        return self._bytes

    def _read(self) -> None:
        pieces: list[bytes] = []
        with suppress(ValueError, OSError):  # closed under us: the program is being ended
            while chunk := self._pipe.read(CHUNK):
                pieces.append(chunk)
                if self._keep is not None:
                    pieces = [b"".join(pieces)[-self._keep :]]
        self._bytes = b"".join(pieces)


class Lines:
    """The first lines that a program writes to stderr; `fatal` is the first one that `stop` accepts."""

    def __init__(self, pipe: IO[bytes] | None, stop: Callable[[str], bool] | None = None) -> None:
        assert pipe is not None
        self._pipe = pipe
        self._stop = stop
        self._lines: list[str] = []
        self.fatal = ""
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def join(self) -> tuple[str, ...]:
        """The lines, once the program has ended."""
        self._thread.join()
        return tuple(self._lines)

    def _read(self) -> None:
        with suppress(ValueError, OSError):
            while line := self._pipe.readline(_LINE_BYTES):
                text = line.decode(errors="replace").strip()
                if text and len(self._lines) < _KEPT_LINES:
                    self._lines.append(text)
                if self._stop is not None and not self.fatal and self._stop(text):
                    self.fatal = text
