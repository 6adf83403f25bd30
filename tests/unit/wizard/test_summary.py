from __future__ import annotations

from pathlib import Path

import pytest
from laravel_application import laravel

from devkit.project.settings import Settings
from devkit.project.settings_file import write_settings
from devkit.setup.answers import Answers
from devkit.setup.first_run import plan_first_run
from devkit.wizard.summary import differences, summary

pytestmark = pytest.mark.unit


def test_every_file_and_command_of_the_plan_is_shown(tmp_path: Path) -> None:
    plan = plan_first_run(Answers(tmp_path, database="mysql", services=("redis", "mailpit"), images="local"))
    text = summary(plan, width=100)
    assert "a new Laravel app" in text and "MySQL" in text and "Redis, Mailpit" in text
    own = ("devkit.toml", ".env", "compose.override.yaml")
    for shown in (*(file.path for file in plan.files), *own, *plan.commands, *(base.name for base in plan.bases())):
        assert shown in text


def test_an_adopted_apps_makefile_stands_beside_the_devkit_commands(tmp_path: Path) -> None:
    (laravel(tmp_path) / "Makefile").write_text("up:\n\tdocker compose up -d\ndown:\n\tdocker compose down\n")
    text = summary(plan_first_run(Answers(tmp_path, images="local")), width=100)
    assert "adopts the Laravel app" in text
    assert "make up           devkit up" in text
    assert "make down         devkit down" in text


def test_a_narrow_terminal_gets_narrow_lines_and_whole_names(tmp_path: Path) -> None:
    plan = plan_first_run(Answers(tmp_path, images="local"))
    text = summary(plan, width=30)
    for file in plan.files:
        assert file.path in text


def test_differences_show_what_changes_in_files_that_are_there(tmp_path: Path) -> None:
    (laravel(tmp_path) / "compose.yaml").write_text("services:\n  web:\n    image: nginx\n")
    plan = plan_first_run(Answers(tmp_path, images="local"))
    assert "compose.yaml" in differences(plan)
    assert (tmp_path / "compose.yaml").read_text().startswith("services:\n  web:")


def test_where_nothing_is_there_nothing_differs(tmp_path: Path) -> None:
    assert differences(plan_first_run(Answers(tmp_path, images="local"))) == ""


def test_what_is_renamed_or_replaced_is_said_with_the_name_that_it_keeps(tmp_path: Path) -> None:
    (laravel(tmp_path) / "docker-compose.yml").write_text("services:\n  web:\n    image: nginx\n")
    (tmp_path / "docker-compose.yml.before-devkit").write_text("an older one\n")
    (tmp_path / "Dockerfile").write_text("FROM my-own-base\n")
    (tmp_path / ".env").write_text("APP_NAME=Shop\n")
    plan = plan_first_run(Answers(tmp_path, images="local"))
    text = summary(plan, width=100)
    assert "renamed docker-compose.yml to docker-compose.yml.before-devkit.2" in " ".join(text.split())
    assert "replaced Dockerfile (yours stays as Dockerfile.before-devkit)" in text
    assert "merged .env" in " ".join(text.split())
    result = plan.to_result().to_json()
    assert {"path": "Dockerfile", "status": "planned", "backup": "Dockerfile.before-devkit"} in result["files"]
    assert result["renamed"] == [{"path": "docker-compose.yml", "to": "docker-compose.yml.before-devkit.2"}]


def test_a_change_of_settings_is_among_the_differences(tmp_path: Path) -> None:
    write_settings(tmp_path / "devkit.toml", Settings("shop"))
    assert differences(plan_first_run(Answers(tmp_path, images="local"))) == ""
    text = differences(plan_first_run(Answers(tmp_path, mode="classic", images="local")))
    assert '-mode = "worker"\n+mode = "classic"' in text


def test_where_secrets_will_come_from_is_said(tmp_path: Path) -> None:
    assert "secrets from this machine: .env with random keys" in summary(
        plan_first_run(Answers(tmp_path, images="local"))
    )
    doppler = Answers(tmp_path, doppler=True, doppler_project="shop", doppler_config="dev", images="local")
    assert "secrets from Doppler, shop/dev" in summary(plan_first_run(doppler))
