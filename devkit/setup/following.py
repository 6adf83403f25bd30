"""`devkit reload --watch`: containers follow their files, as `laravel.reactions` says, until it is interrupted."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from devkit.engine.docker import last_line
from devkit.laravel.host_watcher import watch_changes
from devkit.laravel.long_running import of_the_application
from devkit.laravel.reactions import FOLDERS, Reaction, reaction_to, reactions_to
from devkit.project.errors import CommandError, DevkitError, EngineError, FailedError
from devkit.project.services import APP
from devkit.setup.project import Project
from devkit.setup.reload import HTTP_ERROR, restart_and_ask, restart_processes
from devkit.setup.stack import OnChange, OnLine, OnWait, alone, restart
from devkit.setup.up import up

_CADDYFILE = "/app/docker/Caddyfile"
_CADDY_SECONDS = 60.0
_COMPOSER_SECONDS = 900.0
_ANSWER = 256


@dataclass(frozen=True)
class Followed:
    """One reaction that was made: to which files, what it came to, and after how many seconds."""

    reaction: Reaction
    files: tuple[str, ...]
    outcome: str
    seconds: float
    failed: bool = False

    def to_json(self) -> dict[str, Any]:
        """The object that `devkit reload --watch --json` prints, one a line."""
        return {
            "reaction": self.reaction.name.lower(),
            "files": list(self.files),
            "outcome": self.outcome,
            "seconds": self.seconds,
            "failed": self.failed,
        }


@dataclass(frozen=True)
class Told:
    """Where it is said what is done and what came of it; a door shows it."""

    followed: Callable[[Followed], None]
    change: OnChange
    line: OnLine
    wait: OnWait
    ready: Callable[[], None]


def follow(project: Project, told: Told, *, answers: int | None = None) -> None:
    """React to every save until interrupted; `answers` is a descriptor at which a line `y` agrees to a rebuild.

    A reaction that fails is told and followed by the next save. FailedError where the app does not run, EngineError
    where the engine goes away. Between two saves nothing is done: they are waited for as events.
    """
    project.docker.ping()
    if _app(project) is None:
        raise FailedError("the app does not run: nothing would follow its files", "start it with: devkit up")
    with asyncio.Runner() as runner:
        watch = runner.run(_Watch.start(project, answers, told.ready))
        offered: tuple[str, ...] = ()
        try:
            while (names := runner.run(watch.next())) is not None:
                if not names and offered:
                    told.followed(_made(project, Reaction.REBUILD, offered, told))
                    offered = ()
                for reaction, files in reactions_to(names).items():
                    if reaction is Reaction.REBUILD:
                        offered = tuple(dict.fromkeys((*offered, *files)))
                        told.followed(Followed(reaction, files, "takes a rebuild: devkit up --build", 0.0))
                    else:
                        told.followed(_made(project, reaction, files, told))
        finally:
            runner.run(watch.close())


class _Watch:
    """The files' changes and a person's answers, whichever comes first; both go on while a reaction is made."""

    def __init__(self, project: Project, answers: int | None, on_ready: Callable[[], None]) -> None:
        self._stop = asyncio.Event()
        self._changes: asyncio.Queue[tuple[str, ...] | None] = asyncio.Queue()
        self._answers = answers
        self._on_ready: Callable[[], None] | None = on_ready
        self._reading = asyncio.ensure_future(self._read(project))
        if answers is not None:
            asyncio.get_running_loop().add_reader(answers, self._answered)

    @classmethod
    async def start(cls, project: Project, answers: int | None, on_ready: Callable[[], None]) -> _Watch:
        return cls(project, answers, on_ready)

    async def next(self) -> tuple[str, ...] | None:
        """The files that changed; none of them after a yes; None where the project is gone."""
        names = await self._changes.get()
        if names is None:
            await self._reading  # a watch that failed says so here
        return names

    async def close(self) -> None:
        self._stop.set()
        self._ignore_answers()
        await asyncio.gather(self._reading, return_exceptions=True)

    async def _read(self, project: Project) -> None:
        changes = watch_changes(
            project.paths.root, stop=self._stop, wanted=_asks_for_one, more=FOLDERS, on_watching=self._watches
        )
        try:
            async with aclosing(changes):
                async for names in changes:
                    self._changes.put_nowait(names)
        finally:
            self._changes.put_nowait(None)

    def _watches(self) -> None:
        """Told once: later it is only that directories were taken up."""
        if self._on_ready is not None:
            self._on_ready()
            self._on_ready = None

    def _answered(self) -> None:
        assert self._answers is not None
        said = os.read(self._answers, _ANSWER)
        if not said:
            self._ignore_answers()
        elif said.strip().lower() in (b"y", b"yes"):
            self._changes.put_nowait(())

    def _ignore_answers(self) -> None:
        if self._answers is not None:
            asyncio.get_running_loop().remove_reader(self._answers)
            self._answers = None


def _asks_for_one(path: PurePosixPath) -> bool:
    return reaction_to(path) is not None


def _made(project: Project, reaction: Reaction, files: tuple[str, ...], told: Told) -> Followed:
    began = time.monotonic()
    try:
        outcome, failed = _REACTIONS[reaction](project, told), False
    except EngineError:
        raise
    except DevkitError as error:
        outcome, failed = error.message, True
    return Followed(reaction, files, outcome, round(time.monotonic() - began, 3), failed)


def _code(project: Project, _told: Told) -> str:
    """Restarted from here also where FrankenPHP sees saves itself: so it is known when the new code answers."""
    if _app(project) is None:
        return "the app does not run: it starts with the new code"
    services = restart_processes(project, project.compose.services())
    also = f"; {', '.join(services)} restarted" if services else ""
    if project.settings.php.mode == "classic":
        return f"classic mode: the next request reads it{also}"
    seconds, status = restart_and_ask(project)
    if status >= HTTP_ERROR:
        raise FailedError(f"the new code answers {status}: devkit logs app shows why{also}")
    return f"new code answered {status} after {seconds:.2f} s{also}"


def _packages(project: Project, told: Told) -> str:
    with alone(project, "reload --watch", told.wait) as now:
        told.line("composer install")
        try:
            now.compose.exec(APP, "composer", "install", "--no-interaction", timeout=_COMPOSER_SECONDS)
        except CommandError as error:
            raise FailedError(f"composer install failed: {last_line(error.detail) or error.message}") from error
    if project.settings.php.mode == "worker":
        restart_and_ask(project)
    restart_processes(project, project.compose.services())
    return "packages installed"


def _front_end(project: Project, told: Told) -> str:
    """Vite's service installs what its lock file says whenever it starts."""
    if "vite" not in {state.name for state in project.compose.services()}:
        return "no vite service runs here: the next build installs them"
    restart(project, ["vite"], on_change=told.change, on_line=told.line, on_wait=told.wait)
    return "installed, Vite restarted"


