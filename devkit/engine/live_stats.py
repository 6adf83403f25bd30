"""What every running container of a project uses, kept up by one stream each."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType

from devkit.engine.docker import Docker
from devkit.engine.live_services import Snapshot
from devkit.engine.stats import Sample, container_stats
from devkit.project.errors import DevkitError

HISTORY = 60
"""Samples that are kept of each container: a minute."""


@dataclass
class Usage:
    """The newest samples of one container, the last one last."""

    samples: deque[Sample] = field(default_factory=lambda: deque(maxlen=HISTORY))

    @property
    def newest(self) -> Sample | None:
        """The last sample; None before the first."""
        return self.samples[-1] if self.samples else None


class LiveStats:
    """Follows the running containers of snapshots: `async with LiveStats(…) as stats: stats.update(snapshot)`."""

    def __init__(self, docker: Docker, on_sample: Callable[[], None]) -> None:
        self._docker = docker
        self._on_sample = on_sample
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self.usage: dict[str, Usage] = {}
        """By the container's id."""

    async def __aenter__(self) -> LiveStats:
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    def update(self, snapshot: Snapshot) -> None:
        """Open a stream for each container that runs and has none; forget those that are gone."""
        if not snapshot.connected:
            return
        running = {
            found.service.container
            for service in snapshot.services
            for found in service.containers
            if found.service.state == "running"
        }
        for container in [container for container in self.usage if container not in running]:
            del self.usage[container]
        for container in running:
            task = self._tasks.get(container)
            if task is None or task.done():
                self.usage[container] = Usage()
                self._tasks[container] = asyncio.create_task(self._follow(container, self.usage[container]))
        for container in [container for container, task in self._tasks.items() if task.done()]:
            del self._tasks[container]

    async def _follow(self, container: str, usage: Usage) -> None:
        try:
            async with container_stats(self._docker, container) as samples:
                async for sample in samples:
                    usage.samples.append(sample)
                    self._on_sample()
        except DevkitError:
            return  # it is gone, or the engine is: the next snapshot says which
