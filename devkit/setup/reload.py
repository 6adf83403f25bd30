"""`devkit reload`: whatever keeps its code begins anew, and how long it takes until the new code answers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from devkit.engine.containers import Inspection
from devkit.engine.live_services import containers_of
from devkit.laravel.first_answer import first_answer
from devkit.laravel.long_running import (
    ask_to_begin_anew,
    of_the_application,
    that_keep_code,
    with_a_former_environment,
)
from devkit.laravel.reactions import Reaction
from devkit.laravel.workers import restart_workers
from devkit.project.errors import FailedError
from devkit.project.remembered_ports import remembered_ports
from devkit.project.services import APP
from devkit.setup import child
from devkit.setup.followed import Followed, keep
from devkit.setup.masked import secrets_masked
from devkit.setup.project import Project

_ANSWER_SECONDS = 30.0
HTTP_ERROR = 500


@dataclass(frozen=True)
class Reloaded:
    """What began anew: `workers` says whether there were any; `services` ran an artisan command that keeps its code.

    `seconds` is how long the new code took to answer, and `status` what it answered with; None in classic mode,
    where each request reads the code.
    """

    mode: str
    workers: bool
    services: tuple[str, ...]
    seconds: float | None = None
    status: int | None = None

    def __str__(self) -> str:
        said = "nothing to restart" if self.status is None else f"new code answered {self.status}"
        return f"{said}; {', '.join(self.services)} restarted" if self.services else said

    @property
    def broken(self) -> bool:
        """Whether the new code answers with an error of its own."""
        return self.status is not None and self.status >= HTTP_ERROR

    def to_json(self) -> dict[str, Any]:
        """The object of `devkit reload --json`."""
        return {
            "mode": self.mode,
            "workers": self.workers,
            "services": list(self.services),
            "seconds": self.seconds,
            "status": self.status,
        }


def reload(project: Project) -> Reloaded:
    """Restart the workers and what else keeps its code; FailedError where the app does not run or does not answer."""
    return asyncio.run(reload_beside(project))


async def reload_beside(project: Project) -> Reloaded:
    """The same beside an event loop; cancelled, nothing of it stays."""
    with secrets_masked(project.paths):
        found = await running_containers(project)
        app = app_among(found)
        if app is None:
            raise FailedError("the app does not run: there is nothing to reload", "start it with: devkit up")
        mode = project.settings.php.mode
        seconds = status = None
        if mode == "worker":
            began = time.monotonic()
            await restart_workers(project.docker, app)
            status = await answer_of_the_new_code(project)
            seconds = round(time.monotonic() - began, 3)
        done = Reloaded(mode, mode == "worker", await restart_processes(project, found), seconds, status)
        keep(project.paths, Followed(Reaction.CODE, (), str(done), seconds or 0.0, done.broken))
        return done


async def answer_of_the_new_code(project: Project) -> int:
    """The status of the health page's first answer; FailedError where none comes."""
    return await first_answer(f"{project.settings.plain_url(remembered_ports(project.paths))}/up", _ANSWER_SECONDS)


async def running_containers(project: Project) -> list[Inspection]:
    """The running containers of the application's image; EngineError where the engine does not answer."""
    found = await containers_of(project.docker, project.settings.name)
    own = {state.container for state in of_the_application(one.service for one in found)}
    return [one for one in found if one.service.container in own]


def app_among(found: Sequence[Inspection]) -> str | None:
    """The id of the app's own container, where it runs."""
    return next((one.service.container for one in found if one.service.name == APP), None)


async def restart_processes(project: Project, found: Sequence[Inspection]) -> tuple[str, ...]:
    """Have services such as a queue worker begin anew where they keep code, or a former .env; their names.

    What keeps code does the job first that it is at.
    """
    kept = that_keep_code(found)
    app = app_among(found)
    if kept and app is not None:
        await ask_to_begin_anew(project.docker, app, kept)
    env = project.paths.env
    former = with_a_former_environment(found, env.stat().st_mtime) if env.exists() else []
    if former:
        await child.done(project.paths.root, ("restart", *former))
    return (*(one.service for one in kept), *former)
