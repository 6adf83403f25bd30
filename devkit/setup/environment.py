"""The values that the stack needs in .env: where services are, and random passwords that stay once made."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from devkit.laravel.app_key import new_app_key
from devkit.project.env_file import read_with_commented
from devkit.project.files import write_atomically
from devkit.project.paths import ProjectPaths
from devkit.project.settings import Settings
from devkit.scaffold.environment import (
    DATABASE_NAMES,
    environment_values,
    foreign_names,
    is_nothing,
    misleading_names,
    password_names,
    unwanted_names,
)
from devkit.secrets.dotenv import begin_env, set_values
from devkit.setup.pulled import last_pull

_PASSWORD_BYTES = 18


def ensure_env_file(paths: ProjectPaths) -> None:
    """.env from .env.example where there is none (as Laravel's own installer does)."""
    if not paths.env.exists():
        example = paths.root / ".env.example"
        begin_env(paths.env, example.read_bytes() if example.is_file() else b"")


def write_environment(paths: ProjectPaths, settings: Settings, url: str, ports: Mapping[str, int]) -> bool:
    """Bring .env in line with the stack, in one change (.env.previous is the person's); True if it changed.

    What devkit does not set stays byte for byte; a password that is there is kept, for the database has it too. Lines
    that speak of servers elsewhere stay as comments.
    """
    ensure_env_file(paths)
    written = read_written(paths)
    values = _values(settings, url, ports, written.present)
    foreign = foreign_names(settings, written.present) & values.keys()
    changed = set_values(paths.env, values, comment_out={*foreign, *_unwanted(paths, settings, written.values)})
    if settings.database == "sqlite":
        _ensure_sqlite(paths)
    return changed


def environment_is_written(paths: ProjectPaths, settings: Settings, url: str, ports: Mapping[str, int]) -> bool:
    """Whether .env says already what the stack needs."""
    if not paths.env.is_file():
        return False
    read = read_written(paths)
    written, present = read.values, read.present
    passwords = _passwords(settings, written)
    if _unwanted(paths, settings, written):
        return False
    if not present.get("APP_KEY") or not all(name in passwords for name in password_names(settings)):
        return False
    if settings.database == "sqlite" and not (paths.root / "database" / "database.sqlite").exists():
        return not (paths.root / "database").is_dir()
    wanted = environment_values(settings, passwords, url, ports, present)
    return all(written.get(name) == value for name, value in wanted.items())


@dataclass(frozen=True)
class Written:
    """.env as it was read once: `values`, and in `present` what it said besides of a database, now commented out."""

    values: Mapping[str, str] = field(repr=False)
    present: Mapping[str, str] = field(repr=False)


def read_written(paths: ProjectPaths) -> Written:
    """.env as it is now. A database's volume was made with names and a password that may be commented out meanwhile."""
    values, commented = read_with_commented(paths.env)
    return Written(values, {name: commented[name] for name in DATABASE_NAMES if commented.get(name)} | values)


def values_with(
    written: Written, settings: Settings, url: str, ports: Mapping[str, int], remote: Mapping[str, str]
) -> dict[str, str]:
    """What .env gets of secrets that were fetched (`remote`), brought in line with the stack of this machine.

    Where services are, and a password that a volume was made with, stay as they are here.
    """
    local = written.present
    stack = environment_values(settings, dict.fromkeys(password_names(settings), ""), url, ports, {**local, **remote})
    kept = {**remote, **local, **{name: value for name, value in remote.items() if name not in stack}}
    misleading = misleading_names(settings, remote)
    taken = {name: value for name, value in remote.items() if name not in misleading}
    return {**taken, **_values(settings, url, ports, kept)}


def silenced_with(
    written: Written,
    paths: ProjectPaths,
    settings: Settings,
    values: Mapping[str, str],
    remote: Mapping[str, str],
) -> set[str]:
    """What becomes a comment when .env gets `values`, made of what was fetched (`remote`): as `write_environment` does.

    So it is one change, and .env.previous is still what a person had.
    """
    foreign = foreign_names(settings, written.present) & values.keys()
    harmless = remote.keys() - set(misleading_names(settings, {**written.present, **remote}))
    return {*foreign, *(_unwanted(paths, settings, written.values) - harmless)}


def _ensure_sqlite(paths: ProjectPaths) -> None:
    """database/database.sqlite, empty, where it is missing."""
    path = paths.root / "database" / "database.sqlite"
    if path.parent.is_dir() and not path.exists():
        write_atomically(path, b"")


def _values(settings: Settings, url: str, ports: Mapping[str, int], present: Mapping[str, str]) -> dict[str, str]:
    """What the stack sets; a password or a key that is not present is made."""
    passwords = _passwords(settings, present)
    for name in password_names(settings):
        passwords.setdefault(name, secrets.token_urlsafe(_PASSWORD_BYTES))
    values = environment_values(settings, passwords, url, ports, present)
    if not present.get("APP_KEY"):
        values["APP_KEY"] = new_app_key()
    return values


def _unwanted(paths: ProjectPaths, settings: Settings, present: Mapping[str, str]) -> set[str]:
    """What is commented out; what secrets bring along and does no harm stays, or each pull would bring it back."""
    pulled = last_pull(paths)
    harmless = (pulled.names if pulled else frozenset()) - set(misleading_names(settings, present))
    return set(unwanted_names(settings, present)) - harmless


def _passwords(settings: Settings, present: Mapping[str, str]) -> dict[str, str]:
    """The passwords that .env has for the stack's own services; Laravel reads `null` and `(empty)` as none."""
    foreign = foreign_names(settings, present)
    found = {name: present.get(name, "") for name in password_names(settings) if name not in foreign}
    return {name: value for name, value in found.items() if not is_nothing(value)}
