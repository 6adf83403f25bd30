"""Who follows a project's files, and what is told of it. No engine answers here: each reaction fails, and is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from devkit.engine.connection import Endpoint
from devkit.engine.docker import Docker
from devkit.laravel import follow_switch
from devkit.laravel.reactions import Reaction
from devkit.project.paths import ProjectPaths
from devkit.project.settings import Settings
from devkit.setup import followed
from devkit.setup.followed import Followed
from devkit.setup.following import Following, State, Told
from devkit.setup.project import Project

pytestmark = pytest.mark.unit

PATIENCE = 20.0


@pytest.fixture
def project(tmp_path: Path) -> Project:
    for name in ("app", "docker/php", ".devkit"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "devkit.toml").write_text('schema = 1\n[project]\nname = "shop"\n')
    docker = Docker(Path("/nowhere/docker"), Endpoint(f"unix://{tmp_path}/no.sock", "default"))
    return Project(ProjectPaths(tmp_path), Settings("shop"), docker)


class Heard:
    """What one who follows has told."""

    def __init__(self, project: Project, command: str = "ui", *, switched: bool = True) -> None:
        self.states: list[State] = []
        self.followed: list[Followed] = []
        self._news = asyncio.Event()
        told = Told(self._hear(self.followed), self._hear(self.states), lambda _line: None)
        self.following = Following(project, told, command=command, switched=switched)

    async def until(self, met: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not met():
                self._news.clear()
                await self._news.wait()

    async def follows(self) -> None:
        await self.until(lambda: bool(self.states) and self.states[-1].follows)

    def _hear(self, kept: list[Any]) -> Callable[[Any], None]:
        def hear(one: object) -> None:
            kept.append(one)
            self._news.set()

        return hear


@asynccontextmanager
async def running(heard: Heard) -> AsyncIterator[Heard]:
    task = asyncio.create_task(heard.following.run())
    try:
        yield heard
    finally:
        task.cancel()
        async with asyncio.timeout(PATIENCE):
            await asyncio.gather(task, return_exceptions=True)
        assert task.cancelled()


def test_a_save_is_answered_with_what_came_of_it_and_that_is_kept(project: Project) -> None:
    async def follow() -> None:
        async with running(Heard(project)) as heard:
            await heard.follows()
            (project.paths.root / "docker" / "Caddyfile").write_text("{}")
            (project.paths.root / "storage").mkdir()
            await heard.until(lambda: bool(heard.followed))
            (one,) = heard.followed
            assert (one.reaction, one.files, one.failed) == (Reaction.CADDYFILE, ("docker/Caddyfile",), True)
            assert "container engine" in one.outcome
            assert [kept.outcome for kept in followed.kept(project.paths)] == [one.outcome]

    asyncio.run(follow())


def test_the_second_one_says_who_follows_tells_what_that_does_and_takes_over(project: Project) -> None:
    async def follow() -> None:
        second = Heard(project, "ui")
        async with running(Heard(project, "reload --watch", switched=False)) as first:
            await first.follows()
            task = asyncio.create_task(second.following.run())
            await second.until(lambda: bool(second.states))
            holder = second.states[0].holder
            assert holder is not None and holder.command == "reload --watch"
            (project.paths.root / "app" / "A.php").write_text("<?php")
            await second.until(lambda: bool(second.followed))
            await first.until(lambda: bool(first.followed))
            assert [one.files for one in second.followed] == [one.files for one in first.followed] == [("app/A.php",)]
        await second.follows()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(follow())


def test_turned_off_nothing_is_followed_and_turned_on_what_was_missed_is(project: Project) -> None:
    async def follow() -> None:
        async with running(Heard(project)) as heard:
            await heard.follows()
            heard.following.turn(on=False)
            await heard.until(lambda: heard.states[-1] == State())
            assert not follow_switch.is_on(project.paths)
            (project.paths.root / "docker" / "Caddyfile").write_text("{}")
            (project.paths.root / "app" / "A.php").write_text("<?php")
            heard.following.turn(on=True)
            await heard.until(lambda: len(heard.followed) == 2)
            assert [one.files for one in heard.followed] == [("docker/Caddyfile",), ("app/A.php",)]

    asyncio.run(follow())


def test_the_switch_of_another_process_counts_too_and_not_for_who_was_asked_to_follow(project: Project) -> None:
    async def follow() -> None:
        async with running(Heard(project)) as heard:
            await heard.follows()
            follow_switch.turn(project.paths, on=False)
            await heard.until(lambda: heard.states[-1] == State())
        async with running(Heard(project, "reload --watch", switched=False)) as heard:
            await heard.follows()

    asyncio.run(follow())


def test_what_another_command_did_is_told(project: Project) -> None:
    async def follow() -> None:
        async with running(Heard(project)) as heard:
            await heard.follows()
            one = Followed(Reaction.CODE, (), "asked for", 0.4)
            followed.keep(project.paths, one)
            await heard.until(lambda: bool(heard.followed))
            assert heard.followed[0].outcome == "asked for"

    asyncio.run(follow())


def test_it_ends_at_once_when_the_project_is_gone(project: Project) -> None:
    async def follow() -> None:
        heard = Heard(project)
        task = asyncio.create_task(heard.following.run())
        await heard.follows()
        project.paths.root.rename(project.paths.root.with_name("elsewhere"))
        with pytest.raises(Exception, match="is gone"):
            async with asyncio.timeout(PATIENCE):
                await task

    asyncio.run(follow())
