"""Artisan commands that keep the code they started with, and how each is asked to begin anew.

`queue:restart` lets a worker finish its job and end; the container's restart policy starts the next one. What boots
for each job or task (`queue:listen`, `schedule:work`) has the new code anyway.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from devkit.engine.compose import Compose
from devkit.engine.containers import Inspection, inspect
from devkit.engine.docker import Docker
from devkit.engine.state import ServiceState
from devkit.project.errors import CommandError, FailedError
from devkit.project.services import APP
from devkit.project.watch_list import last_saved

_ARTISAN_SECONDS = 60.0

SAVED_MARGIN = 1.0
"""Seconds by which a file has to be newer than a process that did not read it."""

RESTARTS: Mapping[str, str] = MappingProxyType(
    {"queue:work": "queue:restart", "horizon": "horizon:terminate", "reverb:start": "reverb:restart"}
)


@dataclass(frozen=True)
class LongRunning:
    """A service whose artisan command keeps its code; `started` in seconds since the epoch, by the engine's clock."""

    service: str
    command: str
    started: float

    @property
    def restart(self) -> str:
        """The artisan command that has it begin anew."""
        return RESTARTS[self.command]


def of_the_application(states: Iterable[ServiceState]) -> list[ServiceState]:
    """The running services that run the application's image, the app itself among them.

    By the image's id too: a container keeps its image when the name has gone to a newer one.
    """
    found = list(states)
    app = next((state for state in found if state.name == APP), None)
    if app is None:
        return []
    same = [state for state in found if state.image == app.image or state.image_id == app.image_id]
    return [state for state in same if state.state == "running"]


def long_running(docker: Docker, states: Iterable[ServiceState]) -> list[LongRunning]:
    """Those of a project's running services that keep their code."""
    kept = []
    for state in of_the_application(states):
        found = inspect(docker, state.container) if state.name != APP else None
        command = keeps_code(found.command) if found else None
        if found and command:
            kept.append(LongRunning(state.name, command, found.started))
    return kept


def stale(containers: Iterable[Inspection], root: Path) -> dict[str, str]:
    """Services whose command keeps its code and began before a watched file was saved: by name, with that file.

    `containers` are all of the project's, as they were looked at; no engine is asked. It reads the times of files.
    """
    known = list(containers)
    running = {state.container for state in of_the_application(found.service for found in known)}
    kept = [found for found in known if found.service.container in running and keeps_code(found.command)]
    saved = last_saved(root) if kept else None
    if saved is None:
        return {}
    path, moment = saved
    return {found.service.name: path for found in kept if found.started + SAVED_MARGIN < moment}


def begin_anew(compose: Compose, found: Iterable[LongRunning]) -> None:
    """Ask each to begin anew once it has done its present job; FailedError with artisan's words where that fails."""
    for command in dict.fromkeys(one.restart for one in found):
        try:
            compose.exec(APP, "php", "artisan", "--no-ansi", command, timeout=_ARTISAN_SECONDS)
        except CommandError as error:
            raise FailedError(f"artisan {command} failed: {error.message}", "devkit logs app shows why") from error


def keeps_code(command: Sequence[str]) -> str | None:
    """The artisan command among the words of a container's first process that keeps its code, or None."""
    words = list(command)
    if "artisan" not in words:
        return None
    behind = words[words.index("artisan") + 1 :]
    name = next((word for word in behind if not word.startswith("-")), "")
    return name if name in RESTARTS else None
