"""The steps of the first run are those that the plan names, in its order."""

from __future__ import annotations

from pathlib import Path

import pytest

from devkit.engine.connection import Endpoint
from devkit.engine.docker import Docker
from devkit.project.paths import MachinePaths, ProjectPaths
from devkit.project.settings import Settings
from devkit.scaffold.adopt import Existing
from devkit.setup.answers import Answers
from devkit.setup.preflight import Preflight
from devkit.setup.project import Project
from devkit.setup.project_files import ProjectFiles
from devkit.setup.run import EngineStep, step_names, steps_before_start, steps_of_start
from devkit.setup.stack_steps import StackSteps

pytestmark = pytest.mark.unit


def test_the_steps_are_those_that_are_announced(tmp_path: Path, machine_paths: MachinePaths) -> None:
    said: list[str] = []
    paths, settings = ProjectPaths(tmp_path), Settings("shop")
    nowhere = Docker(Path("docker"), Endpoint("unix:///nonexistent.sock", "default"))
    stack = StackSteps(Project(paths, settings, nowhere), machine_paths, said.append)
    files = ProjectFiles(paths, settings, (), (), machine_paths)
    preflight = Preflight(Answers(tmp_path), "shop", machine_paths, lambda _question, _detail: False, said.append)
    before = [EngineStep(preflight).step(), *steps_before_start(stack, files)]
    started = steps_of_start(stack, Existing(tmp_path, "empty"), said.append)
    assert tuple(step.name for step in before) == step_names(start=False)
    assert tuple(step.name for step in (*before, *started)) == step_names(start=True)
    assert said == []
