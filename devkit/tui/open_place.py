"""Opens a file in the person's editor, at a line: one that is known, or one that a text names."""

from __future__ import annotations

import asyncio
import os
import shlex
from collections.abc import Iterable
from pathlib import Path

from textual.widget import Widget

from devkit.engine.containers import Bind
from devkit.logs.places import file_of, place_to_open
from devkit.project.editor import find_editor
from devkit.project.errors import UsageError
from devkit.tui.pane import Host


def open_place(asked_by: Widget, host: Host, lines: Iterable[str], service: str) -> None:
    """Open the project's own place among those that the lines name, else the first; said where there is none.

    `service` is whose mounts say which file of this machine a path in its container is.
    """
    place = place_to_open(lines)
    if place is None:
        asked_by.notify("no file with a line number stands here")
        return
    path = file_of(place, host.project.paths.root, _binds(host, service))
    if path is None:
        asked_by.notify(f"{place} is not on this machine: it lies in the container only", markup=False)
        return
    open_file(asked_by, host, path, place.line, str(place))


def open_file(asked_by: Widget, host: Host, path: Path, line: int | None, title: str) -> None:
    """Open it beside the app, or on the terminal in the app's place; `title` is how it is called for people."""
    try:
        editor = find_editor(os.environ, host.editor)
    except UsageError as error:
        asked_by.notify(f"{error.message}: {error.hint}", severity="error", markup=False)
        return
    words = editor.words(path, line)
    if editor.windowed:
        asked_by.run_worker(_beside(asked_by, words), group="editor", exit_on_error=False)
        host.say(f"opened {title}", command=shlex.join(words))
    else:
        host.hand_over(words, shlex.join(words))


async def _beside(asked_by: Widget, words: list[str]) -> None:
    """An editor with a window of its own: it is the person's, and stays when the app is left."""
    nowhere = asyncio.subprocess.DEVNULL
    try:
        child = await asyncio.create_subprocess_exec(
            *words, stdin=nowhere, stdout=nowhere, stderr=nowhere, start_new_session=True
        )
    except OSError as error:
        asked_by.notify(f"{words[0]} cannot be started: {error.strerror}", severity="error", markup=False)
        return
    if status := await child.wait():
        asked_by.notify(f"{words[0]} ended with status {status}", severity="error", markup=False)


def _binds(host: Host, service: str) -> tuple[Bind, ...]:
    return tuple(
        bind
        for one in host.session.snapshot.services
        if one.name == service
        for container in one.containers
        for bind in container.binds
    )
