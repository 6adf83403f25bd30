"""The Build tab with a real `devkit build`: cold, again from the cache, one that fails, and one that is stopped."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from devkit.delivery.history import build_history
from devkit.engine.docker import Docker
from devkit.project.paths import ProjectPaths, machine_paths, project_name
from devkit.project.settings import Settings
from devkit.setup.project import Project
from devkit.tui.app import DevkitApp
from devkit.tui.pane import BUILD, TABS
from devkit.tui.panes.build import BuildPane
from devkit.tui.shown_build import Phase, StepState

pytestmark = [pytest.mark.engine, pytest.mark.anyio]

PATIENCE = 120
DOCKERFILE = """\
ARG FRANKENPHP_IMAGE
FROM ${FRANKENPHP_IMAGE} AS base-runtime
RUN --network=none : NAME; seq 1 3000
FROM base-runtime AS development
COPY page.php /page.php
RUN --network=none printf 'built \\033[2J[x]\\n'; cp /page.php /done
"""


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def project(docker: Docker, project_directory: Path) -> Project:
    name = project_name(project_directory)
    (project_directory / "Dockerfile").write_text(DOCKERFILE.replace("NAME", name))  # in no cache
    (project_directory / "compose.yaml").write_text("services: {app: {build: {context: .}}}\n")
    (project_directory / "devkit.toml").write_text(f'[project]\nname = "{name}"\n')
    (project_directory / "page.php").write_text("1")
    return Project(ProjectPaths(project_directory), Settings(name), docker)


@asynccontextmanager
async def opened(project: Project) -> AsyncIterator[tuple[Pilot[None], BuildPane]]:
    app = DevkitApp(project)
    async with asyncio.timeout(PATIENCE), app.run_test(size=(140, 45), notifications=True) as pilot:
        await until(pilot, lambda: bool(app.screen.query("KeyRow")))
        await app.open_pane(next(tab for tab in TABS if tab.id == BUILD))
        yield pilot, app.query_one(BuildPane)


async def until(pilot: Pilot[None], holds: Callable[[], bool]) -> None:
    while not holds():
        await pilot.pause(0.05)


async def built(pilot: Pilot[None], pane: BuildPane) -> None:
    """Press the key, and wait until the build is over and shown."""
    former = pane.runner.build
    await pilot.press("b")
    await until(pilot, lambda: pane.runner.build is not former and not pane.runner.runs)
    await until(pilot, lambda: pane.steps.build is pane.runner.build)
    await pilot.pause(0.2)


async def test_steps_are_shown_as_they_run_and_the_second_time_they_are_cached(project: Project) -> None:
    async with opened(project) as (pilot, pane):
        await built(pilot, pane)
        build = pane.build
        assert build is not None and build.phase is Phase.DONE, build and build.problem
        assert {step.state for step in build.steps.values()} == {StepState.DONE}
        assert {step.reason for step in build.steps.values()} == {"built here for the first time"}
        assert list(build.steps["base-runtime", 2].lines)[-1] == b"3000"
        pane.steps.table.move_to(("development", 2))
        await pilot.pause()
        assert pane.steps.output.text() == "built [x]"
        command = " ".join(build.command)
        assert command.startswith("docker buildx build --target development --file Dockerfile --tag ")
        assert "FRANKENPHP_IMAGE=dunglas/frankenphp:" in command

        await built(pilot, pane)
        assert pane.build is not None
        assert {step.state for step in pane.build.steps.values()} == {StepState.CACHED}
        assert "3 of 3 steps cached" in str(pane.query_one("#build-title", Static).content)

        (project.paths.root / "page.php").write_text("2")
        await built(pilot, pane)
        step = pane.build.steps["development", 1]
        assert (step.state, step.reason) == (StepState.DONE, "page.php changed")

        await pilot.press("2")
        await until(pilot, lambda: pane.history.row_count == 3)
        await pilot.press("3")
        await until(pilot, lambda: "what would make builds faster" in pane.figures.plain and "⣿" in pane.figures.plain)
        await pilot.press("4")
        await until(pilot, lambda: pane.layer_table.row_count == 3)


async def test_a_build_that_fails_shows_the_steps_output_and_its_lines(project: Project) -> None:
    with (project.paths.root / "Dockerfile").open("a") as stream:
        stream.write("RUN --network=none echo before; exit 7\n")
    async with opened(project) as (pilot, pane):
        await built(pilot, pane)
        build = pane.build
        assert build is not None and build.phase is Phase.FAILED
        assert pane.steps.place == ("development", 3)
        lines = pane.steps.output.text().splitlines()
        assert lines[0] == "before"
        assert "Dockerfile:7" in lines and any(">>> RUN --network=none echo before" in line for line in lines)
        (project.paths.root / "Dockerfile").write_text("FROM scratch AS development\nRUNN make\n")
        await built(pilot, pane)
        assert pane.build is not None and pane.build.line_named == 2
        assert "unknown instruction: RUNN" in pane.build.problem
        (project.paths.root / "Dockerfile").unlink()
        await built(pilot, pane)
        assert pane.build is not None and "Dockerfile cannot be read" in pane.build.problem


async def test_a_build_that_is_stopped_is_in_the_history_as_cancelled(project: Project) -> None:
    with (project.paths.root / "Dockerfile").open("a") as stream:
        stream.write("RUN --network=none echo waits; sleep 300\n")
    async with opened(project) as (pilot, pane):
        await pilot.press("b")
        await until(pilot, lambda: "waits" in pane.steps.output.text())
        await pilot.press("s")
        await until(pilot, lambda: not pane.runner.runs)
        assert pane.build is not None and pane.build.phase is Phase.CANCELLED
        assert pane.build.steps["development", 3].state is StepState.CANCELLED
    (kept,) = build_history(machine_paths()).builds(project.settings.name)
    assert (kept.status, kept.total) == ("cancelled", 3)
