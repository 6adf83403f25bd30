from __future__ import annotations

from pathlib import Path

import pytest

from devkit.project.errors import UsageError
from devkit.setup.answers import Answers
from devkit.setup.first_run import plan_first_run

pytestmark = pytest.mark.unit


@pytest.fixture
def laravel(tmp_path: Path) -> Path:
    """A directory with just enough of a Laravel application to be adopted."""
    app = tmp_path / "shop"
    app.mkdir()
    (app / "artisan").write_text("#!/usr/bin/env php\n")
    (app / "composer.json").write_text('{"require": {"laravel/framework": "^13.0"}}\n')
    return app


@pytest.mark.parametrize("name", [".env", "devkit.toml", "compose.override.yaml", "docker", ".devkit"])
def test_what_stands_in_the_way_of_any_file_is_refused_before_the_first_is_written(laravel: Path, name: str) -> None:
    if name in ("docker", ".devkit"):
        (laravel / name).write_text("a file\n")
    else:
        (laravel / name).mkdir()
    before = sorted(laravel.rglob("*"))
    with pytest.raises(UsageError, match=name):
        plan_first_run(Answers(laravel, images="local"))
    assert sorted(laravel.rglob("*")) == before
