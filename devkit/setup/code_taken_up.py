"""New code in the workers, once: docker/watch in the container or the host's watcher restarts them and says so.

Where neither does (it is turned off, has ended, or sees no saves), they are restarted from here.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from pathlib import Path

from devkit.engine.client import Client
from devkit.engine.container_exec import run_in
from devkit.engine.log_stream import Part, container_log
from devkit.laravel import follow_switch, watch_process
from devkit.laravel.workers import restart_workers
from devkit.project.errors import FailedError
from devkit.setup.project import Project
from devkit.setup.watching import sees_no_saves

_PATIENCE = 2.0
"""Seconds after which it is looked whether a restart is under way at all; it takes a fifth of one on a free machine."""

_LOOKS = 20
_PAUSE = 0.05
_BEFORE = timedelta(seconds=0.05)
"""How much earlier than the save a line may have its time, once the two clocks are compared."""

_CLOCK_SECONDS = 60.0

_INSIDE = re.compile(rb"^[oe](?P<time>\S+) watch: (?P<file>.+) changed, (?P<outcome>.+)$", re.M)
_ON_THE_HOST = re.compile(rb"^(?P<time>[\d-]+ [\d:]+) (?P<files>.+): workers (?P<outcome>(?:not )?restarted.*)\n", re.M)
_RESTARTED = "the workers have it"
_UNDER_WAY = r"^curl\x00.*/frankenphp/workers/restart"


class NewCode:
    """Sees to it that workers have what was saved. It remembers what it saw, so that no line counts twice."""

    def __init__(self) -> None:
        self._former: Collection[str] = ()
        self._last = ""
        """The time of the container's last line that counted."""
        self._read = 0
        """How much of the host watcher's log has counted, in bytes."""
        self._ahead: timedelta | None = None
        self._compared = 0.0

    async def taken_up(self, project: Project, app: str, files: Collection[str], saved: float) -> None:
        """Return once the workers of the container `app` were restarted after `files` were saved.

        `saved` is in seconds since the epoch. FailedError where that failed.
        """
        said = asyncio.ensure_future(self._said(project, app, files, saved))
        try:
            for _ in range(_LOOKS):
                await asyncio.wait({said}, timeout=_PATIENCE)
                if said.done() or not await _is_under_way(project, app):
                    break
            if not said.done() or said.result() is None:
                await restart_workers(project.docker, app)
            elif failure := said.result():
                raise FailedError(failure, "devkit logs app shows why")
        finally:
            self._former = files
            said.cancel()
            await asyncio.gather(said, return_exceptions=True)

    async def _said(self, project: Project, app: str, files: Collection[str], saved: float) -> str | None:
        """What the one who watches said: why it failed, or an empty text; None where nobody watches."""
        if not follow_switch.is_on(project.paths):
            return None
        if watch_process.running(project.paths) is not None:
            return await self._said_on_the_host(project, files, saved)
        watch = project.paths.root / "docker" / "watch"
        if project.settings.php.watch == "host" or not watch.is_file() or sees_no_saves(project.paths, app):
            return None
        try:
            return await self._said_inside(project, app, files, saved)
        except FailedError:  # a log driver that keeps nothing
            return None

    async def _said_inside(self, project: Project, app: str, files: Collection[str], saved: float) -> str | None:
        moment = datetime.fromtimestamp(saved, UTC) + await self._engine_ahead(project)
        part = Part(since=_engine_time(moment - _BEFORE))
        async with container_log(project.docker, app, part) as batches:
            async for lines in batches:
                for found in _INSIDE.finditer(lines):
                    time, file = found["time"].decode(), found["file"].decode(errors="replace")
                    if time > self._last and self._are_meant({file}, files):
                        self._last = time
                        outcome = found["outcome"].decode(errors="replace")
                        return "" if outcome == _RESTARTED else outcome.removeprefix("but ")
        return None

    async def _said_on_the_host(self, project: Project, files: Collection[str], saved: float) -> str | None:
        log = watch_process.log_of(project.paths)
        second = datetime.fromtimestamp(saved).astimezone().strftime("%Y-%m-%d %H:%M:%S").encode()
        while watch_process.running(project.paths) is not None:
            text = _contents(log)
            if self._read > len(text):  # another watcher has begun it anew
                self._read = 0
            for found in _ON_THE_HOST.finditer(text, self._read):
                named = set(found["files"].decode(errors="replace").split(" and ")[0].split(", "))
                if found["time"] >= second and self._are_meant(named, files):
                    self._read = found.end()
                    outcome = found["outcome"].decode(errors="replace")
                    return "" if outcome == "restarted" else f"the workers were {outcome}"
            await asyncio.sleep(_PAUSE)  # the log may lie where no events come from
        return None

    def _are_meant(self, named: set[str], files: Collection[str]) -> bool:
        """Whether a line is about these files: it names one of them, or at least none of those before."""
        return bool(named & set(files)) or not named & set(self._former)

    async def _engine_ahead(self, project: Project) -> timedelta:
        """By how much the engine's clock is ahead of this one: in a virtual machine it is another."""
        now = asyncio.get_running_loop().time()
        if self._ahead is None or now - self._compared > _CLOCK_SECONDS:
            async with Client(project.docker) as client:
                before = datetime.now(UTC)
                said = str((await client.get_json("/info") or {}).get("SystemTime", ""))
                between = before + (datetime.now(UTC) - before) / 2
            self._ahead = datetime.fromisoformat(said or between.isoformat()) - between
            self._compared = now
        return self._ahead


async def _is_under_way(project: Project, app: str) -> bool:
    """Whether somebody restarts the workers at this moment: as long as they answer requests, that takes."""
    words = ("sh", "-c", f"grep -Paqs '{_UNDER_WAY}' /proc/[0-9]*/cmdline")
    return (await run_in(project.docker, app, words, timeout=10.0)).status == 0


def _engine_time(moment: datetime) -> str:
    """As the engine writes times, so that they compare as texts."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f000Z")


def _contents(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
