"""Two directories never get the same project name."""

from __future__ import annotations

from pathlib import Path

import pytest

from devkit.project.paths import MachinePaths
from devkit.setup.known_projects import free_name, known_projects, remember_project

pytestmark = pytest.mark.unit


@pytest.fixture
def machine(tmp_path: Path) -> MachinePaths:
    return MachinePaths(tmp_path / "data", tmp_path / "cache", tmp_path / "state")


def project(directory: Path) -> Path:
    directory.mkdir(parents=True)
    (directory / "devkit.toml").touch()
    return directory


def test_a_second_directory_of_the_same_name_gets_a_number(machine: MachinePaths, tmp_path: Path) -> None:
    first = project(tmp_path / "a" / "shop")
    remember_project(machine, "shop", first)
    assert free_name(machine, "shop", first) == "shop"
    second = project(tmp_path / "b" / "shop")
    assert free_name(machine, "shop", second) == "shop-2"
    remember_project(machine, "shop-2", second)
    assert free_name(machine, "shop", tmp_path / "c" / "shop") == "shop-3"


def test_a_deleted_project_gives_its_name_back(machine: MachinePaths, tmp_path: Path) -> None:
    first = project(tmp_path / "a")
    remember_project(machine, "shop", first)
    (first / "devkit.toml").unlink()
    assert known_projects(machine) == {}
    assert free_name(machine, "shop", tmp_path / "b") == "shop"


def test_a_broken_file_counts_as_empty_and_is_mended(machine: MachinePaths, tmp_path: Path) -> None:
    machine.state.mkdir()
    (machine.state / "projects.json").write_text("{half")
    first = project(tmp_path / "a")
    assert known_projects(machine) == {}
    remember_project(machine, "shop", first)
    assert known_projects(machine) == {"shop": first}
