"""Artisan commands that keep the code or the .env they started with, and how each is brought to begin anew.

`queue:restart` lets a worker finish its job and end; the container's restart policy starts the next one. What boots
for each job or task (`queue:listen`, `schedule:work`) has the new code anyway, but not the new .env: it has put the
former one into its own environment, hands that on to each process, and Laravel prefers it to the file (seen with
Laravel 12). Only a new container process has the file's values.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from devkit.engine.compose import Compose
from devkit.engine.container_exec import run_in
from devkit.engine.containers import Inspection, inspect
from devkit.engine.docker import Docker, last_line
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

KEEP_THE_ENVIRONMENT = ("queue:listen", "schedule:work")
"""What hands the .env that it started with on to each process that it starts."""


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
    kept = [state for state in of_the_application(states) if state.name != APP]
    return that_keep_code(found for state in kept if (found := inspect(docker, state.container)) is not None)


def that_keep_code(found: Iterable[Inspection]) -> list[LongRunning]:
    """Those of the application's containers that keep their code."""
    commands = ((one, keeps_code(one.command)) for one in found)
    return [LongRunning(one.service.name, command, one.started) for one, command in commands if command]


def with_a_former_environment(found: Iterable[Inspection], saved: float) -> list[str]:
    """The services among the application's containers that run with the .env from before it was saved."""
    return [
        one.service.name
        for one in found
        if artisan_command(one.command) in KEEP_THE_ENVIRONMENT and one.started < saved
    ]


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
            raise _not_asked(command, error.message) from error


async def ask_to_begin_anew(docker: Docker, app: str, found: Iterable[LongRunning]) -> None:
    """The same beside an event loop; `app` is the id of the app's container."""
    for command in dict.fromkeys(one.restart for one in found):
        done = await run_in(docker, app, ("php", "artisan", "--no-ansi", command), timeout=_ARTISAN_SECONDS)
        if done.status != 0:
            said = last_line((done.stdout + done.stderr).decode("utf-8", errors="replace"))
            raise _not_asked(command, said or f"status {done.status}")


def _not_asked(command: str, why: str) -> FailedError:
    return FailedError(f"artisan {command} failed: {why}", "devkit logs app shows why")


def keeps_code(command: Sequence[str]) -> str | None:
    """The artisan command among the words of a container's first process that keeps its code, or None."""
    name = artisan_command(command)
    return name if name in RESTARTS else None


def artisan_command(command: Sequence[str]) -> str:
    """The artisan command among the words of a container's first process; empty where there is none."""
    words = list(command)
    if "artisan" not in words:
        return ""
    behind = words[words.index("artisan") + 1 :]
    return next((word for word in behind if not word.startswith("-")), "")
