"""The values that the stack needs in .env: where services are, and random passwords that stay once made."""

from __future__ import annotations

import secrets

from devkit.project.paths import ProjectPaths
from devkit.project.settings import Settings
from devkit.scaffold.environment import environment_values, password_names
from devkit.secrets.dotenv import read_env, set_values
from devkit.setup.application import ensure_app_key, ensure_env_file, ensure_sqlite

_PASSWORD_BYTES = 18


def write_environment(paths: ProjectPaths, settings: Settings, url: str) -> bool:
    """Bring .env in line with the stack; True if it changed.

    What devkit does not set stays byte for byte; a password that is there is kept, for the database has it too.
    """
    ensure_env_file(paths)
    present = read_env(paths.env)
    passwords = {name: present.get(name) or secrets.token_urlsafe(_PASSWORD_BYTES) for name in password_names(settings)}
    changed = set_values(paths.env, environment_values(settings, passwords, url))
    changed = ensure_app_key(paths) or changed
    if settings.database == "sqlite":
        ensure_sqlite(paths)
    return changed


def environment_is_written(paths: ProjectPaths, settings: Settings, url: str) -> bool:
    """Whether .env says already what the stack needs."""
    if not paths.env.is_file():
        return False
    present = read_env(paths.env)
    if not present.get("APP_KEY") or not all(present.get(name) for name in password_names(settings)):
        return False
    if settings.database == "sqlite" and not (paths.root / "database" / "database.sqlite").exists():
        return not (paths.root / "database").is_dir()
    passwords = {name: present[name] for name in password_names(settings)}
    wanted = environment_values(settings, passwords, url)
    return all(present.get(name) == value for name, value in wanted.items())
