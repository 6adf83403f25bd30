from __future__ import annotations

from pathlib import Path

import pytest

from devkit.project.paths import ProjectPaths
from devkit.project.state import remember

pytestmark = pytest.mark.unit


def test_what_is_remembered_makes_its_directory_where_that_was_deleted(tmp_path: Path) -> None:
    paths = ProjectPaths(tmp_path)
    assert remember(paths, "ports.json", "{}\n").read_text() == "{}\n"
    remember(paths, "ports.json", "[]\n")
    assert [(path.name, path.read_text()) for path in paths.state.iterdir()] == [("ports.json", "[]\n")]
    owners = {(status.st_uid, status.st_gid) for status in (tmp_path.stat(), paths.state.stat())}
    assert len(owners) == 1
