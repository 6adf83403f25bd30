"""The database of builds: its tables, and how a file of an older devkit becomes one of this."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from devkit.project.errors import FailedError

if TYPE_CHECKING:
    import sqlite3

BUSY_SECONDS = 10.0
"""How long a build that ends waits for another one's to be written."""

_BUILDS = """
CREATE TABLE builds (
    id TEXT PRIMARY KEY,
    project TEXT NOT NULL,
    stage TEXT NOT NULL,
    image TEXT NOT NULL,
    started REAL NOT NULL,
    seconds REAL NOT NULL,
    status TEXT NOT NULL,
    origin TEXT NOT NULL,
    pushed TEXT NOT NULL,
    locks TEXT NOT NULL
);
CREATE INDEX builds_of_project ON builds (project, started);
CREATE TABLE steps (
    build TEXT NOT NULL REFERENCES builds (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    stage TEXT NOT NULL,
    number INTEGER NOT NULL,
    name TEXT NOT NULL,
    digest TEXT NOT NULL,
    cached INTEGER NOT NULL,
    seconds REAL NOT NULL,
    saved REAL,
    reason TEXT,
    error TEXT NOT NULL,
    PRIMARY KEY (build, position)
) WITHOUT ROWID;
CREATE INDEX steps_by_digest ON steps (digest) WHERE cached = 0;
CREATE INDEX steps_by_name ON steps (name) WHERE cached = 0;
CREATE TABLE inputs (
    project TEXT NOT NULL,
    stage TEXT NOT NULL,
    instruction TEXT NOT NULL,
    occurrence INTEGER NOT NULL,
    base TEXT NOT NULL,
    setting TEXT NOT NULL,
    files BLOB,
    PRIMARY KEY (project, stage, instruction, occurrence)
);
"""
"""A step's reason is JSON; `inputs` are what each step was made of last, its files as compressed JSON."""

MIGRATIONS: tuple[str, ...] = (_BUILDS,)
"""Statements that make each version of the file out of the one before; the file knows how many it has had."""


@contextmanager
def opened(path: Path, migrations: Sequence[str] = MIGRATIONS) -> Iterator[sqlite3.Connection]:
    """The database, made or brought up to date where it has to be; for this user alone.

    FailedError for a file that is damaged, of a newer devkit or cannot be written: what is wrong, and what to do.
    """
    try:
        import sqlite3
    except ImportError as error:
        raise FailedError(f"this Python has no sqlite3 module: {error}", "use one that has") from error
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))  # SQLite's other files take its mode
        with closing(sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)) as connection:
            connection.execute("PRAGMA foreign_keys = ON")
            _bring_up_to_date(connection, path, migrations)
            yield connection
    except sqlite3.DatabaseError as error:
        damaged = not isinstance(error, sqlite3.OperationalError)
        raise FailedError(
            f"the history of builds in {path} cannot be used: {error}",
            f"begin a new one: mv {path} {path}.broken" if damaged else "see that its disk has room and can be written",
        ) from error
    except OSError as error:
        raise FailedError(
            f"the history of builds in {path} cannot be opened: {error.strerror}", "check who owns it, and its mode"
        ) from error


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All of it or nothing; another writer is waited for at its begin, and not in its midst."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _bring_up_to_date(connection: sqlite3.Connection, path: Path, migrations: Sequence[str]) -> None:
    if _version(connection) == len(migrations):
        return
    with transaction(connection):
        version = _version(connection)  # another one may have been first
        if version > len(migrations):
            raise FailedError(
                f"the history of builds in {path} is a newer devkit's (version {version})", "devkit upgrade"
            )
        for script in migrations[version:]:
            for statement in script.split(";"):
                if statement.strip():
                    connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {len(migrations)}")


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])
