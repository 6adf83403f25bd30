"""Migrations count as run only as long as neither a source nor SQLite's file says otherwise."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from devkit.engine.connection import Endpoint
from devkit.engine.docker import Docker
from devkit.project.paths import ProjectPaths
from devkit.project.settings import Settings
from devkit.setup.migrations import is_migrated, run_migrations
from devkit.setup.project import Project

pytestmark = pytest.mark.unit

# Stands for the docker command: lists no container, and says that nothing is to be migrated.
CLIENT = '#!/bin/sh\ncase "$1" in exec) echo "Nothing to migrate." ;; esac\n'


@contextmanager
def database(root: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(root / "database" / "database.sqlite")) as connection, connection:
        yield connection


@pytest.fixture
def project(tmp_path: Path) -> Project:
    root, client = tmp_path / "shop", tmp_path / "docker"
    client.write_text(CLIENT)
    client.chmod(0o755)
    for name, text in (
        ("database/migrations/1_users.php", "<?php"),
        ("app/Providers/AppServiceProvider.php", "<?php"),
        ("vendor/composer/installed.json", "{}"),
        ("composer.lock", "{}"),
        (".env", "DB_CONNECTION=sqlite\n"),
    ):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    with database(root) as connection:
        connection.execute("create table migrations (id integer primary key, migration text, batch integer)")
        connection.execute("insert into migrations (migration, batch) values ('1_users', 1)")
    return Project(ProjectPaths(root), Settings("shop"), Docker(client, Endpoint("tcp://nowhere:1", "DOCKER_HOST")))


def migrate(project: Project) -> None:
    run_migrations(project, lambda _line: None)


def write(name: str) -> Callable[[Path], object]:
    def change(root: Path) -> None:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("<?php // new")

    return change


def statement(sql: str) -> Callable[[Path], object]:
    def change(root: Path) -> None:
        with database(root) as connection:
            connection.execute(sql)

    return change


def test_they_are_run_until_they_were_run_once(project: Project) -> None:
    assert not is_migrated(project)
    migrate(project)
    assert is_migrated(project)


@pytest.mark.parametrize(
    "change",
    [
        write("database/migrations/2_orders.php"),
        write("database/migrations/1_users.php"),
        write("Modules/Shop/Migrations/1_items.php"),
        write("app/Providers/AppServiceProvider.php"),
        write("composer.lock"),
        write("vendor/composer/installed.json"),
        statement("delete from migrations"),
        statement("update migrations set batch = 2"),
        statement("drop table migrations"),
        statement("pragma journal_mode = wal"),
        lambda root: (root / "database" / "database.sqlite").unlink(),
        lambda root: (root / ".env").write_text("DB_CONNECTION=sqlite\nDB_DATABASE=/app/other.sqlite\n"),
        lambda root: (root / ".env").write_text("DB_CONNECTION=mysql\n"),
    ],
)
def test_after_any_change_they_are_run_again(change: Callable[[Path], object], project: Project) -> None:
    migrate(project)
    change(project.paths.root)
    assert not is_migrated(project)


@pytest.mark.parametrize("name", ["storage/framework/views/a.php", "vendor/a/b.php", "node_modules/x/y.php"])
def test_what_holds_no_migration_does_not_count(name: str, project: Project) -> None:
    migrate(project)
    write(name)(project.paths.root)
    assert is_migrated(project)


def test_another_database_is_always_asked(project: Project) -> None:
    migrate(project)
    other = Project(project.paths, Settings("shop", database="mysql"), project.docker)
    assert not is_migrated(other)


def test_reading_leaves_no_file_beside_the_database(project: Project) -> None:
    before = sorted((project.paths.root / "database").iterdir())
    migrate(project)
    assert is_migrated(project)
    assert sorted((project.paths.root / "database").iterdir()) == before
