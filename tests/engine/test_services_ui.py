"""The services of the app with a real engine: what is shown of them, and what keys do to them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from devkit.engine.compose import Compose
from devkit.engine.docker import Docker
from devkit.project.paths import ProjectPaths
from devkit.project.settings import Settings
from devkit.setup.project import Project
from devkit.tui.app import DevkitApp
from devkit.tui.screens.inspection import InspectionScreen
from devkit.tui.screens.question import Question
from devkit.tui.screens.resources import ResourcesScreen
from devkit.tui.widgets.service_card import ServiceCard

pytestmark = [pytest.mark.engine, pytest.mark.anyio]

PATIENCE = 90
IMAGE = "devkit.local/debian:forky"
COMPOSE = f"""
x-quick: &quick {{image: "{IMAGE}", init: true, stop_grace_period: 1s}}
services:
  app:
    <<: *quick
    command: [bash, -c, "touch /tmp/well; echo 'SQLSTATE[HY000] [1045] Access denied for user'; exec sleep infinity"]
    environment: {{SECRET_TOKEN: geheim123}}
    volumes: [stuff:/stuff]
    ports: ["127.0.0.1::8080"]
    healthcheck:
      test: [CMD-SHELL, "test -f /tmp/well || {{ echo it is not well; exit 3; }}"]
      interval: 1s
      timeout: 10s
      retries: 2
  worker: {{<<: *quick, command: [sleep, infinity]}}
  debug: {{<<: *quick, command: [sleep, infinity], profiles: [tools]}}
  built:
    <<: *quick
    image: NAME-app:development
    build: {{context: ., dockerfile_inline: "FROM {IMAGE}\\nRUN dd if=/dev/urandom of=/NAME bs=1M count=5"}}
    command: [sleep, infinity]
    profiles: [made]
