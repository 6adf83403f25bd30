"""Files that containers follow, as the app has it: who follows, what was done last, and what waits for a yes."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from devkit.laravel.reactions import Reaction
from devkit.project.errors import FailedError
from devkit.project.lock import at_work
from devkit.setup import followed
from devkit.setup.followed import Followed
from devkit.setup.following import Following, State, Told
from devkit.setup.project import Project
from devkit.setup.rebuild_offer import files_to_take_up

_KEPT = 100
_CONTAINERS = "compose.yaml"
"""The file that containers alone are made of."""

_TURN_SECONDS = 0.5
_AGAIN_SECONDS = 2.0


class FileFollowing:
    """One project's. `changed` hears of each reaction, and with None of all else; `line` of what is done right now."""

    def __init__(
        self, project: Project, changed: Callable[[Followed | None], None], line: Callable[[str], None]
    ) -> None:
        self.project = project
        self.events: deque[Followed] = deque(maxlen=_KEPT)
        """What was done, the oldest first."""
        self.state: State | None = None
        """None until it is known."""
        self.problem = ""
        self.offered: tuple[str, ...] = ()
        """Files that ask for another image or other containers."""
        self._changed = changed
        told = Told(self._took, self._stands, line)
        self._following = Following(project, told, command="ui", switched=True)

    @property
    def off(self) -> bool:
        """Whether it is turned off."""
        return self.state == State()

    @property
    def needs_build(self) -> bool:
        """Whether what is offered takes another image, and not containers alone."""
        return any(name != _CONTAINERS for name in self.offered)

    async def run(self) -> None:
        """Follow until this is cancelled. Files that cannot be watched are a problem that is told, and tried again."""
        self.events.extend(await asyncio.to_thread(followed.kept, self.project.paths))
        self.offered = await asyncio.to_thread(files_to_take_up, self.project.paths)
        self._changed(None)
        while True:
            try:
                await self._following.run()
            except FailedError as error:
                self.problem = str(error)
                self._changed(None)
            await asyncio.sleep(_AGAIN_SECONDS)

    def toggle(self) -> None:
        """On or off, for this project on this machine. OSError where .devkit/ cannot be written."""
        self._following.turn(on=self.off)

    def rebuild(self) -> None:
        """Take up what is offered."""
        self._following.rebuild()

    async def look_at_offer(self) -> None:
        """Whether files ask for another image; another command may have taken them up since."""
        while at_work(self.project.paths) is not None:  # it may be taking them up  # noqa: ASYNC110
            await asyncio.sleep(_TURN_SECONDS)
        offered = await asyncio.to_thread(files_to_take_up, self.project.paths)
        if offered != self.offered:
            self.offered = offered
            self._changed(None)

    def _took(self, one: Followed) -> None:
        self.events.append(one)
        if one.reaction is Reaction.REBUILD:
            self.offered = one.files if one.offer else files_to_take_up(self.project.paths)
        self._changed(one)

    def _stands(self, state: State) -> None:
        self.state, self.problem = state, ""
        self._changed(None)


def words(one: Followed) -> str:
    """One reaction as a line: which files, and what it came to."""
    more = f" and {len(one.files) - 2} more" if len(one.files) > 2 else ""
    return f"{', '.join(one.files[:2]) or 'by hand'}{more}: {one.outcome}"


def took(one: Followed) -> str:
    """How long it took; empty where that is not known."""
    return f"{one.seconds:.2f} s" if one.seconds else ""


def offer(files: tuple[str, ...]) -> str:
    """What is offered for these files, and the key that takes it."""
    what = "recreates" if files == (_CONTAINERS,) else "rebuilds"
    more = f" and {len(files) - 1} more" if len(files) > 1 else ""
    return f"B {what}: {files[0]}{more} changed" if files else ""
