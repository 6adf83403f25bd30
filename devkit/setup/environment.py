"""The values that the stack needs in .env: where services are, and random passwords that stay once made."""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from devkit.laravel.app_key import new_app_key
from devkit.project.env_file import read_commented, read_env
from devkit.project.paths import ProjectPaths
from devkit.project.settings import Settings
from devkit.scaffold.environment import (
    DATABASE_NAMES,
    environment_values,
    foreign_names,
    is_nothing,
    password_names,
    unwanted_names,
)
from devkit.secrets.dotenv import set_values
from devkit.setup.application import ensure_env_file, ensure_sqlite

_PASSWORD_BYTES = 18


def write_environment(paths: ProjectPaths, settings: Settings, url: str, ports: Mapping[str, int]) -> bool:
    """Bring .env in line with the stack, in one change (.env.previous is the person's); True if it changed.

    What devkit does not set stays byte for byte; a password that is there is kept, for the database has it too. Lines
    that speak of servers elsewhere stay as comments.
    """
    ensure_env_file(paths)
    present = _present(paths)
    passwords = _passwords(settings, present)
    for name in password_names(settings):
        passwords.setdefault(name, secrets.token_urlsafe(_PASSWORD_BYTES))
    values = environment_values(settings, passwords, url, ports, present)
    if not present.get("APP_KEY"):
        values["APP_KEY"] = new_app_key()
    foreign = foreign_names(settings, present) & values.keys()
    changed = set_values(paths.env, values, comment_out={*foreign, *unwanted_names(settings, read_env(paths.env))})
    if settings.database == "sqlite":
        ensure_sqlite(paths)
    return changed


def environment_is_written(paths: ProjectPaths, settings: Settings, url: str, ports: Mapping[str, int]) -> bool:
    """Whether .env says already what the stack needs."""
    if not paths.env.is_file():
        return False
    written, present = read_env(paths.env), _present(paths)
    passwords = _passwords(settings, written)
    if unwanted_names(settings, written):
        return False
    if not present.get("APP_KEY") or not all(name in passwords for name in password_names(settings)):
        return False
    if settings.database == "sqlite" and not (paths.root / "database" / "database.sqlite").exists():
        return not (paths.root / "database").is_dir()
    wanted = environment_values(settings, passwords, url, ports, present)
    return all(written.get(name) == value for name, value in wanted.items())


def _present(paths: ProjectPaths) -> dict[str, str]:
    """What .env says, and what it said of a database that was commented out: its volume was made with that."""
    commented = read_commented(paths.env)
    return {name: commented[name] for name in DATABASE_NAMES if commented.get(name)} | read_env(paths.env)


def _passwords(settings: Settings, present: Mapping[str, str]) -> dict[str, str]:
    """The passwords that .env has for the stack's own services; Laravel reads `null` and `(empty)` as none."""
    foreign = foreign_names(settings, present)
    found = {name: present.get(name, "") for name in password_names(settings) if name not in foreign}
    return {name: value for name, value in found.items() if not is_nothing(value)}
