"""Passwords are made once, and what Laravel takes for nothing is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from devkit.project.paths import ProjectPaths
from devkit.project.settings import Settings
from devkit.secrets.dotenv import read_env
from devkit.setup.environment import environment_is_written, write_environment

pytestmark = pytest.mark.unit

URL = "http://localhost:8000"
STACK = Settings("shop", database="mysql", services=("redis",))


@pytest.fixture
def project(tmp_path: Path) -> ProjectPaths:
    (tmp_path / ".env.example").write_text("APP_KEY=\nMINE=kept # ours\nDB_PASSWORD=\nREDIS_PASSWORD=null\n")
    return ProjectPaths(tmp_path)


def test_a_password_of_null_is_replaced_by_a_random_one(project: ProjectPaths) -> None:
    assert write_environment(project, STACK, URL, {})
    values = read_env(project.env)
    assert len(values["REDIS_PASSWORD"]) >= 20
    assert values["REDIS_PASSWORD"] != values["DB_PASSWORD"]
    assert "MINE=kept # ours" in project.env.read_text()
    assert project.env.stat().st_mode & 0o777 == 0o600


def test_a_second_time_changes_nothing(project: ProjectPaths) -> None:
    write_environment(project, STACK, URL, {})
    before = project.env.read_bytes()
    assert environment_is_written(project, STACK, URL, {})
    assert not write_environment(project, STACK, URL, {})
    assert project.env.read_bytes() == before


def test_another_database_keeps_the_passwords_that_are_there(project: ProjectPaths) -> None:
    write_environment(project, STACK, URL, {})
    before = read_env(project.env)
    assert not environment_is_written(project, STACK.with_(database="pgsql"), URL, {})
    write_environment(project, STACK.with_(database="pgsql"), URL, {})
    after = read_env(project.env)
    assert after["DB_CONNECTION"] == "pgsql"
    assert (after["DB_PASSWORD"], after["APP_KEY"]) == (before["DB_PASSWORD"], before["APP_KEY"])
