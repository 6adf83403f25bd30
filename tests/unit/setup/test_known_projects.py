"""Two directories never get the same project name."""

from __future__ import annotations

from pathlib import Path

import pytest

from devkit.project.errors import FailedError, UsageError
from devkit.project.paths import MachinePaths
from devkit.setup.known_projects import free_name, known_projects, named, refuse_name_of_another

pytestmark = pytest.mark.unit


@pytest.fixture
def machine(tmp_path: Path) -> MachinePaths:
    return MachinePaths(tmp_path / "data", tmp_path / "cache", tmp_path / "state")


def project(machine: MachinePaths, name: str, directory: Path) -> Path:
    """A directory that became a project."""
    directory.mkdir(parents=True)
    with named(machine, name, directory):
        (directory / "devkit.toml").touch()
    return directory


def test_a_second_directory_of_the_same_name_gets_a_number(machine: MachinePaths, tmp_path: Path) -> None:
    first = project(machine, "shop", tmp_path / "a" / "shop")
    assert free_name(machine, "shop", first) == "shop"
    second = tmp_path / "b" / "shop"
    assert free_name(machine, "shop", second) == "shop-2"
    project(machine, "shop-2", second)
    assert free_name(machine, "shop", tmp_path / "c" / "shop") == "shop-3"


def test_a_deleted_project_gives_its_name_back(machine: MachinePaths, tmp_path: Path) -> None:
    first = project(machine, "shop", tmp_path / "a")
    (first / "devkit.toml").unlink()
    assert known_projects(machine) == {}
    assert free_name(machine, "shop", tmp_path / "b") == "shop"


def test_a_broken_file_counts_as_empty_and_is_mended(machine: MachinePaths, tmp_path: Path) -> None:
    machine.state.mkdir()
    (machine.state / "projects.json").write_text("{half")
    assert known_projects(machine) == {}
    first = project(machine, "shop", tmp_path / "a")
    assert known_projects(machine) == {"shop": first}


def test_a_name_that_another_first_run_took_meanwhile_is_not_taken_twice(machine: MachinePaths, tmp_path: Path) -> None:
    first, second = tmp_path / "a" / "shop", tmp_path / "b" / "shop"
    assert free_name(machine, "shop", first) == free_name(machine, "shop", second) == "shop"
    project(machine, "shop", first)
    with pytest.raises(FailedError, match="became the project shop"):
        project(machine, "shop", second)
    assert not (second / "devkit.toml").exists()
    assert free_name(machine, "shop", second) == "shop-2"


def test_a_copy_of_a_project_keeps_its_name(machine: MachinePaths, tmp_path: Path) -> None:
    project(machine, "shop", tmp_path / "a")
    copy = tmp_path / "copy"
    copy.mkdir()
    (copy / "devkit.toml").touch()
    with named(machine, "shop", copy):
        pass
    assert known_projects(machine) == {"shop": copy}


def test_a_second_directory_with_the_name_in_its_devkit_toml_is_refused(machine: MachinePaths, tmp_path: Path) -> None:
    first = project(machine, "shop", tmp_path / "a")
    (first / "devkit.toml").write_text('[project]\nname = "shop"\n')
    refuse_name_of_another(machine, "shop", first)
    with pytest.raises(UsageError, match="is the project shop too") as caught:
        refuse_name_of_another(machine, "shop", tmp_path / "b")
    assert 'name = "shop-2"' in caught.value.hint


def test_a_project_that_took_another_name_is_in_nobodys_way(machine: MachinePaths, tmp_path: Path) -> None:
    first = project(machine, "shop", tmp_path / "a")
    (first / "devkit.toml").write_text('[project]\nname = "store"\n')
    refuse_name_of_another(machine, "shop", tmp_path / "b")