def _php_settings(project: Project, told: Told) -> str:
    names = [state.name for state in of_the_application(project.compose.services())]
    restart(project, names, on_change=told.change, on_line=told.line, on_wait=told.wait)
    return f"{', '.join(names)} restarted"


def _caddyfile(project: Project, _told: Told) -> str:
    """Caddy takes a new file without an interruption, or keeps the old one and says why."""
    try:
        project.compose.exec(APP, "frankenphp", "reload", "--config", _CADDYFILE, timeout=_CADDY_SECONDS)
    except CommandError as error:
        raise FailedError(f"the former Caddyfile goes on: {last_line(error.detail) or error.message}") from error
    return "Caddyfile reloaded"


def _rebuild(project: Project, told: Told) -> str:
    up(project, on_change=told.change, on_line=told.line, on_wait=told.wait)
    return "built and started"


def _app(project: Project) -> str | None:
    """The app's container, where it runs."""
    states = project.compose.services()
    return next((state.container for state in states if state.name == APP and state.state == "running"), None)


_REACTIONS: dict[Reaction, Callable[[Project, Told], str]] = {
    Reaction.CODE: _code,
    Reaction.PACKAGES: _packages,
    Reaction.FRONT_END: _front_end,
    Reaction.PHP_SETTINGS: _php_settings,
    Reaction.CADDYFILE: _caddyfile,
    Reaction.REBUILD: _rebuild,
}
