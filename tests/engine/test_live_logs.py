"""The logs of a real project end up in its store: all of them, once, whatever its containers do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from devkit.engine.compose import Compose
from devkit.engine.compose_order import Declared
from devkit.engine.docker import Docker
from devkit.engine.live_services import live_services
from devkit.logs.collect import TAIL
from devkit.logs.live import LiveLogs
from devkit.logs.spill import START
from devkit.logs.store import LogStore

pytestmark = pytest.mark.engine

PATIENCE = 30.0
MANY = 20 * TAIL
SCRIPT = f"seq 1 {MANY}; echo ready; while read -r line; do echo $$line; done < /pipe/in; exec sleep infinity"
COMPOSE = f"""
services:
  talker:
    image: devkit.local/debian:forky
    init: true
    stop_grace_period: 1s
    command: [bash, -c, "mkfifo /pipe/in 2>/dev/null; exec 3<>/pipe/in; {SCRIPT}"]
    tmpfs: /pipe
"""


@pytest.fixture
def compose(docker: Docker, project_directory: Path) -> Iterator[Compose]:
    (project_directory / "compose.yaml").write_text(COMPOSE)
    (project_directory / "logs").mkdir()
    yield Compose(docker, project_directory, project_directory.name)


class Collected:
    """What is stored, and a way to wait for it."""

    def __init__(self, store: LogStore, changed: asyncio.Event) -> None:
        self._store = store
        self._changed = changed

    def lines(self, source: str = "talker-1") -> list[str]:
        return [line[32:].decode() for _, line in self._store.source(source).after(START)]

    async def until_some(self) -> None:
        """The newest lines are there; those before them are being read."""
        async with asyncio.timeout(PATIENCE):
            while not self.lines():
                self._changed.clear()
                await self._changed.wait()

    async def until(self, holds: Callable[[list[str]], bool], source: str = "talker-1") -> list[str]:
        try:
            async with asyncio.timeout(PATIENCE):
                while self._store.source(source).filling or not holds(found := self.lines(source)):
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            found = self.lines(source)
            raise AssertionError(f"{len(found)} lines: {found[:3]} … {found[-3:]}") from None
        return found


@asynccontextmanager
async def collecting(docker: Docker, compose: Compose, root: Path) -> AsyncIterator[Collected]:
    changed = asyncio.Event()
    store = LogStore(root / "store")
    file = root / "logs" / "laravel.log"
    try:
        async with (
            live_services(docker, compose.project, [Declared("talker")]) as snapshots,
            LiveLogs(docker, store, [file], changed.set) as logs,
        ):

            async def update() -> None:
                async for snapshot in snapshots:
                    logs.update(snapshot)

            updating = asyncio.create_task(update())
            try:
                yield Collected(store, changed)
            finally:
                updating.cancel()
    finally:
        store.close()


def say(compose: Compose, text: str) -> None:
    compose.exec("talker", "sh", "-c", f"echo {text} > /pipe/in")


def test_a_history_that_was_left_half_read_is_read_to_its_end_the_next_time(
    docker: Docker, compose: Compose, project_directory: Path
) -> None:
    async def left_at_once() -> None:
        async with collecting(docker, compose, project_directory) as collected:
            await collected.until_some()

    async def again() -> list[str]:
        async with collecting(docker, compose, project_directory) as collected:
            return await collected.until(lambda lines: len(lines) > MANY)

    compose.run("up", "-d")
    asyncio.run(written(compose))
    asyncio.run(left_at_once())
    asyncio.run(left_at_once())
    assert asyncio.run(again()) == [*map(str, range(1, MANY + 1)), "ready"]


async def written(compose: Compose) -> None:
    """Wait until the service has written all of its lines."""
    async with asyncio.timeout(PATIENCE):
        while b"ready" not in (await asyncio.to_thread(compose.run, "logs", "--tail", "1")).stdout:
            pass


def test_each_line_is_kept_once_through_all_that_happens(
    docker: Docker, compose: Compose, project_directory: Path
) -> None:
    numbers = [str(number) for number in range(1, MANY + 1)]

    async def first() -> None:
        async with collecting(docker, compose, project_directory) as collected:
            await collected.until(lambda lines: len(lines) > MANY)
            await asyncio.to_thread(say, compose, "seen")
            assert await collected.until(lambda lines: "seen" in lines) == [*numbers, "ready", "seen"]

    async def again() -> list[str]:
        async with collecting(docker, compose, project_directory) as collected:
            await collected.until(lambda lines: "unseen" in lines)
            await asyncio.to_thread(compose.run, "restart", "talker")
            expected = [*numbers, "ready", "seen", "unseen", *numbers, "ready"]
            assert await collected.until(lambda lines: len(lines) >= len(expected)) == expected
            await asyncio.to_thread(compose.run, "up", "-d", "--force-recreate", "talker")
            expected += [*numbers, "ready"]
            assert await collected.until(lambda lines: len(lines) >= len(expected)) == expected
            return expected

    compose.run("up", "-d")
    asyncio.run(first())
    say(compose, "unseen")
    found = asyncio.run(again())
    store = LogStore(project_directory / "store")
    assert [line[32:].decode() for _, line in store.source("talker-1").after(START)] == found
    store.close()


def test_more_than_the_tail_that_came_meanwhile_is_read_behind(
    docker: Docker, compose: Compose, project_directory: Path
) -> None:
    numbers = [str(number) for number in range(1, MANY + 1)]

    async def until(last: str) -> list[str]:
        async with collecting(docker, compose, project_directory) as collected:
            return await collected.until(lambda lines: len(lines) > MANY and lines[-1] == last and lines[0] == "1")

    compose.run("up", "-d")
    assert asyncio.run(until("ready")) == [*numbers, "ready"]
    compose.exec("talker", "sh", "-c", f"seq 1 {MANY} > /pipe/in; echo last > /pipe/in")

    async def all_of_it() -> list[str]:
        async with collecting(docker, compose, project_directory) as collected:
            return await collected.until(lambda lines: len(lines) == 2 * MANY + 2)

    assert asyncio.run(all_of_it()) == [*numbers, "ready", *numbers, "last"]


def test_laravels_log_is_followed_through_rotation(docker: Docker, compose: Compose, project_directory: Path) -> None:
    file = project_directory / "logs" / "laravel.log"
    head = "[2026-01-31 10:00:00] local.ERROR: "

    async def follow() -> None:
        async with collecting(docker, compose, project_directory) as collected:
            file.write_text(f"{head}one\n#0 a trace\n{head}tw")
            await collected.until(lambda lines: len(lines) == 2, "laravel.log")
            with file.open("a") as stream:
                stream.write("o\n")
            await collected.until(lambda lines: lines[2:] == [f"{head}two"], "laravel.log")
            file.rename(file.with_name("laravel.log.1"))
            file.write_text(f"{head}three\n")
            found = await collected.until(lambda lines: lines[-1] == f"{head}three", "laravel.log")
            assert found == [f"{head}one", "#0 a trace", f"{head}two", f"{head}three"]

    asyncio.run(follow())
