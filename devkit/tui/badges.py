"""Badges of services: pending migrations, failed jobs, workers on old code. Looked for only when they can have changed.

That is when the application has begun to run, when a queue worker says that a job failed, when a person comes back to
the terminal from wherever files are edited, and when something was done here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress

from textual.widget import Widget

from devkit.engine.live_services import LiveService, Snapshot
from devkit.laravel.long_running import stale
from devkit.laravel.waiting import Waiting, what_waits
from devkit.logs.spill import Place, Spill
from devkit.project.errors import DevkitError
from devkit.project.services import APP
from devkit.tui.pane import Host
from devkit.tui.widgets.service_row import Badge

_QUEUES = ("queue:work", "queue:listen", "horizon")
_FAILED = b" FAIL"
"""How Laravel's workers end the line of a job that failed."""

_LOOKED_AT = 64 * 1024
_SOON_SECONDS = 0.2
_BETWEEN_SECONDS = 5.0


class Badges:
    """What is known of one project's application, and what would change it; `owner` has its timers and workers."""

    def __init__(self, host: Host, owner: Widget, show: Callable[[Mapping[str, Sequence[Badge]]], None]) -> None:
        self._host = host
        self._owner = owner
        self._show = show
        self._app: tuple[str, float] | None = None
        self._waiting = Waiting()
        self._ends: dict[str, Place] = {}
        self._looked = 0.0
        self._waits = False
        self._one_at_a_time = asyncio.Lock()

    def snapshot_came(self, snapshot: Snapshot) -> None:
        """The application may have begun to run."""
        former, self._app = self._app, _ready_app(snapshot)
        if self._app is not None and self._app != former:
            self.again()

    def lines_may_have_come(self) -> None:
        """A queue worker may have written that a job failed; or anything, while there are failed ones: a retry."""
        session = self._host.session
        workers = {service.name for service in session.snapshot.services if _works_on_queues(service)}
        for source in session.store.sources:
            if source.name.rpartition("-")[0] in workers:
                former, self._ends[source.name] = self._ends.get(source.name), source.end
                if former is None or former == source.end:
                    continue
                if self._waiting.failed_jobs or _says_failed(source, former):
                    self.again()

    def again(self) -> None:
        """Look again soon, once for all that ask meanwhile."""
        if not self._waits:
            self._waits = True
            since = asyncio.get_running_loop().time() - self._looked
            self._owner.set_timer(max(_SOON_SECONDS, _BETWEEN_SECONDS - since), self._begin)

    def _begin(self) -> None:
        self._owner.run_worker(self._look(), group="badges", exit_on_error=False)

    async def _look(self) -> None:
        """Ask the application and look at the files' times, and show the badges of each service."""
        async with self._one_at_a_time:
            self._waits = False
            self._looked = asyncio.get_running_loop().time()
            project, snapshot = self._host.project, self._host.session.snapshot
            containers = [found for service in snapshot.services for found in service.containers]
            old = await asyncio.to_thread(stale, containers, project.paths.root)
            self._waiting = Waiting()
            if (app := _ready_app(snapshot)) is not None:
                with suppress(DevkitError):  # one that does not boot says so in its log, and by its health
                    self._waiting = await what_waits(project.docker, app[0])
        badges: dict[str, list[Badge]] = {}
        for service, badge in _badges(snapshot, self._waiting, old):
            badges.setdefault(service, []).append(badge)
        self._show(badges)


def _badges(snapshot: Snapshot, waiting: Waiting, old: Mapping[str, str]) -> Iterator[tuple[str, Badge]]:
    if count := waiting.migrations:
        text = f"{count} migrations are pending" if count > 1 else "1 migration is pending"
        yield APP, Badge(f"↑{count}", "yellow", f"{text}: devkit artisan migrate")
    if count := waiting.failed_jobs:
        workers = [service.name for service in snapshot.services if _works_on_queues(service)]
        text = f"{count} failed jobs" if count > 1 else "1 failed job"
        yield next(iter(workers), APP), Badge(f"✗{count}", "red", f"{text}: devkit artisan queue:retry all")
    for service, path in old.items():
        text = f"runs with the code from before {path} was saved: devkit reload"
        yield service, Badge("stale", "yellow", text)


def _ready_app(snapshot: Snapshot) -> tuple[str, float] | None:
    """The application's container and since when it runs, if it is ready."""
    containers = (found for service in snapshot.services if service.name == APP for found in service.containers)
    return next(((found.service.container, found.started) for found in containers if found.service.ready), None)


def _works_on_queues(service: LiveService) -> bool:
    return any(word in _QUEUES for found in service.containers for word in found.command)


def _says_failed(source: Spill, place: Place) -> bool:
    looked = 0
    for _, line in source.after(place):
        looked += len(line)
        if _FAILED in line:
            return True
        if looked > _LOOKED_AT:
            return False
    return False
