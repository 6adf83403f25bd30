"""SQLite on real files: whole round trips, refusals that touch nothing, and an application that writes meanwhile."""

from __future__ import annotations

import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devkit.database.dump_kinds import Form, recognise
from devkit.database.engine import Load
from devkit.database.sqlite import SqliteDatabase
from devkit.database.sqlite_text import dump_lines, execute, statements
from devkit.project.errors import DevkitError, FailedError, UsageError

pytestmark = pytest.mark.unit

SCHEMA = """
CREATE TABLE p (id integer PRIMARY KEY AUTOINCREMENT, n text, b blob, f real, "sel""ect", 'ü' numeric);
CREATE TABLE c (id integer PRIMARY KEY, pid integer REFERENCES p(id) ON DELETE CASCADE,
  g integer GENERATED ALWAYS AS (id*2) STORED, v int AS (id*3), CHECK (id>0));
CREATE TABLE log (what text);
CREATE VIEW v AS SELECT p.n, c.g FROM p JOIN c ON c.pid=p.id;
CREATE TRIGGER tr AFTER INSERT ON c BEGIN INSERT INTO log VALUES ('c;' || new.id); END;
CREATE UNIQUE INDEX i ON p (n) WHERE n IS NOT NULL;
CREATE TABLE wr (a text PRIMARY KEY, b) WITHOUT ROWID;
CREATE VIRTUAL TABLE ft USING fts5(body);
INSERT INTO ft VALUES ('hello world');
INSERT INTO wr VALUES ('x', 1.5);
INSERT INTO p VALUES (3, CAST(X'ff41' AS text), NULL, 5e-324, 1.7976931348623157e308, 9223372036854775807);
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES ('p', 4711);
INSERT INTO c (id, pid) VALUES (1, 3);
"""
AWKWARD = ("emoji 🎉 q' \\ back\nline;\nx", bytes(range(256)), float("inf"), None, "nul\0in;")


class Files:
    """A database file with awkward contents, and what devkit does with it."""

    def __init__(self, directory: Path) -> None:
        self.path = directory / "database.sqlite"
        self.database = SqliteDatabase(self.path, directory / "scratch")
        with closing(sqlite3.connect(self.path, isolation_level=None)) as connection:
            connection.executescript(SCHEMA)
            connection.execute("INSERT INTO p VALUES (1, ?, ?, ?, ?, ?)", AWKWARD)

    def run(self, statement: str) -> None:
        with closing(sqlite3.connect(self.path, isolation_level=None)) as connection:
            connection.execute(statement)

    def export(self, form: Form) -> bytes:
        with self.database.dump(form) as chunks:
            return b"".join(chunks)

    def replace(self, data: bytes) -> None:
        self.database.replace(Load(recognise(data[:65536], "x.sql"), iter([data]), "x.sql"))


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


def contents(path: Path) -> list[Any]:
    """Everything in a database, types and all."""
    with closing(sqlite3.connect(path)) as connection:
        connection.text_factory = bytes
        found: list[Any] = connection.execute(
            "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY 1, 2"
        ).fetchall()
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall()
        for name in (row[0].decode() for row in names):
            columns = [row[1].decode() for row in connection.execute(f'PRAGMA table_xinfo("{name}")') if row[6] != 1]
            shown = ", ".join(f"typeof({q}), {q}" for c in columns for q in ['"' + c.replace('"', '""') + '"'])
            found.append((name, connection.execute(f'SELECT {shown} FROM "{name}"').fetchall()))
        return found


@pytest.mark.parametrize("form", [Form.TEXT, Form.SQLITE])
@pytest.mark.parametrize("mode", ["delete", "wal"])
def test_everything_comes_back_as_it_was(form: Form, mode: str, files: Files) -> None:
    files.run(f"PRAGMA journal_mode = {mode}")
    before = contents(files.path)
    dump = files.export(form)
    files.run("DELETE FROM p")
    files.run("CREATE TABLE more (x)")
    files.replace(dump)
    assert contents(files.path) == before
    with closing(sqlite3.connect(files.path)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == (mode,)
        assert connection.execute("SELECT body FROM ft WHERE ft MATCH 'hello'").fetchall() == [("hello world",)]


@given(
    st.lists(
        st.tuples(
            st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False), st.text(), st.binary())
        )
    )
)
def test_any_value_comes_back_from_sql_text(rows: list[tuple[Any]]) -> None:
    with closing(sqlite3.connect(":memory:")) as source, closing(sqlite3.connect(":memory:")) as target:
        source.execute("CREATE TABLE a (v)")
        source.executemany(
            "INSERT INTO a VALUES (?)",
            [
                (v.encode("utf-8", "surrogatepass").decode("utf-8", "replace") if isinstance(v, str) else v,)
                for (v,) in rows
            ],
        )
        question = "SELECT typeof(v), quote(v), hex(CAST(v AS blob)) FROM a"
        before = source.execute(question).fetchall()
        source.commit()
        target.isolation_level = None
        for statement in statements(dump_lines(source)):
            execute(target, statement.text)
        assert target.execute(question).fetchall() == before


