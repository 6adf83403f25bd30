"""Which database a command of the application would work on, named for a person who is asked about it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

from devkit.database.account import TITLES, read_account, sqlite_file
from devkit.project.env_file import read_env
from devkit.project.errors import DevkitError
from devkit.project.paths import ProjectPaths
from devkit.project.settings import Settings


@dataclass(frozen=True)
class InUse:
    """A database by its name and place, without account or password; `kept` says that `devkit db snapshot` keeps it."""

    title: str
    kept: bool


def database_in_use(paths: ProjectPaths, settings: Settings, *, connection: str = "", environment: str = "") -> InUse:
    """The database behind `--database=CONNECTION` and `--env=ENVIRONMENT`; without them the application's own."""
    named = paths.env.with_name(f"{paths.env.name}.{environment}")
    if environment and named.is_file():
        values = _values(paths, named.name)
        return InUse(f"{_by_values(values, connection)}, as {named.name} says", kept=False)
    values = _values(paths, paths.env.name)
    if connection and connection != values.get("DB_CONNECTION", settings.database):
        return InUse(f"the database connection {connection}", kept=False)
    try:
        return InUse(_own(paths, settings), kept=True)
    except DevkitError:
        return InUse(f"{_by_values(values, connection)}, which is not this project's own", kept=False)


def _own(paths: ProjectPaths, settings: Settings) -> str:
    engine = settings.database
    if engine == "sqlite":
        file = sqlite_file(paths, settings)
        return f"the SQLite database {file.relative_to(paths.root) if file.is_relative_to(paths.root) else file}"
    return f"the {TITLES[engine]} database {read_account(paths, settings).database} of the service {engine}"


def _by_values(values: Mapping[str, str], connection: str) -> str:
    name, host = values.get("DB_DATABASE", ""), values.get("DB_HOST", "")
    if url := values.get("DB_URL", ""):
        with suppress(ValueError):  # it is shown only as far as it can be taken apart: a password may stand in it
            parts = urlsplit(url)
            name, host = parts.path.lstrip("/"), parts.hostname or ""
    kind = connection or values.get("DB_CONNECTION", "")
    said = " ".join(filter(None, ("the database", name, f"at {host}" if host else "")))
    return f"{said} (connection {kind})" if kind else said


def _values(paths: ProjectPaths, name: str) -> dict[str, str]:
    with suppress(DevkitError, OSError):
        return read_env(paths.root / name)
    return {}
