"""Which database the application uses, as its .env says, and whether that is this project's own service."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from devkit.laravel.mounts import PROJECT_IN_CONTAINER
from devkit.project.env_file import read_env
from devkit.project.errors import FailedError, UsageError
from devkit.project.paths import ProjectPaths
from devkit.project.settings import Settings

TITLES = {"sqlite": "SQLite", "mysql": "MySQL", "mariadb": "MariaDB", "pgsql": "PostgreSQL"}
"""The engines' names for people, by the names that the settings use."""

_DRIVERS = {"sqlite": ("sqlite",), "mysql": ("mysql", "mariadb"), "mariadb": ("mariadb", "mysql"), "pgsql": ("pgsql",)}
_NOTHING = ("", "null", "(null)", "empty", "(empty)")  # what Laravel reads as no value


@dataclass(frozen=True)
class Account:
    """The database on the server, and the application's user there."""

    database: str
    user: str
    password: str = field(repr=False)


def read_account(paths: ProjectPaths, settings: Settings) -> Account:
    """The application's account; UsageError where .env names another database than the project's service."""
    values = _environment(paths, settings)
    host = values.get("DB_HOST", "")
    if host not in ("", settings.database):
        raise UsageError(
            f".env names a database at {host} (DB_HOST), not this project's service {settings.database}",
            f"devkit db works on the service alone; set DB_HOST={settings.database}, or use that database's own tools",
        )
    account = Account(
        values.get("DB_DATABASE") or "laravel", values.get("DB_USERNAME") or "laravel", values.get("DB_PASSWORD", "")
    )
    if not account.password:
        raise UsageError("DB_PASSWORD is missing in .env", "devkit up writes it")
    return account


def sqlite_file(paths: ProjectPaths, settings: Settings) -> Path:
    """The SQLite file on this machine; UsageError where .env names one that is not in the project."""
    named = _environment(paths, settings).get("DB_DATABASE") or "database/database.sqlite"
    inside = PurePosixPath(named)
    if inside.is_relative_to(PROJECT_IN_CONTAINER):
        file = paths.root / inside.relative_to(PROJECT_IN_CONTAINER)
    else:
        file = paths.root / named  # what is not absolute is below the application, as Laravel has it
    if named == ":memory:" or not file.resolve().is_relative_to(paths.root.resolve()):
        raise UsageError(
            f"the SQLite database {named} (DB_DATABASE in .env) is not a file of this project",
            "leave DB_DATABASE out for database/database.sqlite, or name a file in the project",
        )
    return file


def _environment(paths: ProjectPaths, settings: Settings) -> dict[str, str]:
    """The values of .env that count here, none of them Laravel's words for nothing."""
    if not paths.env.is_file():
        raise FailedError("there is no .env to say which database the application uses", "devkit up writes it")
    found = {name: value for name, value in read_env(paths.env).items() if value.lower() not in _NOTHING}
    driver = found.get("DB_CONNECTION", "sqlite")
    if driver not in _DRIVERS[settings.database]:
        raise UsageError(
            f".env uses the database connection {driver!r} (DB_CONNECTION), this project has {settings.database}",
            f"set DB_CONNECTION={settings.database} in .env, or: devkit config set services.database {driver}",
        )
    if "DB_URL" in found:
        raise UsageError(
            "DB_URL in .env overrides which database the application uses",
            "devkit db works on the project's own; take DB_URL out, or use that database's own tools",
        )
    return found
