"""What each reaction to a saved file does, beside an event loop: cancelled, nothing of it goes on.

What talks to the app is asked of the engine directly; what changes the project is a devkit command of its own, which
waits for its turn as every other does.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from devkit.engine.client import Client
from devkit.engine.container_exec import run_in
from devkit.engine.containers import Inspection
from devkit.engine.docker import last_line
from devkit.engine.live_services import containers_of
from devkit.laravel.caddy_reload import reload_caddyfile
from devkit.laravel.reactions import Reaction
from devkit.laravel.workers import restart_workers
from devkit.project.errors import DevkitError, FailedError
from devkit.project.settings_file import read_settings
from devkit.setup import child
from devkit.setup.code_taken_up import NewCode
from devkit.setup.followed import Followed
from devkit.setup.installed import lock_is_installed
from devkit.setup.masked import secrets_masked
from devkit.setup.project import Project
from devkit.setup.reload import HTTP_ERROR, answer_of_the_new_code, app_among, restart_processes, running_containers

_COMPOSER_SECONDS = 900.0
_LOOK_SECONDS = 0.5
_AT_ONCE_SECONDS = 2.0
_COMPOSER = ("composer", "composer.phar")

OnLine = Callable[[str], None]


@dataclass(frozen=True)
class Save:
    """What a reaction is to: files, and when they were saved, in seconds since the epoch."""

    files: tuple[str, ...]
    moment: float
    unseen: bool = False
    """Whether nobody else has seen it: then the workers were not restarted either."""


@dataclass
class Reacting:
    """Makes reactions for one project, one after another; `line` hears what is being done."""

    project: Project
    line: OnLine
    _code: NewCode = field(default_factory=NewCode)

    async def make(self, reaction: Reaction, save: Save) -> Followed | None:
        """Do what these files ask for; a failure is what it came to. None where nothing runs that they concern."""
        began = time.time()
        if began - save.moment > _AT_ONCE_SECONDS:  # it has waited for its turn, behind an installation: not counted
            save = replace(save, moment=began)
        since = save.moment if reaction is Reaction.CODE else began
        try:
            with secrets_masked(self.project.paths):
                done, failed = await _REACTIONS[reaction](self, save), False
        except DevkitError as error:
            done, failed = _now(error.message), True
        if done is None:
            return None
        outcome, ended = done
        return Followed(reaction, save.files, outcome, round(max(0.0, ended - since), 3), failed)

    async def running(self) -> list[Inspection]:
        """The running containers of the application's image; EngineError where the engine does not answer."""
        return await running_containers(self.project)

    async def code(self, save: Save) -> Outcome:
        """Workers have it once they were restarted, by whoever does that here; then the processes are asked."""
        found = await self.running()
        app = app_among(found)
        if app is None:
            return None
        now = self._as_it_is()
        if now.settings.php.mode == "classic":
            return _now("classic mode: the next request reads it" + _also(await restart_processes(now, found)))
        if save.unseen:
            await restart_workers(now.docker, app)
        else:
            await self._code.taken_up(now, app, save.files, save.moment)
        status = await answer_of_the_new_code(now)
        answered = time.time()
        if status >= HTTP_ERROR:
            raise FailedError(f"the new code answers {status}: devkit logs app shows why")
        return f"new code answered {status}" + _also(await restart_processes(now, found)), answered

    async def packages(self, _save: Save) -> Outcome:
        """Composer, unless whoever wrote the lock file installs them."""
        app = app_among(await self.running())
        if app is None:
            raise FailedError("the app does not run: devkit composer install, once it does")
        await self._until_composer_has_ended(app)
        outcome = "the packages are installed"
        if not lock_is_installed(self.project.paths.root):
            self.line("composer install")
            words = ("composer", "install", "--no-interaction")
            done = await run_in(self.project.docker, app, words, timeout=_COMPOSER_SECONDS)
            if done.status != 0:
                said = last_line((done.stdout + done.stderr).decode("utf-8", errors="replace"))
                raise FailedError(f"composer install failed: {said or f'status {done.status}'}")
            outcome = "packages installed"
        now = self._as_it_is()
        if now.settings.php.mode == "worker":
            await restart_workers(now.docker, app)
            await answer_of_the_new_code(now)
        return _now(outcome + _also(await restart_processes(now, await self.running())))

    async def front_end(self, _save: Save) -> Outcome:
        """Vite's service installs what its lock file says whenever it starts."""
        found = await containers_of(self.project.docker, self.project.settings.name)
        if not any(one.service.name == "vite" for one in found):
            return _now("no vite service runs here: the next build installs them")
        await self._devkit("restart", "vite")
        return _now("installed, Vite restarted")

    async def php_settings(self, _save: Save) -> Outcome:
        """PHP reads its settings when it starts."""
        names = list(dict.fromkeys(one.service.name for one in await self.running()))
        if not names:
            return None
        await self._devkit("restart", *names)
        return _now(f"{', '.join(names)} restarted")

    async def caddyfile(self, _save: Save) -> Outcome:
        """Caddy takes a new file without an interruption, or keeps the old one and says why."""
        app = app_among(await self.running())
        if app is None:
            return None
        await reload_caddyfile(self.project.docker, app)
        return _now("Caddyfile reloaded")

    async def rebuild(self, _save: Save) -> Outcome:
        """Whatever of images and containers is not as the files say."""
        await self._devkit("up")
        return _now("built and started")

    def _as_it_is(self) -> Project:
        """The settings may have become others since this began."""
        return replace(self.project, settings=read_settings(self.project.paths.settings))

    async def _until_composer_has_ended(self, app: str) -> None:
        """`composer require` writes the lock file, and then installs: nobody installs beside it."""
        async with Client(self.project.docker) as client:
            while await _composer_runs(client, app):  # noqa: ASYNC110
                await asyncio.sleep(_LOOK_SECONDS)  # the engine has no event for the end of every process

    async def _devkit(self, *words: str) -> None:
        self.line(f"devkit {' '.join(words)}")
        await child.done(self.project.paths.root, words, self.line)


Outcome = tuple[str, float] | None
"""What it came to, and when that was so, in seconds since the epoch; None where the app does not run."""


def _now(outcome: str) -> tuple[str, float]:
    return outcome, time.time()


async def _composer_runs(client: Client, app: str) -> bool:
    try:
        listed = await client.get_json(f"/containers/{app}/top", {"ps_args": "-eo pid,args"})
    except FailedError:  # this engine cannot list processes
        return False
    commands = (str(row[-1]).split()[:2] for row in (listed or {}).get("Processes") or ())
    return any(PurePosixPath(word).name in _COMPOSER for words in commands for word in words)


def _also(services: Sequence[str]) -> str:
    return f"; {', '.join(services)} restarted" if services else ""


_REACTIONS: dict[Reaction, Callable[[Reacting, Save], Awaitable[Outcome]]] = {
    Reaction.CODE: Reacting.code,
    Reaction.PACKAGES: Reacting.packages,
    Reaction.FRONT_END: Reacting.front_end,
    Reaction.PHP_SETTINGS: Reacting.php_settings,
    Reaction.CADDYFILE: Reacting.caddyfile,
    Reaction.REBUILD: Reacting.rebuild,
}
