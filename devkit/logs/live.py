"""All logs of a running project, kept in its store: whatever container comes and goes, and laravel.log."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from devkit.engine.containers import Inspection
from devkit.engine.docker import Docker
from devkit.engine.live_services import Snapshot
from devkit.logs.collect import ContainerLog
from devkit.logs.log_file import LogFile
from devkit.logs.store import LogStore
from devkit.project.errors import DevkitError

Run = tuple[str, float]
"""One run of a container: its id, and when it was started."""


class LiveLogs:
    """Follows the containers of snapshots: `async with LiveLogs(…) as logs: logs.update(snapshot)`.

    `free` and `seen` as ContainerLog has them.
    """

    def __init__(
        self,
        docker: Docker,
        store: LogStore,
        files: Iterable[Path],
        on_lines: Callable[[], None],
        *,
        free: asyncio.Event | None = None,
        seen: asyncio.Event | None = None,
    ) -> None:
        self._docker = docker
        self._store = store
        self._files = tuple(files)
        self._on_lines = on_lines
        self._free = free
        self._seen = seen
        self._tasks: dict[Run, asyncio.Task[None]] = {}
        self._following: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> LiveLogs:
        for path in self._files:
            follower = LogFile(path, self._store, self._store.source(path.name), self._on_lines)
            self._following.append(asyncio.create_task(follower.follow()))
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        tasks = [*self._following, *self._tasks.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def update(self, snapshot: Snapshot) -> None:
        """Read the logs of containers that are new or were started again."""
        if not snapshot.connected:
            return
        for service in snapshot.services:
            for found in service.containers:
                run = (found.service.container, found.started)
                task = self._tasks.get(run)
                if found.started >= 0 and (task is None or _has_failed(task)):
                    self._tasks[run] = asyncio.create_task(self._follow(service.name, found))

    async def _follow(self, service: str, found: Inspection) -> None:
        former = [task for run, task in self._tasks.items() if run[0] == found.service.container]
        for task in former:
            if task is not asyncio.current_task():  # its last lines come first
                with suppress(DevkitError, asyncio.CancelledError):
                    await asyncio.shield(task)
        source = self._store.source(f"{service}-{found.number or 1}")
        log = ContainerLog(
            self._docker,
            found.service.container,
            self._store,
            source,
            self._on_lines,
            created=found.created,
            free=self._free,
            seen=self._seen,
        )
        await log.follow()


def _has_failed(task: asyncio.Task[None]) -> bool:
    """Whether it ended with an error of the engine's: then the next snapshot that has it begins again."""
    return task.done() and not task.cancelled() and task.exception() is not None
