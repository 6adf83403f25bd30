"""A change of settings: planned with its difference, written whole or not at all. No engine answers here."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from devkit.engine.connection import Endpoint
from devkit.engine.docker import Docker
from devkit.project.errors import FailedError, UsageError
from devkit.project.paths import ProjectPaths
from devkit.project.settings_file import read_settings
from devkit.setup.project import Project
from devkit.setup.settings_change import apply_change, one_setting, replace_broken, whole_file

pytestmark = pytest.mark.unit

TOML = '# ours\nschema = 1\n[project]\nname = "shop"\n\n[php]\nworkers = 2  # a small machine\n'


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    root = tmp_path / "shop"
    (root / ".devkit").mkdir(parents=True)
    (root / "devkit.toml").write_text(TOML)
    return opened(root)


def opened(root: Path) -> Project:
    nothing = Docker(Path("/nonexistent/docker"), Endpoint(f"unix://{root}/no.sock", "DOCKER_HOST"))
    return Project(ProjectPaths(root), read_settings(root / "devkit.toml"), nothing)


def waits(text: str) -> None:
    raise AssertionError(text)


def test_a_change_is_shown_first_and_comments_stay(project: Project) -> None:
    change = one_setting("php.workers", "8")(project)
    assert "-workers = 2  # a small machine" in change.difference
    assert "docker/Caddyfile" in {file.path for file in change.files}
    assert (project.paths.root / "devkit.toml").read_text() == TOML
    apply_change(project, one_setting("php.workers", "8"), change, on_wait=waits)
    text = (project.paths.root / "devkit.toml").read_text()
    assert "workers = 8  # a small machine" in text and text.startswith("# ours\n")
    assert "num 8" in (project.paths.root / "docker" / "Caddyfile").read_text()
    assert not one_setting("php.workers", "8")(opened(project.paths.root)).is_one


def test_what_was_changed_meanwhile_is_not_written_over(project: Project) -> None:
    plan = one_setting("php.workers", "8")
    change = plan(project)
    other = TOML.replace("workers = 2", "workers = 3")
    (project.paths.root / "devkit.toml").write_text(other)
    with pytest.raises(FailedError, match="changed meanwhile"):
        apply_change(project, plan, change, on_wait=waits)
    assert (project.paths.root / "devkit.toml").read_text() == other
    assert not (project.paths.root / "Dockerfile").exists()


def test_a_whole_text_is_written_as_the_person_wrote_it(project: Project) -> None:
    text = TOML + "\n# by hand\n[services]\nwith = [ 'queue' ]\n"
    plan = whole_file(text)
    apply_change(project, plan, plan(project), on_wait=waits)
    assert (project.paths.root / "devkit.toml").read_text() == text
    assert "queue:" in (project.paths.root / "compose.yaml").read_text()


@pytest.mark.parametrize("text", ["[php", "[php]\nworkers = 0\n", '[project]\nname = "x"\n[nope]\n'])
def test_a_broken_text_is_refused(project: Project, text: str) -> None:
    with pytest.raises(UsageError, match=r"devkit\.toml"):
        whole_file(text)(project)


def test_an_engine_is_not_needed(project: Project) -> None:
    with pytest.raises(OSError), socket.socket(socket.AF_UNIX) as client:
        client.connect(f"{project.paths.root}/no.sock")
    plan = one_setting("services.with", "mailpit")
    apply_change(project, plan, plan(project), on_wait=waits)
    assert read_settings(project.paths.settings).services == ("mailpit",)


def test_a_broken_file_is_replaced_by_one_that_can_be_read(project: Project) -> None:
    settings = project.paths.settings
    settings.write_text("[php\n")
    with pytest.raises(UsageError):
        replace_broken(project.paths, "[php\n", "[still\n", on_wait=waits)
    replace_broken(project.paths, "[php\n", TOML, on_wait=waits)
    assert settings.read_text() == TOML
    with pytest.raises(FailedError, match="changed meanwhile"):
        replace_broken(project.paths, "[php\n", TOML.replace("2", "3"), on_wait=waits)
    assert settings.read_text() == TOML
