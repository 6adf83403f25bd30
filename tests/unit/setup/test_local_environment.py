""".env as it is here, beside what the stack sets in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from devkit.engine.connection import Endpoint
from devkit.engine.docker import Docker
from devkit.project.errors import UsageError
from devkit.project.paths import ProjectPaths
from devkit.project.settings import Settings
from devkit.setup.local_environment import line_of, local_environment
from devkit.setup.project import Project

pytestmark = pytest.mark.unit


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "devkit.toml").write_text('schema = 1\n[project]\nname = "shop"\n[services]\ndatabase = "mysql"\n')
    return Project(
        ProjectPaths(tmp_path), Settings("shop"), Docker(Path("/nowhere"), Endpoint("unix:///no", "default"))
    )


def test_values_are_read_with_the_names_that_the_stack_sets_by_the_settings_of_now(project: Project) -> None:
    project.paths.env.write_text("APP_KEY=k\nDB_HOST=mysql\n")
    found = local_environment(project)
    assert found.exists
    assert found.values == {"APP_KEY": "k", "DB_HOST": "mysql"}
    assert {"DB_HOST", "DB_PASSWORD", "APP_URL"} <= found.stack
    assert not {"APP_KEY", "REDIS_HOST"} & found.stack


def test_settings_that_cannot_be_read_leave_those_that_were_known(project: Project) -> None:
    project.paths.settings.write_text("[project\n")
    assert "DB_HOST" not in local_environment(project).stack


def test_without_a_file_there_are_no_values(project: Project) -> None:
    found = local_environment(project)
    assert (found.exists, found.values) == (False, {})


def test_a_file_that_cannot_be_read_is_an_error_without_its_words(project: Project) -> None:
    project.paths.env.write_text("KEY='canary\n")
    with pytest.raises(UsageError) as caught:
        local_environment(project)
    assert "canary" not in str(caught.value)


def test_values_are_in_no_text_about_it_and_taken_out_of_others(project: Project) -> None:
    project.paths.env.write_text("STRIPE=canary-of-stripe\nAPP_NAME=Shop\n")
    found = local_environment(project)
    assert "canary" not in repr(found)
    assert found.masker.text("Shop said canary-of-stripe") == "Shop said ***STRIPE***"


def test_the_line_of_a_name_is_found_where_its_value_counts(tmp_path: Path) -> None:
    env = tmp_path / ".env"
    env.write_bytes(b'\xef\xbb\xbf# A=1\r\n\r\nA=1\r\nPEM="one\r\ntwo"\r\n\r\nA=2\r\n')
    assert (line_of(env, "A"), line_of(env, "PEM"), line_of(env, "B")) == (7, 4, None)
    assert line_of(tmp_path / "missing", "A") is None
