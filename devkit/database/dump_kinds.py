"""What a file is, told from its first bytes: a dump and of which engine, or no dump at all."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from devkit.database.account import TITLES
from devkit.project.errors import UsageError

HEAD = 64 * 1024
"""How many bytes of a file are looked at."""


class Form(StrEnum):
    """How a dump is written: SQL text, an SQLite database itself, or pg_dump's custom format."""

    TEXT = "text"
    SQLITE = "sqlite"
    PG_CUSTOM = "pg_custom"


@dataclass(frozen=True)
class Dump:
    """A recognised dump. `engine` is `mysql` for MariaDB too, and None for SQL that any engine could have written.

    `end` is what its writer puts last, so that a file that was cut short shows; empty where it puts nothing.
    """

    form: Form
    engine: str | None = None
    end: bytes = b""


_MAGIC = (
    (b"SQLite format 3\0", Dump(Form.SQLITE, "sqlite")),
    (b"PGDMP", Dump(Form.PG_CUSTOM, "pgsql")),
)
_HEADERS = (
    (rb"^-- M(?:ySQL|ariaDB) dump ", Dump(Form.TEXT, "mysql", b"-- Dump completed")),
    (rb"^-- PostgreSQL database dump\b", Dump(Form.TEXT, "pgsql", b"-- PostgreSQL database dump complete")),
    (rb"\A(?:PRAGMA foreign_keys=OFF;\s+)?BEGIN TRANSACTION;", Dump(Form.TEXT, "sqlite", b"COMMIT;")),
    (rb"^-- (?:phpMyAdmin SQL Dump|HeidiSQL|Adminer [\d.]+ M(?:ySQL|ariaDB))", Dump(Form.TEXT, "mysql")),
)
_SIGNS = (
    (rb"^\)[^\n]*\bENGINE\s*=\s*\w+|^/\*!\d{5} |^LOCK TABLES `|\bAUTO_INCREMENT\b", "mysql"),
    (rb"^COPY [^\n]* FROM stdin;|\bpg_catalog\.|^\\restrict |^SET standard_conforming_strings", "pgsql"),
    (rb"^PRAGMA |\bAUTOINCREMENT\b|\bsqlite_sequence\b", "sqlite"),
)
_STATEMENT = re.compile(
    rb"(?:ALTER|ANALYZE|BEGIN|CALL|COMMENT|COMMIT|COPY|CREATE|DELETE|DELIMITER|DO|DROP|GRANT|INSERT|LOCK|PRAGMA|REPLACE"
    rb"|REVOKE|SELECT|SET|START|TRUNCATE|UPDATE|USE|VALUES|WITH)\b|/\*[!M]|\\(?:restrict|connect|set|encoding)\b",
    re.IGNORECASE,
)
_BLANK = re.compile(rb"(?:\s+|--[^\n]*(?:\n|\Z)|#[^\n]*(?:\n|\Z)|/\*(?![!M])(?s:.*?)\*/)*")
_CLUSTER = re.compile(rb"^-- PostgreSQL database cluster dump", re.MULTILINE)
_FOREIGN = (
    (b"PK\x03\x04", "a ZIP archive", "unzip it first"),
    (b"BZh", "compressed with bzip2", "devkit reads gzip and zstd: bzip2 -dc FILE | devkit --yes db import -"),
    (b"\xfd7zXZ", "compressed with xz", "devkit reads gzip and zstd: xz -dc FILE | devkit --yes db import -"),
    (b"\xff\xfe", "UTF-16 text, as PowerShell's > writes it", "save it as UTF-8, or let the dump tool write the file"),
    (b"\xfe\xff", "UTF-16 text", "save it as UTF-8"),
)


def recognise(head: bytes, name: str) -> Dump:
    """What a file with this beginning is; UsageError, naming the file, for what is no dump."""
    for magic, dump in _MAGIC:
        if head.startswith(magic):
            return dump
    for magic, what, hint in _FOREIGN:
        if head.startswith(magic):
            raise UsageError(f"{name} is {what}", hint)
    text = head.removeprefix(b"\xef\xbb\xbf")
    if not text.strip():
        raise UsageError(f"{name} is empty", "name a dump of a database")
    if _CLUSTER.search(text):
        raise UsageError(
            f"{name} is a dump of a whole PostgreSQL server (pg_dumpall), with its accounts and every database",
            "make one of a single database: pg_dump NAME",
        )
    for pattern, dump in _HEADERS:
        if re.search(pattern, text, re.MULTILINE):
            return dump
    blank = _BLANK.match(text)
    if b"\0" in text[:512] or not _STATEMENT.match(text, blank.end() if blank else 0):
        raise UsageError(
            f"{name} is no dump of a database: it does not begin with SQL",
            "devkit reads SQL text, SQLite files and pg_dump's custom format, plain or compressed with gzip or zstd",
        )
    for pattern, engine in _SIGNS:
        if re.search(pattern, text, re.MULTILINE | re.IGNORECASE):
            return Dump(Form.TEXT, engine)
    return Dump(Form.TEXT)


def check_engine(dump: Dump, engine: str, name: str) -> None:
    """UsageError if the project's `engine` cannot read this dump."""
    family = "mysql" if engine == "mariadb" else engine
    if dump.engine in (None, family):
        return
    what = "an SQLite database" if dump.form is Form.SQLITE else f"a dump of {_family(dump.engine)}"
    raise UsageError(
        f"{name} is {what}, this project has {TITLES[engine]}",
        "make a dump with that engine's own tools, or change the engine: devkit config set services.database NAME",
    )


def _family(engine: str | None) -> str:
    return "MySQL or MariaDB" if engine == "mysql" else TITLES[engine or "sqlite"]
