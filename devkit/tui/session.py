"""What the app knows of one project while it runs: services, logs and figures, as the engine tells of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from devkit.engine.compose_order import declared_in
from devkit.engine.live_services import Snapshot, live_services
from devkit.engine.live_stats import LiveStats
from devkit.logs.live import LiveLogs
from devkit.logs.store import LogStore
from devkit.setup.project import Project


@dataclass(frozen=True)
class Listeners:
    """Who hears what: of services, of new lines, of new figures, of the disk."""

    snapshot: Callable[[Snapshot], None]
    lines: Callable[[], None]
    sample: Callable[[], None]
    trouble: Callable[[str], None]


class Session:
    """One project, watched from `watch` on; `close` gives the store back."""

    def __init__(self, project: Project, listeners: Listeners) -> None:
        self.project = project
        self._listeners = listeners
        self.store = LogStore(project.paths.state / "logs", on_trouble=listeners.trouble)
        self.stats = LiveStats(project.docker, listeners.sample)
        self.snapshot = Snapshot(())

    async def watch(self) -> None:
        """Follow the project until this is cancelled."""
        docker, name = self.project.docker, self.project.settings.name
        files = [self.project.paths.root / "storage" / "logs" / "laravel.log"]
        declared = await asyncio.to_thread(declared_in, self.project.paths.root)
        async with (
            live_services(docker, name, declared) as snapshots,
            LiveLogs(docker, self.store, files, self._listeners.lines) as logs,
            self.stats as stats,
        ):
            async for snapshot in snapshots:
                self.snapshot = snapshot
                self._listeners.snapshot(snapshot)
                logs.update(snapshot)
                stats.update(snapshot)

    def close(self) -> None:
        """Give the store's files back."""
        self.store.close()
