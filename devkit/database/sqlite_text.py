"""SQLite as SQL text, both ways: every byte of every value comes back, which Python's iterdump does not promise."""

from __future__ import annotations

import math
import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

_QUOTED = """CASE
    WHEN typeof({0}) = 'text' AND %s THEN 'CAST(X''' || hex(CAST({0} AS BLOB)) || ''' AS TEXT)'
    WHEN typeof({0}) = 'real' AND (abs({0}) = 9e999 OR CAST(quote({0}) AS REAL) <> {0}) THEN exact_real({0})
    ELSE quote({0}) END"""
"""A value as SQL. SQLite's own quote() ends a text at a NUL character, writes infinity as a name, and a few
numbers with large exponents so that its reader takes them for their neighbours."""

_VALUE = _QUOTED % "instr(CAST({0} AS BLOB), X'00')"
_ENCODED = _QUOTED % "1"
"""For texts that are not UTF-8, which SQLite keeps and SQL text cannot hold."""

_STEP = 2**64

_CLOSED = re.compile(
    rb"""(?: [^'"`\[/-]++ | '[^']*+' | "[^"]*+" | `[^`]*+` | \[[^\]]*+\]
    | --[^\n]*+ | -(?!-) | /\*(?s:.*?)\*/ | /(?!\*) )*+""",
    re.VERBOSE,
)
"""Texts, names and comments that end, and what stands between them: SQLite's tokens (sqlite3_complete)."""

_ENDS = {b"'": b"'", b'"': b'"', b"`": b"`", b"[": b"]", b"/*": b"*/"}


@dataclass(frozen=True)
class Statement:
    """A statement, and the line that it begins in; `unfinished` where the text ends within it."""

    text: str
    line: int
    unfinished: bool = False


def dump_lines(connection: sqlite3.Connection) -> Iterator[bytes]:
    """The statements that make the database anew, as sqlite3's `.dump` writes them."""
    connection.text_factory = bytes
    connection.create_function("exact_real", 1, _exact_real, deterministic=True)
    yield b"PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\n"
    tables: list[tuple[bytes, bytes]] = connection.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND sql IS NOT NULL"
        " AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY rowid"
    ).fetchall()
    virtual = {name for name, sql in tables if sql[:14].upper() == b"CREATE VIRTUAL"}
    if virtual:
        yield b"PRAGMA writable_schema=ON;\n"
    for name, sql in tables:
        if name in virtual:
            # Its module would make its own tables now, and they come with their contents as well.
            yield (
                b"INSERT INTO sqlite_master(type,name,tbl_name,rootpage,sql)VALUES('table',"
                + b",".join((_text(name), _text(name), b"0", _text(sql)))
                + b");\n"
            )
        else:
            yield sql + b";\n"
            yield from _rows(connection, name)
    if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_sequence'").fetchone():
        yield b"DELETE FROM sqlite_sequence;\n"
        yield from _rows(connection, b"sqlite_sequence")
    rest = "SELECT sql FROM sqlite_master WHERE type IN ('index', 'trigger', 'view') AND sql IS NOT NULL"
    for (sql,) in connection.execute(f"{rest} ORDER BY type = 'trigger', rowid").fetchall():
        yield sql + b";\n"
    if virtual:
        yield b"PRAGMA writable_schema=OFF;\n"
    yield b"COMMIT;\n"


def statements(chunks: Iterator[bytes]) -> Iterator[Statement]:
    """A text's statements. Several that end in one line come together; a comment at the end is none.

    A statement that its first `;` at a line's end does not end is followed from there on: in a long text value each
    line may end with one, and SQLite reads all of the statement to say that it goes on.
    """
    gathered: list[bytes] = []
    inside: bytes | None = None
    line = began = 1
    for piece in _lines(chunks):
        if not gathered:
            began, inside = line, None
        gathered.append(piece)
        line += 1
        if inside is not None:
            inside = _left_open(piece, inside)
        if not inside and piece.rstrip().endswith(b";"):
            text = b"".join(gathered).decode()
            if sqlite3.complete_statement(text):
                gathered = []
                yield Statement(text, began)
            elif inside is None:
                inside = _left_open(b"".join(gathered), b"")
    left = b"".join(gathered).decode()
    if _says_something(left):  # a comment may follow the last one
        yield Statement(left, began, unfinished=not sqlite3.complete_statement(left))


def execute(connection: sqlite3.Connection, text: str) -> None:
    """Run the statement, or the several, that `statements` gave."""
    try:
        connection.execute(text)
    except (sqlite3.Warning, sqlite3.ProgrammingError):  # more than one: nothing has been done yet
        begin = end = 0
        while (end := text.find(";", end) + 1) > 0:
            if sqlite3.complete_statement(text[begin:end]):
                connection.execute(text[begin:end])
                begin = end


def _left_open(text: bytes, inside: bytes) -> bytes:
    """The sign of the text, name or comment that the text ends within, having begun `inside` one; none is empty."""
    at = 0
    if inside:
        at = text.find(_ENDS[inside])
        if at < 0:
            return inside
        at += len(_ENDS[inside])
    closed = _CLOSED.match(text, at)
    end = closed.end() if closed else at
    return b"/*" if text.startswith(b"/*", end) else text[end : end + 1]


def _says_something(text: str) -> bool:
    return any(line.strip() and not line.lstrip().startswith("--") for line in text.splitlines())


def _lines(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Lines with their ends, without a byte order mark before the first."""
    rest = next(chunks, b"").removeprefix(b"\xef\xbb\xbf")
    for chunk in chunks:
        lines = rest.split(b"\n")
        rest = lines.pop() + chunk
        yield from (line + b"\n" for line in lines)
    if rest:
        yield from rest.splitlines(keepends=True)


def _rows(connection: sqlite3.Connection, table: bytes) -> Iterator[bytes]:
    name = _name(table)
    columns = [_name(row[1]) for row in connection.execute(f"PRAGMA table_xinfo({name})") if row[6] == 0]
    begin = f"INSERT INTO {name}({','.join(columns)}) VALUES(".encode()  # neither hidden nor generated columns
    done = 0
    for value in (_VALUE, _ENCODED):
        values = " || ',' || ".join(value.format(column) for column in columns)
        for (row,) in connection.execute(f"SELECT {values} FROM {name} LIMIT -1 OFFSET {done}"):
            if value is _VALUE and not _is_text(row):
                break  # from here on as hexadecimal
            yield begin + row + b");\n"
            done += 1
        else:
            return


def _exact_real(value: float) -> str:
    """A number as whole numbers that are multiplied or divided by powers of two: nothing is rounded on the way."""
    if math.isinf(value):
        return "9e999" if value > 0 else "-9e999"
    fraction, exponent = math.frexp(value)
    number, exponent = int(fraction * 2**53), exponent - 53
    while number % 2 == 0:
        number, exponent = number // 2, exponent + 1
    sign = "*" if exponent > 0 else "/"
    steps, rest = divmod(abs(exponent), 64)
    return f"{number}.0" + f"{sign}{_STEP}.0" * steps + f"{sign}{2**rest}.0"


def _is_text(row: bytes) -> bool:
    try:
        row.decode()
    except UnicodeDecodeError:
        return False
    return True


def _name(name: bytes) -> str:
    return '"' + name.decode().replace('"', '""') + '"'


def _text(value: bytes) -> bytes:
    return b"'" + value.replace(b"'", b"''") + b"'"