def test_a_file_of_another_page_size_fits_a_database_in_wal_mode(files: Files, tmp_path: Path) -> None:
    dump, before = files.export(Form.SQLITE), contents(files.path)
    other = SqliteDatabase(tmp_path / "other.sqlite", tmp_path / "scratch")
    with closing(sqlite3.connect(tmp_path / "other.sqlite")) as connection:
        connection.execute("PRAGMA page_size = 8192")
        connection.execute("PRAGMA journal_mode = wal")
        connection.execute("CREATE TABLE a (b)")
    other.replace(Load(recognise(dump, "x"), iter([dump]), "x"))
    assert contents(tmp_path / "other.sqlite") == before


def test_a_database_that_is_not_there_yet_is_made(files: Files) -> None:
    dump, before = files.export(Form.SQLITE), contents(files.path)
    files.path.unlink()
    files.replace(dump)
    assert contents(files.path) == before


CUT = b"PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\nCREATE TABLE a (b text);\nINSERT INTO a VALUES('x"
REFUSED = {
    "a wrong statement": (b"CREATE TABLE a (b);\nINSERT INTO a VALUES (1);\nINSERT INTO b VALUES (1);\n", "line 3"),
    "cut in a statement": (CUT, "cut short: the statement in line 4"),
    "cut between statements": (CUT[: CUT.rindex(b"INSERT")], "cut short: “COMMIT;”"),
    "a dump that failed": (
        b"PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\nCREATE TABLE a (b);\nROLLBACK; -- due to errors\n",
        "ROLLBACK",
    ),
    "another file": (b"ATTACH DATABASE '/tmp/other.sqlite' AS other;\n", "no dump"),
    "another file later": (
        b"CREATE TABLE a (b);\nATTACH DATABASE '/tmp/other.sqlite' AS o;\n",
        "line 2: not authorized",
    ),
    "no table": (b"SELECT 1;\n", "makes no table"),
    "not UTF-8": (b"CREATE TABLE a (b);\nINSERT INTO a VALUES ('\xff');\n", "not UTF-8"),
}


@pytest.mark.parametrize(("dump", "why"), REFUSED.values(), ids=REFUSED)
def test_a_dump_that_fails_leaves_the_database_as_it_was(dump: bytes, why: str, files: Files) -> None:
    before = files.path.read_bytes()
    with pytest.raises(DevkitError, match=why):
        files.replace(dump)
    assert files.path.read_bytes() == before
    assert list((files.path.parent / "scratch").glob("*")) == []


@pytest.mark.parametrize("keep", [0.0, 0.3, 0.9])
def test_an_sqlite_file_that_is_cut_or_damaged_is_refused(keep: float, files: Files) -> None:
    whole, before = files.export(Form.SQLITE), files.path.read_bytes()
    cut = whole[: max(int(len(whole) * keep), 50)]
    with pytest.raises(UsageError, match=r"x\.sql is (cut short|damaged)"):
        files.replace(cut)
    changed = whole[:4096] + b"\xff" * 4096 + whole[8192:]
    with pytest.raises(UsageError, match=r"x\.sql is damaged"):
        files.replace(changed)
    assert files.path.read_bytes() == before


def test_a_file_that_may_not_be_written_is_said_to_be_read_only(files: Files) -> None:
    files.database.check_writable()
    files.path.chmod(0o444)
    with pytest.raises(FailedError, match="SQLite is read-only here: the file"):
        files.database.check_writable()


SIGNS = st.text(st.sampled_from("'\"`[]-/*;\n a"), max_size=12)


@given(st.lists(SIGNS.map(lambda text: text + ";\n"), min_size=1, max_size=6))
def test_whatever_is_quoted_a_statement_ends_where_sqlite_says(lines: list[str]) -> None:
    expected, gathered = [], ""
    for line in "".join(lines).splitlines(keepends=True):
        gathered += line
        if line.rstrip().endswith(";") and sqlite3.complete_statement(gathered):
            expected.append(gathered)
            gathered = ""
    found = [one.text for one in statements(iter(["".join(lines).encode()])) if not one.unfinished]
    assert found == expected