volumes: {{stuff: {{}}}}
"""


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def project(docker: Docker, project_directory: Path) -> Project:
    name = project_directory.name
    (project_directory / "compose.yaml").write_text(COMPOSE.replace("NAME", name))
    (project_directory / "devkit.toml").write_text(f'schema = 1\n[project]\nname = "{name}"\n')
    made = Project(ProjectPaths(project_directory), Settings(name), docker)
    made.compose.run("up", "--detach", "--scale", "worker=2", timeout=PATIENCE)
    return made


@asynccontextmanager
async def opened(project: Project) -> AsyncIterator[tuple[Pilot[None], DevkitApp]]:
    app = DevkitApp(project)
    async with asyncio.timeout(PATIENCE), app.run_test(size=(140, 45), notifications=True) as pilot:
        await until(pilot, lambda: any(service.containers for service in app.services.services))
        yield pilot, app


async def until(pilot: Pilot[None], holds: Callable[[], bool]) -> None:
    while not holds():
        await pilot.pause(0.05)


def row(app: DevkitApp, name: str) -> str:
    lines = ["".join(part.text for part in app.services.render_line(y)) for y in range(app.services.size.height)]
    found = [line for line in lines if name in line.split()]
    assert len(found) == 1, lines
    return found[0]


def compose(project: Project) -> Compose:
    return project.compose


async def test_a_scaled_service_has_one_row_also_when_its_containers_are_made_anew(project: Project) -> None:
    async with opened(project) as (pilot, app):
        await until(pilot, lambda: "worker x2" in row(app, "worker") and "%" in row(app, "worker"))
        first = {found.service.container for found in app.services.services[1].containers}
        await pilot.press("down", "down", "R")
        await until(
            pilot,
            lambda: (
                len(found := app.services.services[1].containers) == 2
                and all(one.service.ready for one in found)
                and not first & {one.service.container for one in found}
            ),
        )
        assert "worker x2" in row(app, "worker")
        assert app.services.chosen is not None
        assert app.services.chosen.name == "worker"
        await pilot.press("s")
        await until(pilot, lambda: app.services.services[1].ready == 0)
        await pilot.press("s")
        await until(pilot, lambda: app.services.services[1].ready == 2)
        card = app.query_one(ServiceCard)
        await until(pilot, lambda: " 2 running, up" in card.text.plain)
        assert "2 of 2 ready" in card.text.plain


async def test_the_card_says_why_a_service_is_unhealthy(project: Project) -> None:
    async with opened(project) as (pilot, app):
        await pilot.press("down")
        await until(pilot, lambda: app.services.services[0].state.health == "healthy")
        await asyncio.to_thread(compose(project).exec, "app", "rm", "/tmp/well")
        card = app.query_one(ServiceCard)
        await until(pilot, lambda: "times in a row" in card.text.plain and "Access denied" in card.text.plain)
        said = card.text.plain
        assert "app  running, unhealthy" in said
        assert "check: status 3" in said
        assert "it is not well" in said
        assert "likely: the password in .env is not the one" in said
        await asyncio.to_thread(compose(project).exec, "app", "touch", "/tmp/well")
        await until(pilot, lambda: "app  running, healthy" in card.text.plain)
        assert "likely" not in card.text.plain


async def test_a_containers_processes_are_seen_and_its_environment_is_not(project: Project) -> None:
    async with opened(project) as (pilot, app):
        await pilot.press("down", "P")
        await until(pilot, lambda: isinstance(app.screen, InspectionScreen) and bool(app.screen.text.lines))
        screen = app.screen
        assert isinstance(screen, InspectionScreen)
        lines = screen.text.plain.splitlines()
        assert "PID" in lines[0]
        assert any("sleep infinity" in line for line in lines[1:])
        await pilot.press("3")
        await until(pilot, lambda: "SECRET_TOKEN" in screen.text.plain)
        assert "geheim123" not in screen.text.plain


async def test_a_profile_is_switched_on_and_off(project: Project) -> None:
    async with opened(project) as (pilot, app):
        assert "missing" in row(app, "debug")
        await pilot.press("b")
        await pilot.pause()
        await pilot.press("2")
        await until(pilot, lambda: "●" in row(app, "debug"))
        assert app.command == "docker compose --profile tools up --detach --no-recreate debug"
        await pilot.press("b")
        await pilot.pause()
        await pilot.press("2")
        await until(pilot, lambda: "exited" in row(app, "debug"))


async def test_everything_is_removed_with_what_profiles_have_started(project: Project) -> None:
    await asyncio.to_thread(compose(project).run, "--profile", "tools", "up", "--detach", "debug")
    async with opened(project) as (pilot, app):
        await until(pilot, lambda: "●" in row(app, "debug"))
        await pilot.press("D")
        await pilot.pause()
        assert isinstance(app.screen, Question)
        await pilot.press("y")
        await until(pilot, lambda: not any(service.containers for service in app.services.services))


async def test_sizes_are_measured_and_what_nothing_uses_is_removed(docker: Docker, project: Project) -> None:
    await asyncio.to_thread(compose(project).run, "build", "built")
    await asyncio.to_thread(compose(project).exec, "app", "dd", "if=/dev/zero", "of=/stuff/file", "bs=1M", "count=4")
    name = project.settings.name
    async with opened(project) as (pilot, app):
        await pilot.press("I")
        await until(pilot, lambda: isinstance(app.screen, ResourcesScreen))
        screen = app.screen
        assert isinstance(screen, ResourcesScreen)

        def rows() -> list[list[str]]:
            return [[str(cell) for cell in screen.table.get_row_at(y)] for y in range(screen.table.row_count)]

        def is_measured() -> bool:
            return "…" not in str(screen.query_one("#head", Static).render()) and bool(rows())

        await until(pilot, is_measured)
        own = next(one for one in rows() if one[0] == f"{name}-app:development")
        assert (own[2], own[4]) == ("5M", "nothing")
        assert any(one[0] == IMAGE and "-app-1" in one[4] for one in rows())
        await pilot.press("2")
        assert rows() == [[f"{name}_stuff", "4M", "stuff", f"{name}-app-1"]]
        await pilot.press("d")
        await pilot.pause()
        assert any("is in use by" in note.message for note in app._notifications)
        await asyncio.to_thread(compose(project).run, "rm", "--stop", "--force", "app")
        await pilot.press("ctrl+r")
        await until(pilot, lambda: is_measured() and rows()[0][3] == "nothing")
        await pilot.press("d")
        await until(pilot, lambda: isinstance(app.screen, Question))
        await pilot.press("y")
        await until(pilot, lambda: app.screen is screen and not rows())
        assert app.command == f"docker volume rm {name}_stuff"
        await pilot.press("3")
        assert rows()[0][0] == f"{name}_default"
    assert not docker.run("volume", "ls", "-q", "--filter", f"name={name}_stuff").stdout.strip()
