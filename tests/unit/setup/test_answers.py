"""Answers become settings: flags first, then devkit.toml, then what was detected."""

from __future__ import annotations

from pathlib import Path

import pytest

from devkit.project.errors import UsageError
from devkit.project.settings import Settings
from devkit.scaffold.adopt import Existing
from devkit.setup.answers import SETTING_KEYS, Answers, settings_from_answers, with_setting

pytestmark = pytest.mark.unit


def empty(directory: Path) -> Existing:
    return Existing(directory, "empty")


def test_a_new_application_gets_the_default_stack(tmp_path: Path) -> None:
    settings = settings_from_answers(Answers(tmp_path / "Mein Café"), empty(tmp_path))
    assert settings == Settings("mein-cafe")


def test_a_database_named_in_with_is_the_database(tmp_path: Path) -> None:
    answers = Answers(tmp_path / "a", services=("mysql", "redis", "queue"))
    settings = settings_from_answers(answers, empty(tmp_path))
    assert (settings.database, settings.services) == ("mysql", ("redis", "queue"))


def test_two_different_databases_are_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="two databases: mariadb and mysql"):
        settings_from_answers(Answers(tmp_path, database="mariadb", services=("mysql",)), empty(tmp_path))


def test_flags_win_over_the_settings_file_and_that_over_detection(tmp_path: Path) -> None:
    (tmp_path / "devkit.toml").write_text(
        '[project]\nname = "kept"\n[services]\ndatabase = "pgsql"\nwith = ["mailpit"]\n'
    )
    detected = Existing(tmp_path, "laravel", database="mysql", services=("redis",))
    settings = settings_from_answers(Answers(tmp_path, mode="classic"), detected)
    assert (settings.name, settings.database, settings.services) == ("kept", "pgsql", ("mailpit",))
    assert settings.php.mode == "classic"


def test_what_an_existing_application_shows_is_the_default(tmp_path: Path) -> None:
    existing = Existing(
        tmp_path,
        "laravel",
        php_version="8.3",
        php_extensions=("gmp",),
        node_version="22",
        package_manager="pnpm",
        database="mysql",
        services=("mysql", "redis", "mailpit"),
    )
    settings = settings_from_answers(Answers(tmp_path, name="shop"), existing)
    assert (settings.php.version, settings.php.extensions) == ("8.3", ("gmp",))
    assert (settings.node.version, settings.node.package_manager) == ("22", "pnpm")
    assert (settings.database, settings.services) == ("mysql", ("redis", "mailpit"))


def test_set_changes_any_setting() -> None:
    settings = Settings("shop")
    for key, value in (
        ("php.workers", "8"),
        ("php.extensions", "gmp, soap"),
        ("project.https", "yes"),
        ("ports.app", "8080"),
        ("services.with", "redis,queue"),
        ("node.package_manager", "bun"),
        ("commands.lint", "vendor/bin/pint"),
    ):
        settings = with_setting(settings, key, value)
    assert settings.php.workers == 8
    assert settings.php.extensions == ("gmp", "soap")
    assert settings.https
    assert settings.ports == {"app": 8080}
    assert settings.services == ("redis", "queue")
    assert settings.node.package_manager == "bun"
    assert settings.commands == {"lint": "vendor/bin/pint"}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("php.worker", "8"),
        ("php.workers", "many"),
        ("project.https", "perhaps"),
        ("ports.web", "80"),
        ("ports.app", "0"),
        ("nonsense", "1"),
        ("secrets.source", "vault"),
        ("services.database", "oracle"),
    ],
)
def test_a_setting_that_cannot_be_is_a_usage_error_with_a_hint(key: str, value: str) -> None:
    with pytest.raises(UsageError) as caught:
        with_setting(Settings("shop"), key, value)
    assert caught.value.hint


def test_every_setting_is_named_in_the_hint_for_an_unknown_one() -> None:
    with pytest.raises(UsageError) as caught:
        with_setting(Settings("shop"), "php.colour", "red")
    assert all(key in caught.value.hint for key in SETTING_KEYS)


def test_host_ports_that_env_names_are_kept_on_adoption(tmp_path: Path) -> None:
    env = {"APP_PORT": "8080", "FORWARD_DB_PORT": "33060", "FORWARD_MAILPIT_PORT": "1026", "VITE_PORT": "5174"}
    existing = Existing(tmp_path, "laravel", database="mysql", services=("mailpit",), env=env)
    settings = settings_from_answers(Answers(tmp_path, name="shop"), existing)
    assert settings.ports == {"app": 8080, "mysql": 33060, "smtp": 1026}
    assert settings_from_answers(Answers(tmp_path, name="shop", port=9000), existing).ports["app"] == 9000
    wrong = Existing(tmp_path, "laravel", database="mysql", env={"APP_PORT": "80a", "FORWARD_DB_PORT": "70000"})
    assert settings_from_answers(Answers(tmp_path, name="shop"), wrong).ports == {}
    settings_file = tmp_path / "devkit.toml"
    settings_file.write_text('[project]\nname = "shop"\n')
    assert settings_from_answers(Answers(tmp_path), existing).ports == {}
