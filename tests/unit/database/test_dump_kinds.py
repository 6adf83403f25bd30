"""What a file is told to be from its first bytes."""

from __future__ import annotations

import pytest

from devkit.database.dump_kinds import Dump, Form, check_engine, recognise
from devkit.project.errors import UsageError

pytestmark = pytest.mark.unit

MYSQL = b"-- MySQL dump 10.13  Distrib 9.7.4\n--\nCREATE TABLE `a` (\n  `id` int\n) ENGINE=InnoDB;\n"
MARIADB = b"/*M!999999\\- enable the sandbox mode */ \n-- MariaDB dump 10.20-11.8.9-MariaDB\n"
POSTGRES = b"--\n-- PostgreSQL database dump\n--\n\n\\restrict abc\n\nSET statement_timeout = 0;\n"
SQLITE = b"PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\nCREATE TABLE a (id);\n"


@pytest.mark.parametrize(
    ("head", "form", "engine"),
    [
        (MYSQL, Form.TEXT, "mysql"),
        (MARIADB, Form.TEXT, "mysql"),
        (b"-- phpMyAdmin SQL Dump\n-- version 5\nSET SQL_MODE='';\n", Form.TEXT, "mysql"),
        (b"CREATE TABLE x (id int) ENGINE = InnoDB;\n", Form.TEXT, None),
        (b"CREATE TABLE x (\n id int\n) ENGINE = InnoDB;\n", Form.TEXT, "mysql"),
        (POSTGRES, Form.TEXT, "pgsql"),
        (b"SELECT pg_catalog.set_config('search_path', '', false);\n", Form.TEXT, "pgsql"),
        (b"CREATE TABLE a (b text);\nCOPY a (b) FROM stdin;\n", Form.TEXT, "pgsql"),
        (b"PGDMP\x01\x10", Form.PG_CUSTOM, "pgsql"),
        (SQLITE, Form.TEXT, "sqlite"),
        (b"SQLite format 3\0\x10\0", Form.SQLITE, "sqlite"),
        (b"\n-- notes\n/* more\n notes */ insert into a values (1);", Form.TEXT, None),
        (b"\xef\xbb\xbfCREATE TABLE a (id int);", Form.TEXT, None),
        (b"# old style\ncreate table a (id int);", Form.TEXT, None),
    ],
)
def test_a_dump_is_recognised_with_its_engine(head: bytes, form: Form, engine: str | None) -> None:
    found = recognise(head, "x.sql")
    assert (found.form, found.engine) == (form, engine)


@pytest.mark.parametrize(
    ("head", "why"),
    [
        (b"", "is empty"),
        (b" \n\n", "is empty"),
        (b"Dear customer,\n", "no dump of a database"),
        (b"createtable\n", "no dump of a database"),
        (b"-- only a comment\n", "no dump of a database"),
        (b"\x89PNG\r\n\x1a\n\0\0", "no dump of a database"),
        (b"PK\x03\x04dump.sql", "a ZIP archive"),
        (b"BZh91AY", "bzip2"),
        (b"\xfd7zXZ\0", "xz"),
        (b"\xff\xfeC\0R\0E\0", "UTF-16"),
        (b"--\n-- PostgreSQL database cluster dump\n--\n", "pg_dumpall"),
    ],
)
def test_what_is_no_dump_is_refused_with_the_reason(head: bytes, why: str) -> None:
    with pytest.raises(UsageError, match=why) as refused:
        recognise(head, "x.sql")
    assert refused.value.message.startswith("x.sql ")
    assert refused.value.hint


@pytest.mark.parametrize(
    ("head", "engine", "what"),
    [
        (POSTGRES, "mysql", "a dump of PostgreSQL, this project has MySQL"),
        (POSTGRES, "sqlite", "a dump of PostgreSQL, this project has SQLite"),
        (MYSQL, "pgsql", "a dump of MySQL or MariaDB, this project has PostgreSQL"),
        (b"SQLite format 3\0", "pgsql", "an SQLite database, this project has PostgreSQL"),
        (SQLITE, "mariadb", "a dump of SQLite, this project has MariaDB"),
        (b"PGDMP\x01", "mariadb", "a dump of PostgreSQL, this project has MariaDB"),
    ],
)
def test_a_dump_of_another_engine_is_refused(head: bytes, engine: str, what: str) -> None:
    with pytest.raises(UsageError, match=what):
        check_engine(recognise(head, "x.sql"), engine, "x.sql")


@pytest.mark.parametrize("engine", ["mysql", "mariadb", "pgsql", "sqlite"])
def test_sql_that_any_engine_could_have_written_is_left_to_the_server(engine: str) -> None:
    check_engine(Dump(Form.TEXT), engine, "x.sql")


def test_mysql_and_mariadb_read_each_others_dumps() -> None:
    check_engine(recognise(MARIADB, "x.sql"), "mysql", "x.sql")
    check_engine(recognise(MYSQL, "x.sql"), "mariadb", "x.sql")
