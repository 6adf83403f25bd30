"""SQL dumps on their way to a server: what names a database at their head is left out, a missing end is noticed.

Only the head is changed, up to the first statement that makes something, where no line can be a person's data. What
goes to another database later on is refused by the server: the account that loads a dump reaches one database only.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Literal

from devkit.database.dump_kinds import Dump
from devkit.project.errors import UsageError

_HEAD_LIMIT = 1024 * 1024
_TAIL = 64 * 1024

_Verdict = Literal["keep", "drop", "drop statement", "content"]

_COMMENT = re.compile(rb"\s*(?:--|#|\Z)")
_MYSQL_DROP = re.compile(
    rb"(?:/\*!\d{5} )?(?:CREATE|DROP) (?:DATABASE|SCHEMA)\b[^\n]*;\s*\Z|USE\s[^\n]*;\s*\Z", re.IGNORECASE
)
_MYSQL_GTIDS = re.compile(rb"SET @@GLOBAL\.GTID_PURGED", re.IGNORECASE)
_MARIADB_SANDBOX = b"/*M!999999\\-"
_MYSQL_KEEP = re.compile(rb"(?:SET|START TRANSACTION|BEGIN|DELIMITER)\b|/\*[!M][^\n]*\*/;?\s*\Z", re.IGNORECASE)
_POSTGRES_DROP = re.compile(
    rb"(?:(?:CREATE|DROP|ALTER|COMMENT ON) DATABASE\b|ALTER ROLE [^\n]* IN DATABASE\b"
    rb"|(?:GRANT|REVOKE) [^\n]* ON DATABASE\b)[^\n]*;\s*\Z|\\c(?:onnect)?\s",
    re.IGNORECASE,
)
_POSTGRES_KEEP = re.compile(rb"(?:SET|BEGIN)\b|SELECT pg_catalog\.set_config\(|\\(?:un)?restrict\b", re.IGNORECASE)
_USE = re.compile(rb"USE `(.*)`;\s*\Z", re.IGNORECASE)
_USE_AGAIN = re.compile(rb"\n-- Current Database: `(.*)`\n--\n\nUSE `\1`;")
_DUMPED_DATABASE = re.compile(rb"^-- Host: .*? Database: (\S+)\s*$", re.MULTILINE)


class Watched:
    """Chunks on their way, with the last 64 KiB of what went by; `over` once there are no more."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self.tail = b""
        self.over = False

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._chunks:
            self.tail = (self.tail + chunk)[-_TAIL:] if len(chunk) < _TAIL else chunk[-_TAIL:]
            yield chunk
        self.over = True

    def check_end(self, dump: Dump, name: str) -> None:
        """UsageError if what the dump's writer puts last is missing."""
        if dump.end and dump.end not in self.tail:
            raise cut_short(name, f"“{dump.end.decode()}” is missing at its end")


def cut_short(name: str, why: str) -> UsageError:
    """The error for a dump whose end is missing."""
    return UsageError(f"{name} is cut short: {why}", "copy it again, or make it again")


def mysql_text(chunks: Iterator[bytes], *, mariadb: bool) -> Iterator[bytes]:
    """A dump without `CREATE DATABASE` and `USE`, and without what only its own server takes.

    The executed transactions of the server that it is from (GTID_PURGED), and for MySQL the mark by which MariaDB's
    client forbids itself shell commands.
    """

    home = b""

    def judge(line: bytes) -> _Verdict:
        nonlocal home
        if _MYSQL_DROP.match(line) or (not mariadb and line.startswith(_MARIADB_SANDBOX)):
            if not home and (used := _USE.match(line)):
                home = used[1]
            return "drop"
        if _MYSQL_GTIDS.match(line):
            return "drop statement"
        return "keep" if _COMMENT.match(line) or _MYSQL_KEEP.match(line) else "content"

    def same_again(part: bytes) -> bytes:
        # mysqldump --databases says it once more before the views
        found = _USE_AGAIN.fullmatch(part)
        return b"\n" * part.count(b"\n") if found and found[1] == home else part

    changed = _edited(_without(chunks, judge), b"\n-- Current Database: `", b";\n", same_again)
    return _unqualified_views(changed) if mariadb else changed


def postgres_text(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """A dump without `CREATE DATABASE` and `\\connect`, as `pg_dump --create` puts them at its head."""

    def judge(line: bytes) -> _Verdict:
        if _POSTGRES_DROP.match(line):
            return "drop"
        return "keep" if _COMMENT.match(line) or _POSTGRES_KEEP.match(line) else "content"

    return _without(chunks, judge)


def _without(chunks: Iterator[bytes], judge: Callable[[bytes], _Verdict]) -> Iterator[bytes]:
    """Lines of the head that are not wanted become empty ones: the server's line numbers stay the file's."""
    rest = b""
    seen = 0
    dropping = commented = False
    for chunk in chunks:
        lines = (rest + chunk).split(b"\n")
        rest = lines.pop()
        for at, line in enumerate(lines):
            seen += len(line)
            if commented or (line.startswith(b"/*") and line[2:3] not in (b"!", b"M") and b"*/" not in line):
                commented = b"*/" not in line
                verdict: _Verdict = "keep"
            else:
                verdict = "drop statement" if dropping else judge(line)
            dropping = verdict == "drop statement" and not line.rstrip().endswith(b";")
            if verdict == "content" or seen > _HEAD_LIMIT:
                yield b"\n".join([*lines[at:], rest])
                yield from chunks
                return
            yield b"\n" if verdict.startswith("drop") else line + b"\n"
        if len(rest) > _HEAD_LIMIT:
            break
    if rest and not (dropping or judge(rest).startswith("drop")):
        yield rest
    yield from chunks


def _unqualified_views(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """A dump of MariaDB whose views do not name the database that they come from.

    Its server puts the name into views whose definer does not exist there, and into no others.
    """
    name = b""

    def watched() -> Iterator[bytes]:
        nonlocal name
        head = b""
        for chunk in chunks:
            if not name and len(head) < _HEAD_LIMIT:
                head += chunk
                name = b"`" + found[1] + b"`." if (found := _DUMPED_DATABASE.search(head)) else b""
            yield chunk

    yield from _edited(watched(), b"\n/*!50001 VIEW `", b"\n", lambda view: view.replace(name, b"") if name else view)


def _edited(chunks: Iterator[bytes], start: bytes, end: bytes, edit: Callable[[bytes], bytes]) -> Iterator[bytes]:
    """The text with each part edited that begins with `start` and goes up to the line end that `end` ends with.

    Both begin or end a line, and the dump programs escape the line ends in data: no value is touched.
    """
    held = b""
    for chunk in chunks:
        held += chunk
        done = 0
        while (at := held.find(start, done)) >= 0 and (stop := held.find(end, at + len(start))) >= 0:
            yield held[done:at]
            done = stop + len(end) - 1
            yield edit(held[at:done])
        keep = at if at >= 0 else max(done, len(held) - len(start) + 1)
        yield held[done:keep]
        held = held[keep:]
    yield held
