"""Containers follow their files, as `laravel.reactions` says: for `devkit reload --watch` and for the UI.

One process follows a project's files, and writes down what came of it. Every other one reads that, and takes over when
the first one has ended.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass

from devkit.laravel import follow_switch
from devkit.laravel.host_watcher import watch_changes
from devkit.laravel.reactions import FOLDERS, Reaction, reactions_to
from devkit.project.errors import EngineError, FailedError
from devkit.project.lock import Holder, at_work, only_one
from devkit.setup import followed
from devkit.setup.followed import Followed
from devkit.setup.project import Project
from devkit.setup.reacting import Reacting, Save
from devkit.setup.rebuild_offer import files_to_take_up, is_known, remember_taken_up
from devkit.setup.saves import STATE, Saves, is_followed, saved_since

FOLLOWING_LOCK = "following.lock"
"""The file of .devkit/ whose lock the one process has that follows."""
_LOOK_SECONDS = 1.0
_TURN_SECONDS = 0.2
_STEP = 100
"""Milliseconds: workers are restarted by who looks more often, and all else can wait that long."""


@dataclass(frozen=True)
class State:
    """Who follows: this process, another one (`holder`), or nobody, because it is turned off."""

    follows: bool = False
    holder: Holder | None = None


@dataclass(frozen=True)
class Told:
    """Where it is said what is done and what came of it; a door shows it."""

    followed: Callable[[Followed], None]
    """Each reaction, also those that another process makes."""
    state: Callable[[State], None]
    line: Callable[[str], None]
    """What a reaction that takes a while does now."""


class Following:
    """A project whose containers follow its files from `run` on, until that is cancelled.

    `command` is what other processes are told of this one. With `switched` the project's switch counts: while it is
    off, nothing is followed. A reaction that fails is told and followed by the next save. Between two saves nothing
    is done: they are waited for as events.
    """

    def __init__(self, project: Project, told: Told, *, command: str, switched: bool) -> None:
        self._project = project
        self._told = told
        self._command = command
        self._switched = switched
        self._state: State | None = None
        self._saves: asyncio.Queue[Saves] = asyncio.Queue()
        self._reacting = Reacting(project, told.line)
        self._off_since: float | None = None
        self._heard = time.time()
        self._seen = followed.stamp(project.paths)

    def turn(self, *, on: bool) -> None:
        """Use the project's switch: what was saved while it was off is followed now. OSError where that fails."""
        follow_switch.turn(self._project.paths, on=on)
        self._saves.put_nowait(Saves())

    def rebuild(self) -> None:
        """Take up what was offered once its turn has come, whoever follows."""
        self._saves.put_nowait(Saves(agreed=True))

    async def run(self) -> None:
        """Follow, or tell of what another process follows. FailedError where the files cannot be watched."""
        if not is_known(self._project.paths):
            await asyncio.to_thread(remember_taken_up, self._project.paths)
        while True:
            if self._is_off():
                self._say(State())
                self._off_since = follow_switch.off_since(self._project.paths) or self._off_since
                await self._look_on()
                continue
            with only_one(self._project.paths, FOLLOWING_LOCK, self._command) as holder:
                if holder is None:
                    await self._follow()
                else:
                    self._say(State(holder=holder))
                    await self._look_on()

    async def _follow(self) -> None:
        """Until it is turned off."""
        stop = asyncio.Event()
        watching = asyncio.create_task(self._watch(stop))
        try:
            while not self._is_off():
                await self._react(await self._next(watching))
        finally:
            self._state = None  # whatever comes next is said anew
            stop.set()
            await asyncio.gather(watching, return_exceptions=True)

    async def _watch(self, stop: asyncio.Event) -> None:
        root = self._project.paths.root
        changes = watch_changes(
            root,
            stop=stop,
            wanted=is_followed,
            more=(*FOLDERS, STATE),
            on_watching=lambda: self._say(State(follows=True)),
            step=_STEP,
        )
        if self._off_since is not None:
            missed = await asyncio.to_thread(saved_since, root, self._off_since)
            self._off_since = None
            self._saves.put_nowait(Saves(missed, unseen=True))
        try:
            async with aclosing(changes):
                async for names in changes:
                    self._saves.put_nowait(Saves.noticed(root, names))
        except (OSError, RuntimeError) as error:  # of watchfiles: the system has no more watches to give
            raise FailedError(
                f"the project's files cannot be watched: {error}", "sysctl fs.inotify.max_user_watches=524288"
            ) from error

    async def _next(self, watching: asyncio.Task[None]) -> Saves:
        """What was saved meanwhile, or else what is saved next."""
        waiting = asyncio.ensure_future(self._saves.get())
        try:
            await asyncio.wait({waiting, watching}, return_when=asyncio.FIRST_COMPLETED)
            if not waiting.done():
                await watching  # a watch that failed says so here
                raise FailedError(f"{self._project.paths.root} is gone", "open it where it is now")
            saves = waiting.result()
        finally:
            waiting.cancel()
        while not self._saves.empty():
            saves = saves.with_more(self._saves.get_nowait())
        return saves

    async def _look_on(self) -> None:
        """A moment of one that does not follow."""
        self._tell_of_others()
        try:
            async with asyncio.timeout(_LOOK_SECONDS):
                saves = await self._saves.get()
        except TimeoutError:
            return
        await self._react(saves)

    async def _react(self, saves: Saves) -> None:
        if saves.agreed:
            await self._make(Reaction.REBUILD, files_to_take_up(self._project.paths), time.time())
        for reaction, files in reactions_to(saves.files).items():
            if self._is_off():
                return
            saved = max(saves.files[name] for name in files)
            if reaction is Reaction.REBUILD:
                await self._offer()
            elif reaction is Reaction.CODE:
                await self._code(files, saved, unseen=saves.unseen)
            elif not await self._was_done_meanwhile(reaction, saved):
                await self._make(reaction, files, saved)
        self._tell_of_others()

    async def _make(self, reaction: Reaction, files: tuple[str, ...], saved: float) -> None:
        if (one := await self._reacting.make(reaction, Save(files, saved))) is not None:
            self._tell(one)

    async def _code(self, files: tuple[str, ...], saved: float, *, unseen: bool) -> None:
        """A command that makes the containers anew gives them the code too: what fails meanwhile is no news."""
        busy = at_work(self._project.paths) is not None
        one = await self._reacting.make(Reaction.CODE, Save(files, saved, unseen))
        if one is not None and not (one.failed and (busy or at_work(self._project.paths) is not None)):
            self._tell(one)

    async def _offer(self) -> None:
        """Another command may take them up itself: `devkit mode` writes both compose.yaml and the Dockerfile."""
        await self._alone()
        files = files_to_take_up(self._project.paths)
        try:
            running = await self._reacting.running() if files else []
        except EngineError:
            running = []
        if running:
            what = "new containers" if files == ("compose.yaml",) else "a rebuild"
            self._tell(Followed(Reaction.REBUILD, files, f"takes {what}: devkit up", 0.0, offer=True))

    async def _was_done_meanwhile(self, reaction: Reaction, saved: float) -> bool:
        """Whether a command that was at work on the project has started the containers with it."""
        if not await self._alone() or reaction is Reaction.PACKAGES:
            return False
        try:
            return all(one.started >= saved for one in await self._reacting.running())
        except EngineError:
            return False

    async def _alone(self) -> bool:
        """Wait until no other command is at work on the project; whether there was one."""
        waited = False
        while at_work(self._project.paths) is not None:
            waited = True
            await asyncio.sleep(_TURN_SECONDS)  # the kernel tells nobody that a lock was freed but who wants it
        return waited

    def _tell(self, one: Followed) -> None:
        followed.keep(self._project.paths, one)
        self._seen = followed.stamp(self._project.paths)
        self._heard = max(self._heard, one.time)
        self._told.followed(one)

    def _tell_of_others(self) -> None:
        seen = followed.stamp(self._project.paths)
        if seen == self._seen:
            return
        self._seen = seen
        for one in followed.kept(self._project.paths):
            if round(one.time, 3) > round(self._heard, 3):
                self._heard = one.time
                self._told.followed(one)

    def _say(self, state: State) -> None:
        if state != self._state:
            self._state = state
            self._told.state(state)

    def _is_off(self) -> bool:
        return self._switched and not follow_switch.is_on(self._project.paths)
