"""What the app knows of one project while it runs: services, logs and figures, as the engine tells of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

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
        names = await asyncio.to_thread(self._declared)
        async with (
            live_services(docker, name, names) as snapshots,
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

    def _declared(self) -> list[str]:
        """The services that compose.yaml has, in its order; what cannot be read has none, and doctor says why."""
        from devkit.engine.compose_order import declared_services
        from devkit.project.errors import DevkitError

        try:
            text = (self.project.paths.root / "compose.yaml").read_text(encoding="utf-8")
            return [service.name for service in declared_services(text) if not service.profiles]
        except (OSError, ValueError, DevkitError):
            return []
