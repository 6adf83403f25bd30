"""A `devkit` command beside the app: its output as it comes, its exit status, and its end with whoever started it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path

from devkit.engine.children import end_group
from devkit.project.this_devkit import devkit_command

_READ = 64 * 1024
LONGEST_LINE = 1024 * 1024
"""Bytes; of a line that is longer the rest comes as further lines."""

_STOP_SECONDS = 0.5
"""The app is left within a second. What runs in the container then ends with its `devkit`, by that one's warden."""


async def run(
    root: Path,
    words: Sequence[str],
    on_line: Callable[[bytes], None],
    *,
    environment: Mapping[str, str] | None = None,
) -> int:
    """Run `devkit WORDS` in the project at `root`; each line of both its outputs, and its exit status.

    Cancelled, it is asked to end (SIGTERM reaches the program inside the container), and is killed after half a second.
    """
    child = await asyncio.create_subprocess_exec(
        *devkit_command(root, *words),
        cwd=root,
        env=environment,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        process_group=0,
    )
    try:
        assert child.stdout is not None
        async for line in lines_of(child.stdout):
            on_line(line)
        return await child.wait()
    finally:
        await end_group(child, _STOP_SECONDS)


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
