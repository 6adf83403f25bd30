"""A `devkit` command beside an event loop: its output as it comes, its status, and its end with whoever started it."""

from __future__ import annotations

import asyncio
import json
import os
import shlex
import signal
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from devkit.engine.children import end_group, to_its_end
from devkit.project.errors import FailedError
from devkit.project.this_devkit import devkit_command

_READ = 64 * 1024
LONGEST_LINE = 1024 * 1024
"""Bytes; of a line that is longer the rest comes as further lines."""

_ERROR = "devkit: "
"""What an error's line begins with."""

_ASKED_SECONDS, _KILLED_SECONDS = 0.4, 0.4
"""The app is left within a second. What runs in the container ends by its `devkit`'s warden."""


class Stop:
    """Asks the command that it was given to, to end. Asked a second time, devkit kills what it started inside."""

    def __init__(self) -> None:
        self._child: asyncio.subprocess.Process | None = None
        self._early = False

    def ask(self) -> None:
        """Ask now, or as soon as it runs; nothing happens where it has ended."""
        if self._child is None:
            self._early = True
        else:
            _terminate(self._child)

    def runs(self, child: asyncio.subprocess.Process) -> None:
        """It runs now."""
        self._child = child
        if self._early:
            self.ask()


async def run(
    root: Path,
    words: Sequence[str],
    on_line: Callable[[bytes], None],
    *,
    on_error: Callable[[bytes], None] | None = None,
    environment: Mapping[str, str] | None = None,
    stop: Stop | None = None,
) -> int:
    """Run `devkit WORDS` in the project at `root`; each line of both its outputs, and its exit status.

    The status is a shell's: 128+N where signal N ended it. With `on_error` lines of stderr go there, and cannot come
    into the middle of a line that is written in pieces. `stop` asks it to end, and waits for it.
    Cancelled, it ends within a second: the first SIGTERM reaches the program inside the container, the second kills it
    there, and SIGKILL ends devkit itself where even that did not do.
    """
    child = await asyncio.create_subprocess_exec(
        *devkit_command(root, *words),
        cwd=root,
        env=environment,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT if on_error is None else asyncio.subprocess.PIPE,
        process_group=0,
    )
    try:
        if stop is not None:
            stop.runs(child)
        await asyncio.gather(_read(child.stdout, on_line), _read(child.stderr, on_error))
        status = await child.wait()
        return status if status >= 0 else 128 - status
    finally:
        await to_its_end(_end(child))


async def done(root: Path, words: Sequence[str], on_line: Callable[[str], None] = lambda _line: None) -> None:
    """Run `devkit WORDS` to its end, its lines told as they come; FailedError with its own reason.

    Cancelled, it ends with all its children, as `run` does.
    """
    reason = last = ""

    def told(line: bytes) -> None:
        nonlocal reason, last
        if text := line.decode("utf-8", errors="replace").strip():
            last = text
            reason = text.removeprefix(_ERROR) if text.startswith(_ERROR) else reason
            on_line(text)

    if status := await run(root, words, told):
        why = reason or last or f"devkit {words[0]} ended with status {status}"
        raise FailedError(why, f"devkit {shlex.join(words)}")


async def answer(root: Path, words: Sequence[str]) -> Mapping[str, Any]:
    """Run `devkit --json WORDS`, and give the object that it prints, whatever its exit status says besides.

    FailedError with its own reason where that object is an error, and where there is none.
    """
    said: list[bytes] = []
    told: list[bytes] = []
    try:
        status = await run(root, ["--quiet", "--json", *words], said.append, on_error=told.append)
    except OSError as error:
        raise FailedError(f"devkit cannot be run: {error.strerror}") from error
    found = next((value for line in reversed(said) if (value := _object(line)) is not None), None)
    if found is None:
        last = next((text for line in reversed(told) if (text := line.decode(errors="replace").strip())), "")
        why = last.removeprefix(_ERROR) or f"devkit {words[0]} ended with status {status}"
        raise FailedError(why, f"devkit {shlex.join(words)}")
    if isinstance(reason := found.get("error"), dict):
        raise FailedError(str(reason.get("message", "")), str(reason.get("hint", "")))
    return found


def _object(line: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(line)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


async def _end(child: asyncio.subprocess.Process) -> None:
    if child.returncode is None:
        _terminate(child)
        with suppress(TimeoutError):
            async with asyncio.timeout(_ASKED_SECONDS):
                await child.wait()
    await end_group(child, _KILLED_SECONDS)


def _terminate(child: asyncio.subprocess.Process) -> None:
    if child.returncode is None:
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGTERM)


async def _read(stream: asyncio.StreamReader | None, on_line: Callable[[bytes], None] | None) -> None:
    if stream is not None and on_line is not None:
        async for line in lines_of(stream):
            on_line(line)


async def lines_of(stream: asyncio.StreamReader) -> AsyncIterator[bytes]:
    """Lines without their ends, of any length; asyncio's own reader fails at 64 KiB."""
    rest = b""
    while part := await stream.read(_READ):
        *lines, rest = (rest + part).split(b"\n")
        for line in lines:
            yield line.removesuffix(b"\r")
        if len(rest) >= LONGEST_LINE:
            yield rest
            rest = b""
    if rest:
        yield rest
