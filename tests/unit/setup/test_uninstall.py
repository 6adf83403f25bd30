from __future__ import annotations

import sys
from pathlib import Path

import pytest

from devkit.project.paths import MachinePaths
from devkit.setup.known_projects import forget_project, known_projects, remember_project
from devkit.setup.uninstall import MARK, installation, uninstall

pytestmark = pytest.mark.unit


def installed(machine: MachinePaths, home: Path) -> None:
    for directory in (machine.data / "venv" / "bin", machine.engine, machine.cache, machine.state, home / ".local/bin"):
        directory.mkdir(parents=True)
    (home / ".local/bin/devkit").write_text(f"#!/bin/sh\n# {MARK}\n")


def test_quickstart_writes_the_mark_that_the_launcher_is_known_by() -> None:
    quickstart = Path(__file__).parents[3] / "quickstart.py"
    assert f'MARK = "{MARK}"' in quickstart.read_text()


def test_environment_launcher_caches_and_memory_go_and_engine_and_projects_stay(
    machine_paths: MachinePaths, tmp_path: Path
) -> None:
    home, project = tmp_path / "home", tmp_path / "shop"
    installed(machine_paths, home)
    project.mkdir()
    (project / "devkit.toml").touch()
    remember_project(machine_paths, "shop", project)
    found = installation(machine_paths, home=home, prefix=machine_paths.data / "venv")
    assert set(found.removed) == {
        machine_paths.data / "venv",
        home / ".local/bin/devkit",
        machine_paths.cache,
        machine_paths.state,
    }
    assert found.command == ""
    assert any("1 of them" in text for text in found.stays) and any(str(machine_paths.engine) in t for t in found.stays)
    uninstall(machine_paths, found)
    assert not any(path.exists() for path in found.removed)
    assert machine_paths.engine.is_dir() and (project / "devkit.toml").is_file()


def test_what_somebody_else_installed_is_left_to_them(machine_paths: MachinePaths, tmp_path: Path) -> None:
    (tmp_path / ".local/bin").mkdir(parents=True)
    (tmp_path / ".local/bin/devkit").write_text("#!/bin/sh\n# by hand\n")
    found = installation(machine_paths, home=tmp_path, prefix=Path("/home/me/.local/pipx/venvs/devkit"))
    assert found.removed == ()
    assert found.command == "pipx uninstall devkit"
    tool = installation(machine_paths, home=tmp_path, prefix=Path("/home/me/.local/share/uv/tools/devkit"))
    assert tool.command == "uv tool uninstall devkit"
    assert "pip uninstall" in installation(machine_paths, home=tmp_path, prefix=Path(sys.prefix)).command


def test_a_forgotten_projects_name_is_free_again(machine_paths: MachinePaths, tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "devkit.toml").touch()
        remember_project(machine_paths, name, tmp_path / name)
    forget_project(machine_paths, "one")
    forget_project(machine_paths, "never-there")
    assert known_projects(machine_paths) == {"two": tmp_path / "two"}
