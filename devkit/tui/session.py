"""What the app knows of one project while it runs: services, logs and figures, as the engine tells of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from devkit.engine.live_services import Snapshot, live_services
from devkit.project.services import APP
from devkit.setup.declared import declared_services_of
from devkit.setup.project import Project

if TYPE_CHECKING:
    from devkit.engine.live_stats import LiveStats, Usage
    from devkit.logs.live import LiveLogs
    from devkit.logs.store import LogStore
    from devkit.setup.followed import Followed
    from devkit.tui.file_following import FileFollowing


@dataclass(frozen=True)
class Listeners:
    """Who hears what: of services, of new lines, of new figures; of the disk and of the project's directory.

    Of these two an empty text says that all is well again. Of files that were followed, or None where something else
    about that has changed, and of what is done for them right now.
    """

    snapshot: Callable[[Snapshot], None]
    lines: Callable[[], None]
    sample: Callable[[], None]
    disk: Callable[[str], None]
    directory: Callable[[str], None]
    files: Callable[[Followed | None], None] = lambda _one: None
    line: Callable[[str], None] = lambda _text: None


class Session:
    """One project. `watch` follows its services, `follow` logs and figures besides; `close` gives the store back.

    Two steps, because the first rows on the screen wait for no more than they need. `log_bytes` is what lines may take;
    they are read while `free` is set, those that are there already from when `seen` is (ContainerLog).
    """

    def __init__(
        self,
        project: Project,
        listeners: Listeners,
        *,
        log_bytes: int | None = None,
        free: asyncio.Event | None = None,
        seen: asyncio.Event | None = None,
    ) -> None:
        self.project = project
        self._log_bytes = log_bytes
        self._listeners = listeners
        self._free = free
        self._seen = seen
        self._followers: tuple[LiveLogs, LiveStats] | None = None
        self.snapshot = Snapshot(())

    @cached_property
    def store(self) -> LogStore:
        """All lines, opened when they are first asked for."""
        from devkit.logs.store import BUDGET, LogStore
        from devkit.setup.log_directory import log_directory

        directory, budget = log_directory(self.project.paths), self._log_bytes or BUDGET
        return LogStore(directory, budget=budget, on_trouble=self._listeners.disk)

    @cached_property
    def files(self) -> FileFollowing:
        """The project's files, and the containers that follow them."""
        from devkit.tui.file_following import FileFollowing

        return FileFollowing(self.project, self._listeners.files, self._listeners.line)

    @property
    def usage(self) -> Mapping[str, Usage]:
        """What containers use, by their ids."""
        return {} if self._followers is None else self._followers[1].usage

    @property
    def app_container(self) -> str:
        """The id of the application's running container; empty where none runs, or it is not known yet."""
        found = next((one.state for one in self.snapshot.services if one.name == APP), None)
        return found.container if found is not None and found.state == "running" else ""

    async def watch(self) -> None:
        """Follow the services until this is cancelled."""
        declared = await asyncio.to_thread(declared_services_of, self.project.paths)
        async with live_services(self.project.docker, self.project.settings.name, declared) as snapshots:
            async for snapshot in snapshots:
                self.snapshot = snapshot
                self._listeners.snapshot(snapshot)
                for follower in self._followers or ():
                    follower.update(snapshot)

    async def follow(self) -> None:
        """Follow logs and figures of what `watch` finds, until this is cancelled."""
        from devkit.engine.live_stats import LiveStats
        from devkit.logs.live import LiveLogs
        from devkit.tui.directory_watch import watch_directory

        docker = self.project.docker
        files = [self.project.paths.root / "storage" / "logs" / "laravel.log"]
        async with (
            LiveLogs(docker, self.store, files, self._listeners.lines, free=self._free, seen=self._seen) as logs,
            LiveStats(docker, self._listeners.sample) as stats,
        ):
            self._followers = (logs, stats)
            for follower in self._followers:
                follower.update(self.snapshot)
            await watch_directory(self.project.paths.root, self._listeners.directory)

    def close(self) -> None:
        """Give the store's files back."""
        if "store" in self.__dict__:
            self.store.close()
