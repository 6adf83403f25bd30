"""A stage of a project's Dockerfile, built by BuildKit: its steps, and why one failed."""

from __future__ import annotations

from pathlib import Path

import pytest

from devkit.delivery.build_progress import as_lines
from devkit.engine.docker import Docker
from devkit.project.errors import CommandError
from devkit.project.paths import ProjectPaths
from devkit.project.settings import Settings
from devkit.setup.building import build
from devkit.setup.project import Project

pytestmark = pytest.mark.engine

DOCKERFILE = """\
ARG FRANKENPHP_IMAGE
FROM ${FRANKENPHP_IMAGE} AS other
FROM ${FRANKENPHP_IMAGE} AS base-runtime
COPY text /text
RUN --network=none test "$(cat /text)" = good || { echo 'compiling' >&2; echo 'text:1: is not good' >&2; exit 4; }
"""


@pytest.fixture
def project(docker: Docker, project_directory: Path) -> Project:
    (project_directory / "Dockerfile").write_text(DOCKERFILE)
    (project_directory / "text").write_text("good")
    (project_directory / "compose.yaml").write_text("services: {app: {build: {context: .}}}\n")
    return Project(ProjectPaths(project_directory), Settings(project_directory.name), docker)


def test_the_steps_of_a_stage_are_reported_and_those_of_a_second_build_come_from_the_cache(project: Project) -> None:
    # Nobody has built this before: the cache of the engine would know it.
    (project.paths.root / "Dockerfile").write_text(DOCKERFILE + f"RUN --network=none : {project.paths.root.name}\n")
    lines: list[str] = []
    first = build(project, "base-runtime", as_lines(lines.append))
    assert [step.stage for step in first.steps] == ["base-runtime"] * 3
    assert [step.name.split()[0] for step in first.steps] == ["COPY", "RUN", "RUN"]
    assert not first.steps[-1].cached
    assert any(line.startswith("[base-runtime 4/4] RUN --network=none :") for line in lines)
    second = build(project, "base-runtime", as_lines(lines.append))
    assert (second.hits, second.to_json()["total"]) == (3, 3)
    assert {line.endswith("(cached)") for line in lines[-3:]} == {True}


def test_a_stage_that_fails_is_told_by_what_the_step_said_last(project: Project) -> None:
    (project.paths.root / "text").write_text("bad")
    with pytest.raises(CommandError) as error:
        build(project, "base-runtime", lambda _: None)
    assert error.value.message.startswith("the stage base-runtime could not be built: [base-runtime 3/3] RUN")
    assert error.value.message.endswith(": text:1: is not good")
    assert error.value.detail.splitlines()[:2] == ["compiling", "text:1: is not good"]
    assert "exit code: 4" in error.value.detail
    assert "Dockerfile:5" in error.value.detail.splitlines()
    assert [line for line in error.value.detail.splitlines() if ">>> RUN --network=none test" in line]


def test_a_dockerfile_that_cannot_be_read_is_told_with_the_line(project: Project) -> None:
    (project.paths.root / "Dockerfile").write_text("FROM scratch AS base-runtime\nRUNN x\n")
    with pytest.raises(CommandError, match=r"line 2: unknown instruction: RUNN"):
        build(project, "base-runtime", lambda _: None)
