"""Real builds in the history: cold, warm, after an edit of code and of composer.lock, and one that is interrupted."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from devkit.delivery.build_progress import BuildEvent
from devkit.delivery.build_record import BuildRecord
from devkit.delivery.figures import days
from devkit.delivery.history import build_history
from devkit.engine.build_events import StepEnded, StepStarted
from devkit.engine.docker import Docker
from devkit.project.paths import ProjectPaths, machine_paths, project_name
from devkit.project.settings import Settings
from devkit.setup.building import build
from devkit.setup.project import Project

pytestmark = pytest.mark.engine

DOCKERFILE = """\
ARG FRANKENPHP_IMAGE
FROM ${FRANKENPHP_IMAGE} AS base-runtime
RUN --network=none : NAME
FROM base-runtime AS dependencies
ARG TOKEN
COPY composer.lock ./
RUN --network=none sleep 0.5; cat composer.lock > /packages; : $TOKEN
COPY . .
RUN --network=none cat app/User.php /packages > /map
FROM base-runtime AS development
COPY --link --from=dependencies /packages /packages
COPY --link --from=dependencies /map /map
RUN --network=none sleep 0.2; cp /map /done
"""

COMPOSE = "services: {app: {build: {context: ., args: {TOKEN: hush-4711}}}}\n"


@pytest.fixture
def project(docker: Docker, project_directory: Path) -> Project:
    name = project_name(project_directory)
    (project_directory / "Dockerfile").write_text(DOCKERFILE.replace("NAME", name))  # in no cache
    (project_directory / "compose.yaml").write_text(COMPOSE)
    (project_directory / "devkit.toml").write_text(f'[project]\nname = "{name}"\n')
    (project_directory / ".dockerignore").write_text("*.log\n")
    (project_directory / "composer.lock").write_text("1")
    (project_directory / "app").mkdir()
    (project_directory / "app" / "User.php").write_text("1")
    return Project(ProjectPaths(project_directory), Settings(name), docker)


def built(project: Project) -> tuple[BuildRecord, dict[str, str]]:
    """The build, and the causes of what was rebuilt by place."""
    record = build(project, None, lambda _: None)
    assert build_history(machine_paths()).builds(project.settings.name)[-1] == record
    return record, {f"{step.stage} {step.number}": step.reason.text for step in record.steps if step.reason}


def test_builds_say_what_the_cache_had_and_which_file_changed_a_layers_key(project: Project) -> None:
    cold, causes = built(project)
    assert (cold.hits, cold.total, set(causes.values())) == (0, 8, {"built here for the first time"})

    warm, causes = built(project)
    assert (warm.hits, warm.total, causes) == (8, 8, {})
    assert warm.saved == pytest.approx(cold.spent)
    assert warm.saved >= 0.7

    (project.paths.root / "app" / "User.php").write_text("2")
    (project.paths.root / "debug.log").write_text("not in the context")
    edited, causes = built(project)
    assert causes == {
        "dependencies 3": "app/User.php changed",
        "dependencies 4": "the step before it was rebuilt",
        "development 2": "the stage dependencies was rebuilt",
        "development 3": "the step before it was rebuilt",
    }
    assert edited.steps[2].cached and (edited.steps[2].saved or 0) >= 0.5

    (project.paths.root / "composer.lock").write_text("2")
    _, causes = built(project)
    assert causes["dependencies 1"] == causes["dependencies 3"] == "composer.lock changed"
    assert causes["dependencies 2"] == "the step before it was rebuilt"
    assert "base-runtime 2" not in causes

    (project.paths.root / "compose.yaml").write_text(COMPOSE.replace("hush-4711", "wh1sper"))
    _, causes = built(project)
    assert "TOKEN" in causes["dependencies 2"]

    history = build_history(machine_paths())
    builds = history.builds(project.settings.name)
    assert [len(build.steps) for build in builds] == [8] * 5
    assert days(builds)[-1].new_dependency
    content = history.path.read_bytes()
    assert b"hush-4711" not in content and b"wh1sper" not in content


def test_without_the_cache_every_step_is_built(project: Project) -> None:
    events: list[BuildEvent] = []
    build(project, "base-runtime", lambda _: None)
    command = [sys.executable, "-m", "devkit.entry", "build", "base-runtime", "--no-cache", "--json"]
    done = subprocess.run(command, cwd=project.paths.root, capture_output=True, text=True, check=True)
    body = json.loads(done.stdout)
    assert (body["hits"], body["steps"][0]["reason"]["cause"]) == (0, "no-cache")
    assert "[base-runtime 2/2] RUN" in done.stderr
    build(project, "base-runtime", events.append)
    assert [event.step.cached for event in events if isinstance(event, StepEnded)] == [True]
    assert not [event for event in events if isinstance(event, StepStarted)]


def test_a_build_that_is_interrupted_ends_at_once_and_is_kept_as_cancelled(project: Project) -> None:
    name = project.settings.name
    dockerfile = f"ARG FRANKENPHP_IMAGE\nFROM ${{FRANKENPHP_IMAGE}} AS app\nRUN --network=none : {name}; sleep 120\n"
    (project.paths.root / "Dockerfile").write_text(dockerfile)
    command = [sys.executable, "-m", "devkit.entry", "build", "app"]
    with subprocess.Popen(
        command, cwd=project.paths.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, process_group=0
    ) as process:
        # A step that has hardly begun when its build is cancelled goes on in BuildKit 0.13: it has to run for real.
        until(lambda: is_running(f": {name}; sleep 120"))
        os.killpg(process.pid, signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert f"[app 2/2] RUN --network=none : {name}; sleep 120" in said
    assert "interrupted" in said and "Traceback" not in said
    (kept,) = build_history(machine_paths()).builds(name)
    assert (kept.status, kept.stage) == ("cancelled", "app")
    until(lambda: not is_running(f": {name}; sleep 120"))


def is_running(words: str) -> bool:
    return words in subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout


def until(met: Callable[[], bool], seconds: float = 60.0) -> None:
    """Ask again until it is met: the engine tells nobody of what it does within a build."""
    end = time.monotonic() + seconds
    while not met():
        assert time.monotonic() < end
        time.sleep(0.1)
