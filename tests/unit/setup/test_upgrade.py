"""Newer templates and a person's edits: merged, or marked as git marks it; nothing of either is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from devkit.engine.connection import Endpoint
from devkit.engine.docker import Docker
from devkit.project.errors import FailedError
from devkit.project.paths import ProjectPaths
from devkit.project.settings_file import read_settings
from devkit.scaffold.manifest import Manifest
from devkit.setup.project import Project
from devkit.setup.upgrade import UpgradedFile, apply_upgrade, plan_upgrade

pytestmark = pytest.mark.unit


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / ".devkit").mkdir()
    (tmp_path / "devkit.toml").write_text('schema = 1\n[project]\nname = "shop"\n')
    nothing = Docker(Path("/nonexistent/docker"), Endpoint("unix:///nonexistent", "default"))
    made = Project(ProjectPaths(tmp_path), read_settings(tmp_path / "devkit.toml"), nothing)
    upgraded(made)
    return made


def upgraded(project: Project) -> dict[str, UpgradedFile]:
    files = plan_upgrade(project)
    apply_upgrade(project, files, on_wait=lambda text: pytest.fail(text))
    return {file.path: file for file in files}


def of_an_older_devkit(project: Project, path: str, old: str, new: str) -> None:
    """As if the devkit before had written `new` where this one writes `old`."""
    file, manifest = project.paths.root / path, Manifest(project.paths.root)
    text = file.read_text().replace(old, new)
    assert text != file.read_text()
    file.write_text(text)
    manifest.record(path, text)


def test_what_is_up_to_date_stays_and_an_edit_is_none_of_upgrades_business(project: Project) -> None:
    file = project.paths.root / "docker" / "Caddyfile"
    file.write_text(file.read_text() + "# mine\n")
    assert plan_upgrade(project) == []


def test_news_and_edits_of_different_lines_are_both_there(project: Project) -> None:
    of_an_older_devkit(project, "Dockerfile", "WORKDIR /app", "WORKDIR /srv")
    file = project.paths.root / "Dockerfile"
    file.write_text(file.read_text() + "# mine\n")
    found = upgraded(project)
    assert {path: one.status for path, one in found.items()} == {"Dockerfile": "merged"}
    assert "WORKDIR /app" in file.read_text() and file.read_text().endswith("# mine\n")
    assert plan_upgrade(project) == []


def test_where_both_changed_a_line_the_file_is_marked_until_a_person_chose(project: Project) -> None:
    of_an_older_devkit(project, "Dockerfile", "WORKDIR /app\n", "WORKDIR /srv\n")
    file = project.paths.root / "Dockerfile"
    file.write_text(file.read_text().replace("WORKDIR /srv\n", "WORKDIR /mine\n"))
    found = upgraded(project)
    assert found["Dockerfile"].status == "conflict"
    text = file.read_text()
    for line in ("<<<<<<< yours", "WORKDIR /mine", "WORKDIR /srv", "=======", "WORKDIR /app", ">>>>>>> devkit now"):
        assert line in text.splitlines()
    with pytest.raises(FailedError, match="Dockerfile has conflict markers"):
        plan_upgrade(project)
    file.write_text(found["Dockerfile"].planned.old or "")
    assert plan_upgrade(project) == []


def test_without_what_was_written_last_only_what_differs_is_marked(project: Project) -> None:
    file = project.paths.root / "Dockerfile"
    (Manifest(project.paths.root).directory / "Dockerfile").unlink()
    file.write_text(file.read_text().replace("WORKDIR /app\n", "WORKDIR /mine\n", 1))
    assert upgraded(project)["Dockerfile"].status == "conflict"
    text = file.read_text()
    assert text.count("<<<<<<< yours") == 1
    assert text.count("EXPOSE 8080") == 1


def test_a_file_changed_after_it_was_shown_is_not_written(project: Project) -> None:
    of_an_older_devkit(project, "Dockerfile", "WORKDIR /app", "WORKDIR /srv")
    shown = plan_upgrade(project)
    file = project.paths.root / "Dockerfile"
    file.write_text("# another\n")
    with pytest.raises(FailedError, match="changed meanwhile"):
        apply_upgrade(project, shown, on_wait=lambda text: pytest.fail(text))
    assert file.read_text() == "# another\n"
