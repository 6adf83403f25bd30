from __future__ import annotations

from pathlib import Path

import pytest
from command_line import devkit

pytestmark = pytest.mark.unit


def test_settings_are_read_where_there_is_no_docker(tmp_path: Path) -> None:
    (tmp_path / "devkit.toml").write_text('[project]\nname = "shop"\n[php]\nworkers = 2\n')
    nowhere = {"PATH": "/nonexistent", "XDG_DATA_HOME": str(tmp_path)}
    said = devkit("config", "get", "php.workers", cwd=tmp_path, **nowhere)
    assert (said.returncode, said.stdout) == (0, "2\n"), said.stderr
