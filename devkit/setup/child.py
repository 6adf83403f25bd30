"""A `devkit` command run to its end beside an event loop: it waits for its turn, and says why it failed."""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Callable, Sequence
from pathlib import Path

from devkit.engine.children import end_group
from devkit.project.errors import FailedError
from devkit.project.this_devkit import devkit_command

_LONGEST_LINE = 1024 * 1024
_STOP_SECONDS = 0.4
"""The UI is left within a second; what the engine was asked for it does all the same."""

_ERROR = "devkit: "
"""What an error's line begins with."""


async def done(root: Path, words: Sequence[str], on_line: Callable[[str], None] = lambda _line: None) -> None:
    """Run `devkit WORDS` in the project at `root`, its lines told as they come; FailedError with its own reason.

    Cancelled, it ends with all its children.
    """
    child = await asyncio.create_subprocess_exec(
        *devkit_command(root, *words),
        cwd=root,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        process_group=0,
        limit=_LONGEST_LINE,
    )
    reason = last = ""
    try:
        assert child.stdout is not None
        async for line in child.stdout:
            if text := line.decode("utf-8", errors="replace").strip():
                last = text
                reason = text.removeprefix(_ERROR) if text.startswith(_ERROR) else reason
                on_line(text)
        status = await child.wait()
    finally:
        await end_group(child, _STOP_SECONDS)
    if status != 0:
        why = reason or last or f"devkit {words[0]} ended with status {status}"
        raise FailedError(why, f"devkit {shlex.join(words)}")
