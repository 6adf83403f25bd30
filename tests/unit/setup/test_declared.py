"""Declared services, remembered."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from devkit.engine.compose_order import Declared
from devkit.project.paths import ProjectPaths
from devkit.setup.declared import declared_services_of

pytestmark = pytest.mark.unit


@pytest.fixture
def paths(tmp_path: Path) -> ProjectPaths:
    (tmp_path / ".devkit").mkdir()
    (tmp_path / "compose.yaml").write_text("services: {app: {image: app}, debug: {profiles: [tools]}}\n")
    return ProjectPaths(tmp_path)


def test_they_are_the_same_the_second_time_and_no_yaml_is_loaded_for_it(paths: ProjectPaths) -> None:
    first = declared_services_of(paths)
    assert first == (Declared("app"), Declared("debug", ("tools",)))
    asked = (
        "import sys; from pathlib import Path; from devkit.project.paths import ProjectPaths;"
        "from devkit.setup.declared import declared_services_of;"
        "print(declared_services_of(ProjectPaths(Path(sys.argv[1]))), 'yaml' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", asked, paths.root], capture_output=True, text=True, check=True)
    assert done.stdout == f"{first} False\n"


def test_a_change_of_any_of_the_files_is_seen(paths: ProjectPaths) -> None:
    declared_services_of(paths)
    (paths.root / "compose.override.yaml").write_text("services: {own: {image: own}}\n")
    assert Declared("own") in declared_services_of(paths)
    (paths.root / "compose.override.yaml").unlink()
    assert Declared("own") not in declared_services_of(paths)
    os.utime(paths.root / "compose.yaml", ns=(1, 1))
    assert declared_services_of(paths)[0] == Declared("app")


@pytest.mark.parametrize("kept", ["", "[]", "{}", '{"files": {}, "services": [[]]}', '{"files": [], "services": 1}'])
def test_what_was_kept_may_be_broken(paths: ProjectPaths, kept: str) -> None:
    (paths.state / "services.json").write_text(kept)
    assert declared_services_of(paths)[0] == Declared("app")
    assert json.loads((paths.state / "services.json").read_text())["services"][0] == ["app", []]