def test_a_long_text_whose_lines_end_like_statements_is_not_read_anew_for_each(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    complete = sqlite3.complete_statement

    def counted(text: str) -> bool:
        asked.append(len(text))
        return complete(text)

    monkeypatch.setattr(sqlite3, "complete_statement", counted)
    code = "it''s = 1;\n" * 1000
    text = f"INSERT INTO a VALUES ('{code}');\nINSERT INTO a VALUES (2);\n"
    assert [one.line for one in statements(iter([text.encode()]))] == [1, 1002]
    assert len(asked) <= 4


@pytest.mark.parametrize("action", ["recover", "dump"])
def test_a_file_that_sqlite_cannot_open_is_an_error_for_a_person(action: str, tmp_path: Path) -> None:
    directory = tmp_path
    while len(str(directory)) < 3000:  # longer than any path that SQLite takes; a file's mode would not stop root
        directory /= "d" * 200
    directory.mkdir(parents=True)
    file = directory / "database.sqlite"
    file.write_bytes(b"SQLite format 3\0")
    database = SqliteDatabase(file, tmp_path / "scratch")
    with pytest.raises(FailedError, match="unable to open database file"):
        if action == "recover":
            database.recover()
        else:
            with database.dump(Form.SQLITE):
                pass


def test_a_copy_is_of_one_moment_while_the_application_writes(files: Files, tmp_path: Path) -> None:
    files.run("PRAGMA journal_mode = wal")
    files.run("CREATE TABLE pair (a, b)")
    files.run("INSERT INTO pair VALUES (0, 0)")
    stop = threading.Event()

    def write() -> None:
        with closing(sqlite3.connect(files.path, timeout=10, isolation_level=None)) as connection:
            number = 0
            while not stop.is_set():
                number += 1
                connection.execute("BEGIN IMMEDIATE")
                connection.execute("UPDATE pair SET a = ?", (number,))
                connection.execute("UPDATE pair SET b = ?", (number,))
                connection.execute("COMMIT")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for _ in range(5):
            copy = tmp_path / "copy.sqlite"
            copy.write_bytes(files.export(Form.SQLITE))
            with closing(sqlite3.connect(copy)) as connection:
                a, b = connection.execute("SELECT a, b FROM pair").fetchone()
                assert a == b
        files.replace(files.export(Form.SQLITE))
    finally:
        stop.set()
        writer.join()
    with closing(sqlite3.connect(files.path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_an_application_that_has_the_file_open_sees_the_new_data(files: Files) -> None:
    dump = files.export(Form.SQLITE)
    with closing(sqlite3.connect(files.path, isolation_level=None)) as application:
        application.execute("DELETE FROM p")
        files.replace(dump)
        assert application.execute("SELECT COUNT(*) FROM p").fetchone() == (2,)


_REPLACES = """
import sys
from pathlib import Path
from devkit.database.dump_kinds import recognise
from devkit.database.engine import Load
from devkit.database.sqlite import SqliteDatabase
data = Path(sys.argv[2]).read_bytes()
print("ready", flush=True)
SqliteDatabase(Path(sys.argv[1]), Path(sys.argv[3])).replace(Load(recognise(data[:65536], "x"), iter([data]), "x"))
"""


@pytest.fixture
def big(tmp_path: Path) -> Iterator[tuple[Path, Path]]:
    """A database of 20 MB, and a dump of another state of it."""
    path, dump = tmp_path / "database.sqlite", tmp_path / "dump.sqlite"
    for file, mark in ((path, "before"), (dump, "after")):
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("CREATE TABLE a (mark, filling)")
            connection.executemany("INSERT INTO a VALUES (?, randomblob(20000))", [(mark,)] * 1000)
            connection.commit()
    yield path, dump


def test_a_kill_at_any_moment_leaves_all_of_the_former_or_all_of_the_new(
    big: tuple[Path, Path], tmp_path: Path
) -> None:
    path, dump = big
    scratch = tmp_path / "scratch"
    database = SqliteDatabase(path, scratch)
    seen: set[str] = set()
    for _ in range(12):
        command = [sys.executable, "-c", _REPLACES, str(path), str(dump), str(scratch)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as child:
            assert child.stdout is not None
            child.stdout.readline()
            time.sleep(random.uniform(0, 0.4))  # the moment is what is tried
            child.send_signal(signal.SIGKILL)
        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            ((mark, count),) = connection.execute("SELECT mark, COUNT(*) FROM a GROUP BY mark").fetchall()
            assert count == 1000
            seen.add(mark)
    assert seen <= {"before", "after"}
    database.recover()
    assert list(scratch.glob("*")) == []
