"""The application's migrations: run, and known to be run as long as neither the sources nor the database changed."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from devkit.engine.docker import last_line
from devkit.project.env_file import read_env
from devkit.project.errors import CommandError, FailedError
from devkit.project.paths import ProjectPaths
from devkit.project.services import APP
from devkit.project.state import remember
from devkit.setup.project import Project
from devkit.setup.stack import OnLine

_STAMP = "migrated.sha256"
_LEFT_OUT = ("vendor", "storage", "bootstrap/cache")
_SUFFIXES = (".php", ".sql")
_FILES = (".env", "composer.lock", "vendor/composer/installed.json")
_DATABASE = "database/database.sqlite"
_WAL_MODE = 2
_SECONDS = 0.2


def run_migrations(project: Project, on_line: OnLine) -> None:
    """`artisan migrate --force` in the application's container; FailedError with artisan's last line."""
    sources = _sources(project.paths.root)
    app = next((state.container for state in project.compose.services((APP,)) if state.name == APP), "") or APP
    try:
        # half as long as `docker compose exec`
        result = project.docker.run("exec", app, "php", "artisan", "migrate", "--force", "--no-ansi")
    except CommandError as error:
        raise FailedError(
            f"the migrations failed: {last_line(error.detail) or error.message}",
            "mend the migration, then run: devkit up",
            detail=error.detail,
        ) from error
    for line in result.stdout.decode(errors="replace").splitlines():
        if line.strip():
            on_line(line.strip())
    if database := _database(project):
        remember(project.paths, _STAMP, f"{sources} {database}\n")


def is_migrated(project: Project) -> bool:
    """Whether nothing that could hold a migration changed since they were run, and the database says still the same.

    Only SQLite's file can be asked without starting PHP or a client; other databases are always migrated.
    """
    try:
        stamp = (project.paths.state / _STAMP).read_text(encoding="ascii")
    except (OSError, ValueError):
        return False
    database = _database(project)
    return database is not None and stamp == f"{_sources(project.paths.root)} {database}\n"


def _sources(root: Path) -> str:
    """A digest of when every PHP and SQL file of the project was changed: a migration may stand anywhere.

    Packages bring migrations, too; they change with Composer's own files.
    """
    digest = hashlib.sha256()
    for path, status in sorted(_files(root)):
        digest.update(f"{path}\0{status}\0".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def _files(root: Path) -> Iterator[tuple[str, str]]:
    for name in _FILES:
        if (root / name).is_file():
            yield name, _changed((root / name).stat())
    left_out = {str(root / name) for name in _LEFT_OUT}
    waiting = [str(root)]
    while waiting:
        # What this user may not read (a database's data) or what has just gone holds no migration of the project.
        with suppress(PermissionError, FileNotFoundError), os.scandir(waiting.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    if entry.path not in left_out and entry.name != "node_modules" and entry.name[0] != ".":
                        waiting.append(entry.path)
                elif entry.name.endswith(_SUFFIXES) and entry.is_file():
                    yield entry.path, _changed(entry.stat())


def _changed(status: os.stat_result) -> str:
    return f"{status.st_ino} {status.st_size} {status.st_mtime_ns}"


def _database(project: Project) -> str | None:
    """What SQLite's file says of the migrations that were run; None where another file or database is meant."""
    if project.settings.database != "sqlite" or not _is_default(project.paths):
        return None
    rows = _rows(project.paths.root / _DATABASE)
    return hashlib.sha256(repr(rows).encode()).hexdigest() if rows else None


def _is_default(paths: ProjectPaths) -> bool:
    try:
        env = read_env(paths.env)
    except OSError:
        return False
    return env.get("DB_CONNECTION", "sqlite") == "sqlite" and not env.get("DB_DATABASE") and not env.get("DB_URL")


def _rows(path: Path) -> list[tuple[str, int]]:
    """The table of migrations; empty where it cannot be read just now, or must not be touched from outside."""
    try:
        import sqlite3
    except ImportError:  # a Python without it
        return []
    try:
        with path.open("rb") as stream:
            header = stream.read(20)
        if len(header) < 20 or header[18] == _WAL_MODE:  # a reader would make files beside it that are not the app's
            return []
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=_SECONDS)
        try:
            return connection.execute("select migration, batch from migrations order by id").fetchall()
        finally:
            connection.close()
    except (OSError, sqlite3.Error):
        return []
