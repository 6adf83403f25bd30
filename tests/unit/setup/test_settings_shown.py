from __future__ import annotations

from pathlib import Path

import pytest

from devkit.project.paths import ProjectPaths
from devkit.setup.settings_shown import settings_list

pytestmark = pytest.mark.unit


@pytest.fixture
def project(tmp_path: Path) -> ProjectPaths:
    (tmp_path / "devkit.toml").write_text('[project]\nname = "shop"\n[php]\nworkers = 2\n')
    return ProjectPaths(tmp_path)


def test_each_setting_says_whether_the_file_names_it(project: ProjectPaths) -> None:
    shown = {one.key: (one.value, one.source) for one in settings_list(project)}
    assert shown["php.workers"] == (2, "devkit.toml")
    assert shown["php.mode"] == ("worker", "default")
