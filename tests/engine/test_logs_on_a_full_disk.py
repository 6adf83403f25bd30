"""A disk that takes no more lines, and then takes lines again; a flood of lines."""

from __future__ import annotations

import asyncio
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from devkit.engine.compose import Compose
from devkit.engine.docker import Docker
from devkit.engine.live_services import live_services
from devkit.logs.live import LiveLogs
from devkit.logs.spill import START
from devkit.logs.store import LogStore

pytestmark = pytest.mark.engine

PATIENCE = 60.0
COMPOSE = """
services:
  talker:
    image: devkit.local/debian:forky
    init: true
    stop_grace_period: 1s
    command: [bash, -c, "mkfifo /pipe/in; exec 3<>/pipe/in; while read -r n <&3; do seq $$n; echo done; done"]
    tmpfs: /pipe
"""


@pytest.fixture
def compose(docker: Docker, project_directory: Path) -> Iterator[Compose]:
    (project_directory / "compose.yaml").write_text(COMPOSE)
    made = Compose(docker, project_directory, project_directory.name)
    made.run("up", "-d")
    yield made


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", str(disk)], check=True)
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


class Collecting:
    """A store that fills, and what its disk says."""

    def __init__(self, docker: Docker, compose: Compose, directory: Path) -> None:
        self._docker, self._compose = docker, compose
        self.troubles: list[str] = []
        self._changed = asyncio.Event()
        self.store = LogStore(directory, on_trouble=self._trouble)

    def _trouble(self, text: str) -> None:
        self.troubles.append(text)
        self._changed.set()

    @property
    def lines(self) -> list[str]:
        return [line[32:].decode() for _, line in self.store.source("talker-1").after(START)]

    async def say(self, count: int) -> None:
        await asyncio.to_thread(self._compose.exec, "talker", "sh", "-c", f"echo {count} > /pipe/in")

    async def follow(self) -> None:
        async with (
            live_services(self._docker, self._compose.project, []) as snapshots,
            LiveLogs(self._docker, self.store, [], self._changed.set) as logs,
        ):
            async for snapshot in snapshots:
                logs.update(snapshot)

    async def until_trouble(self) -> None:
        async with asyncio.timeout(PATIENCE):
            while not self.troubles:
                await self._wait()

    async def until_last(self, *last: str) -> list[str]:
        """All lines, once the newest are these and nothing before them is still being read."""
        source = self.store.source("talker-1")
        async with asyncio.timeout(PATIENCE):
            while True:
                if not source.filling and source.newest()[32:-1].decode() == last[-1]:
                    found = self.lines
                    if found[-len(last) :] == list(last):
                        return found
                await self._wait()

    async def _wait(self) -> None:
        self._changed.clear()
        await self._changed.wait()


def test_what_a_full_disk_did_not_take_is_counted_in_its_place(
    docker: Docker, compose: Compose, small_disk: Path
) -> None:
    async def fill_and_make_room(collecting: Collecting) -> list[str]:
        following = asyncio.create_task(collecting.follow())
        try:
            await collecting.say(3)
            await collecting.until_last("3", "done")
            await collecting.say(20_000)
            await collecting.until_trouble()
            await asyncio.to_thread(subprocess.run, ["mount", "-o", "remount,size=64m", str(small_disk)], check=True)
            await collecting.say(5)
            return await collecting.until_last("4", "5", "done")
        finally:
            following.cancel()
            await asyncio.wait({following})

    async def all_of_it() -> None:
        collecting = Collecting(docker, compose, small_disk / "logs")
        try:
            found = await fill_and_make_room(collecting)
        finally:
            collecting.store.close()
        assert "No space left" in collecting.troubles[0] and collecting.troubles[-1] == ""
        missing = [re.fullmatch(r"([\d,]+) lines are missing here: the disk was full", line) for line in found]
        said = sum(int(match[1].replace(",", "")) for match in missing if match)
        markers = sum(1 for match in missing if match)
        assert markers and len(found) - markers + said == (3 + 1) + (20_000 + 1) + (5 + 1)

    asyncio.run(all_of_it())


def test_a_flood_is_kept_line_by_line(docker: Docker, compose: Compose, tmp_path: Path) -> None:
    count = 300_000

    async def all_of_it() -> list[str]:
        collecting = Collecting(docker, compose, tmp_path / "logs")
        following = asyncio.create_task(collecting.follow())
        try:
            await collecting.say(count)
            return await collecting.until_last(str(count), "done")
        finally:
            following.cancel()
            await asyncio.wait({following})
            collecting.store.close()

    assert asyncio.run(all_of_it()) == [*map(str, range(1, count + 1)), "done"]
