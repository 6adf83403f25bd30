"""Whether the host has to watch a project's files, and its watcher brought in line with that."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from devkit.laravel import watch_process
from devkit.laravel.mounts import delivers_events, on_slow_mount
from devkit.project.errors import CommandError, FailedError
from devkit.project.paths import ProjectPaths
from devkit.project.services import APP
from devkit.project.state import remember
from devkit.setup.project import Project
from devkit.setup.stack import OnLine

_EVENTS_FILE = "events.json"


def watch_where_needed(project: Project, *, on_line: OnLine, warn: Callable[[str], None]) -> None:
    """Start the host's watcher where the running app is not told of saves, and end one that is not needed.

    One that runs goes on. Where it cannot be started the app runs all the same: that is a warning.
    """
    app = next((state for state in project.compose.services() if state.name == APP), None)
    if app is None or app.state != "running":
        return
    if not _is_needed(project, app.container):
        if watch_process.end(project.paths):
            on_line("the host's watcher is not needed any more: ended")
    elif watch_process.running(project.paths) is None:
        try:
            found = watch_process.start(project.paths, project.settings.name)
        except FailedError as error:
            warn(f"{error.message} ({error.hint})")
        else:
            on_line(f"the host watches the sources (pid {found.pid}): saves restart the workers")


def sees_no_saves(paths: ProjectPaths, container: str) -> bool:
    """Whether it is known that saves send no events into this container."""
    known = _remembered(paths.state / _EVENTS_FILE)
    return known is not None and known == (container, False)


def _is_needed(project: Project, container: str) -> bool:
    """Only workers keep code: in classic mode each request reads it anew."""
    if project.settings.php.mode != "worker" or project.settings.php.watch == "container":
        return False
    if project.settings.php.watch == "host" or on_slow_mount(project.paths.root):
        return True
    return not _container_sees_saves(project, container)


def _container_sees_saves(project: Project, container: str) -> bool:
    """Asked once for each container, whose mounts stay as they are, and remembered."""
    known = _remembered(project.paths.state / _EVENTS_FILE)
    if known is not None and known[0] == container:
        return known[1]
    try:
        sees = delivers_events(project.compose)
    except CommandError:
        return True  # it has just stopped, or has no `cat`: docker/watch in it is what is left
    remember(project.paths, _EVENTS_FILE, json.dumps({"container": container, "delivered": sees}) + "\n")
    return sees


def _remembered(path: Path) -> tuple[str, bool] | None:
    try:
        entry = json.loads(path.read_text(encoding="utf-8"))
        return str(entry["container"]), bool(entry["delivered"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
