"""`devkit db` in a project with SQLite: no service is needed for it."""

from __future__ import annotations

import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from database_project import DatabaseProject

from devkit.engine.docker import Docker

pytestmark = pytest.mark.engine

LOCKS = {".lock", ".readers"}


@pytest.fixture
def sqlite(docker: Docker, tmp_path: Path) -> Iterator[DatabaseProject]:
    project = DatabaseProject(docker, tmp_path, "sqlite")
    with closing(sqlite3.connect(file_of(project))) as connection:
        connection.executescript("CREATE TABLE a (mark); INSERT INTO a VALUES ('before');")
    yield project


def file_of(project: DatabaseProject) -> Path:
    return project.root / "database" / "database.sqlite"


def marks(project: DatabaseProject) -> list[str]:
    with closing(sqlite3.connect(file_of(project))) as connection:
        return [mark for (mark,) in connection.execute("SELECT DISTINCT mark FROM a")]


def run(project: DatabaseProject, statement: str) -> None:
    with closing(sqlite3.connect(file_of(project), isolation_level=None)) as connection:
        connection.execute(statement)


def test_exports_imports_and_snapshots_bring_the_file_back(sqlite: DatabaseProject) -> None:
    sqlite.good("snapshot", "first")
    for name in ("a.sql", "a.sql.zst", "a.sqlite", "a.db.gz"):
        sqlite.good("export", name)
    for words in (*(("import", name) for name in ("a.sql", "a.sql.zst", "a.sqlite", "a.db.gz")), ("restore",)):
        run(sqlite, "UPDATE a SET mark = 'changed'")
        sqlite.good(*words)
        assert marks(sqlite) == ["before"]
    assert (sqlite.root / "a.sqlite").read_bytes().startswith(b"SQLite format 3")
    assert {path.name for path in sqlite.snapshots.iterdir()} == {*LOCKS, "first.sqlite.zst"}


def test_what_cannot_be_is_one_line_and_changes_nothing(sqlite: DatabaseProject) -> None:
    sqlite.write("mysql.sql", "-- MySQL dump 10.13\n")
    sqlite.write("new.sql", "CREATE TABLE a (mark);\nINSERT INTO a VALUES ('new');\n")
    for words, yes, status, why in (
        (("import", "mysql.sql"), True, 2, "a dump of MySQL or MariaDB"),
        (("import", "none.sql"), True, 2, "No such file"),
        (("import", "new.sql"), False, 5, "Nobody is here to say yes"),
        (("restore",), True, 2, "no snapshot"),
        (("fresh",), False, 5, "Nobody is here to say yes"),
        (("export", "none/x.sql"), True, 2, "does not exist"),
        (("export", "--json"), True, 2, "--json"),
    ):
        done = sqlite.db(*words, yes=yes)
        assert (done.status, why in done.error) == (status, True), done.stderr
    file_of(sqlite).chmod(0o444)
    done = sqlite.db("import", "new.sql")
    assert (done.status, "SQLite is read-only here" in done.error) == (1, True), done.stderr
    assert marks(sqlite) == ["before"]


def test_what_sqlite_says_of_a_dump_comes_without_the_secrets_of_env(sqlite: DatabaseProject) -> None:
    with (sqlite.root / ".env").open("a") as env:
        env.write("STRIPE_SECRET=whsec-Zx81-stripe\n")
    done = sqlite.db("--debug", "import", sqlite.write("bad.sql", 'INSERT INTO "whsec-Zx81-stripe" VALUES (1);\n'))
    assert (done.status, "***STRIPE_SECRET***" in done.error) == (1, True), done.stderr
    assert "whsec" not in done.stderr


def test_a_snapshot_is_replaced_or_brought_back_only_after_a_yes(sqlite: DatabaseProject) -> None:
    sqlite.good("snapshot", "kept")
    run(sqlite, "UPDATE a SET mark = 'changed'")
    for words in (("snapshot", "kept"), ("restore",)):
        done = sqlite.db(*words, yes=False)
        assert (done.status, done.stdout) == (5, b""), done.stderr
    assert marks(sqlite) == ["changed"]
    sqlite.good("restore")
    assert marks(sqlite) == ["before"]


def test_a_snapshot_of_another_engine_is_refused(sqlite: DatabaseProject) -> None:
    sqlite.good("snapshot", "mine")
    path = sqlite.snapshots / "mine.sqlite.zst"
    path.write_bytes(path.read_bytes().replace(b'"engine": "sqlite"', b'"engine": "pgsql" '))
    done = sqlite.db("restore", "mine")
    assert (done.status, "the snapshot mine is of PostgreSQL, this project has SQLite" in done.error) == (2, True)


def test_a_writer_that_does_not_let_go_is_named_as_the_reason(sqlite: DatabaseProject) -> None:
    sqlite.write("new.sql", "CREATE TABLE a (mark);\nINSERT INTO a VALUES ('new');\n")
    with closing(sqlite3.connect(file_of(sqlite), isolation_level=None)) as writer:
        writer.execute("BEGIN EXCLUSIVE")
        done = sqlite.db("import", "new.sql")
    assert (done.status, "locked" in done.error) == (1, True), done.stderr
    assert marks(sqlite) == ["before"]
    sqlite.good("import", "new.sql")
    assert marks(sqlite) == ["new"]


def test_no_room_for_a_snapshot_or_an_export_leaves_no_part_of_one(sqlite: DatabaseProject) -> None:
    run(sqlite, "INSERT INTO a SELECT randomblob(1000000) FROM (VALUES (1), (2), (3))")
    limited = (
        'ulimit -f 1000; trap \'\' XFSZ; exec "$0" "$@"'  # no file above 1 MB: as a full disk, but for one process
    )
    for words in (("snapshot", "x"), ("export", "x.sqlite")):
        done = subprocess.run(
            ["bash", "-c", limited, *sqlite.command("db", *words)],
            cwd=sqlite.root, env=sqlite.environment(), capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 1, done.stderr
        assert "Traceback" not in done.stderr
    assert {path.name for path in sqlite.snapshots.iterdir()} == LOCKS
    assert not (sqlite.root / "x.sqlite").exists()


def test_a_killed_import_leaves_the_former_or_the_new(sqlite: DatabaseProject) -> None:
    rows = ", ".join(f"('after', '{n:0500d}')" for n in range(20_000))
    sqlite.write("after.sql", f"CREATE TABLE a (mark, filling);\nINSERT INTO a VALUES {rows};\n")
    began = time.monotonic()
    sqlite.good("import", "after.sql")
    whole = time.monotonic() - began
    sqlite.good("import", sqlite.write("before.sql", "CREATE TABLE a (mark);\nINSERT INTO a VALUES ('before');\n"))
    for part in (0.3, 0.5, 0.7, 0.9):
        child = subprocess.Popen(
            sqlite.command("--yes", "db", "import", "after.sql"), cwd=sqlite.root, env=sqlite.environment()
        )
        time.sleep(whole * part)  # the moment is what is tried
        child.kill()
        child.wait()
        assert marks(sqlite) in (["before"], ["after"])
    sqlite.good("export", "x.sql")
    assert {path.name for path in sqlite.snapshots.iterdir()} == LOCKS
