from __future__ import annotations

from pathlib import Path

import pytest

from devkit.engine.connection import Endpoint
from devkit.engine.docker import Docker
from devkit.project.errors import FailedError
from devkit.project.paths import ProjectPaths
from devkit.project.settings_file import read_settings
from devkit.scaffold.devcontainer import DEVCONTAINER
from devkit.setup.devcontainer import write_devcontainer
from devkit.setup.project import Project

pytestmark = pytest.mark.unit


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "devkit.toml").write_text('[project]\nname = "shop"\n')
    nothing = Docker(Path("/nonexistent/docker"), Endpoint("unix:///nonexistent", "default"))
    return Project(ProjectPaths(tmp_path), read_settings(tmp_path / "devkit.toml"), nothing)


def waits(text: str) -> None:
    raise AssertionError(text)


def test_the_files_are_made_of_the_settings_as_they_stand_when_it_is_their_turn(project: Project) -> None:
    (project.paths.settings).write_text('[project]\nname = "other"\n')
    assert {file.path: file.status for file in write_devcontainer(project, on_wait=waits)}[DEVCONTAINER] == "written"
    assert '"name": "other"' in (project.paths.root / DEVCONTAINER).read_text()
    assert {file.status for file in write_devcontainer(project, on_wait=waits)} == {"kept"}


def test_a_file_of_somebody_elses_stays_and_nothing_is_written(project: Project) -> None:
    theirs = project.paths.root / DEVCONTAINER
    theirs.parent.mkdir()
    theirs.write_text("{}\n")
    with pytest.raises(FailedError, match="says something else") as caught:
        write_devcontainer(project, on_wait=waits)
    assert "-{}" in caught.value.detail
    assert theirs.read_text() == "{}\n"
    assert not (project.paths.root / ".gitignore").exists()
