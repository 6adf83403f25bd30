"""One database client for many questions: starting a program in a container costs more than most answers."""

from __future__ import annotations

import secrets
import subprocess
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from typing import IO

from devkit.database.container import Container, Ended, Lines

_LINE_BYTES = 1 << 30
_END_SECONDS = 5.0


class Session:
    """A client that stops at the first error, in a container; it is started by the first question.

    After an error the next question starts another one.
    """

    def __init__(self, container: Container, *command: str, variables: Mapping[str, str] | None = None) -> None:
        self._container = container
        self._command = command
        self._variables = variables
        self._stack = ExitStack()
        self._pipes: tuple[IO[bytes], IO[bytes], Lines] | None = None

    def ask(self, statements: str) -> list[str] | Ended:
        """The lines of the answer; how the client ended where something is wrong with the statements."""
        try:
            return self._answer(statements, self._pipes or self._start())
        except BaseException:  # what is asked next must not read the rest of this answer
            self.close()
            raise

    def _answer(self, statements: str, pipes: tuple[IO[bytes], IO[bytes], Lines]) -> list[str] | Ended:
        source, answers, _ = pipes
        mark = secrets.token_hex(16)
        try:
            source.write(f"{statements}\nSELECT '{mark}';\n".encode())
            source.flush()
        except BrokenPipeError:
            return self._ended(pipes)
        lines: list[str] = []
        while line := answers.readline(_LINE_BYTES):
            text = line.decode(errors="replace").removesuffix("\n")
            if text == mark:
                return lines
            lines.append(text)
        return self._ended(pipes)

    def close(self) -> None:
        """Let the client end what it was asked, then end it: a statement goes on in the server without its client."""
        if self._pipes is not None:
            source, self._pipes = self._pipes[0], None
            with suppress(BrokenPipeError, subprocess.TimeoutExpired):
                source.close()
                self._child.wait(_END_SECONDS)
        self._stack.close()

    def _start(self) -> tuple[IO[bytes], IO[bytes], Lines]:
        child = self._stack.enter_context(self._container.started(self._command, self._variables))
        assert child.stdin is not None and child.stdout is not None
        self._pipes = (child.stdin, child.stdout, Lines(child.stderr))
        self._child = child
        return self._pipes

    def _ended(self, pipes: tuple[IO[bytes], IO[bytes], Lines]) -> Ended:
        status = self._child.wait()
        errors = pipes[2].join()
        self.close()
        return Ended(status, b"", errors)
