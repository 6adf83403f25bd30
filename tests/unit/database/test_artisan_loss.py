from __future__ import annotations

from pathlib import Path

import pytest

from devkit.database.artisan_loss import NamedLoss, named_loss
from devkit.laravel.artisan_words import Values
from devkit.laravel.catalogue import Command
from devkit.project.paths import ProjectPaths
from devkit.project.settings import Settings

pytestmark = pytest.mark.unit

MYSQL = "DB_CONNECTION=mysql\nDB_HOST=mysql\nDB_DATABASE=shop\nDB_PASSWORD=s3cret\n"


def loss(root: Path, env: str, name: str, values: Values) -> NamedLoss | None:
    (root / ".env").write_text(env)
    command = Command(name, "Do it", "", False, (), ())
    return named_loss(ProjectPaths(root), Settings("shop", database="mysql"), command, values)


def test_the_very_database_is_named_and_can_be_kept(tmp_path: Path) -> None:
    assert loss(tmp_path, MYSQL, "migrate:fresh", {}) == NamedLoss(
        "all tables of the MySQL database shop of the service mysql, with everything in them", True, ""
    )


def test_another_connection_cannot_be_kept(tmp_path: Path) -> None:
    assert loss(tmp_path, MYSQL, "db:wipe", {"--database": "reports"}) == NamedLoss(
        "all tables of the database connection reports, with everything in them", False, ""
    )


def test_an_environment_that_alarms_is_named(tmp_path: Path) -> None:
    found = loss(tmp_path, f"{MYSQL}APP_ENV=production\n", "down", {})
    assert found is not None
    assert (found.keeps, found.environment) == (False, "production")


def test_what_takes_nothing_away_is_none_also_without_an_env(tmp_path: Path) -> None:
    assert loss(tmp_path, MYSQL, "migrate", {}) is None
    command = Command("key:generate", "", "", False, (), ())
    assert named_loss(ProjectPaths(tmp_path / "nowhere"), Settings("shop"), command, {}) is None
