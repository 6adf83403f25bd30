"""SQLite: a file in the project, copied and replaced by SQLite itself while the application uses it.

Replaced means: written over by the backup API in one transaction. Another process has the file open, so nothing may
be renamed over it: its journal would then belong to another file.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from devkit.database.dump_kinds import Form
from devkit.database.dump_text import Watched, cut_short
from devkit.database.engine import Load, not_loaded, read_only
from devkit.database.sqlite_text import dump_lines, execute, statements
from devkit.database.streams import CHUNK
from devkit.project.errors import FailedError, UsageError
from devkit.project.paths import owner_of

SCRATCH_PREFIX = ".scratch-"
"""Files of an import or export under way; what a killed devkit left goes with the next one."""

_BUSY_SECONDS = 5.0
_COPY_SECONDS = 15.0
_RETRY_SECONDS = 0.002
_SIDE_FILES = ("-journal", "-wal", "-shm")


class SqliteDatabase:
    """The application's database file; `scratch` is a directory for copies."""

    engine = "sqlite"
    snapshot_form = Form.SQLITE

    def __init__(self, file: Path, scratch: Path) -> None:
        self._file = file
        self._scratch = scratch

    def version(self) -> str:
        """SQLite's version here; the file's format is the same for every version 3."""
        return sqlite3.sqlite_version

    def size(self) -> int:
        """The file and what waits in its write-ahead log."""
        if not self._file.is_file():
            raise FailedError(f"there is no database file {self._file}", "devkit up makes it")
        log = self._file.with_name(self._file.name + "-wal")
        return self._file.stat().st_size + (log.stat().st_size if log.is_file() else 0)

    def free(self) -> int:
        """Bytes free for this user beside the file."""
        return shutil.disk_usage(self._file.parent).free

    def check_writable(self) -> None:
        """The file's own mode counts, also for root, whom it does not stop."""
        for path, what in ((self._file, "file"), (self._file.parent, "directory")):
            if path.exists() and not (path.stat().st_mode & 0o222 and os.access(path, os.W_OK)):
                raise read_only("sqlite", f"the {what} {path} may not be written", f"chmod u+w {path}")

    def close(self) -> None:
        """Nothing stays open between the actions."""

    def recover(self) -> None:
        """SQLite finishes or undoes its own transaction when the file is opened next; copies are deleted here."""
        for left in self._scratch.glob(f"{SCRATCH_PREFIX}*"):
            left.unlink(missing_ok=True)
        if self._file.is_file() and self._file.stat().st_size:
            with self._opened() as connection:
                connection.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()

    @contextmanager
    def dump(self, form: Form) -> Iterator[Iterator[bytes]]:
        """A copy at one moment: as a file, or as the SQL text made of it."""
        self.size()
        with self._copy_path() as copy:
            with self._opened() as source, closing(sqlite3.connect(copy)) as target:
                _back_up(source, target, self._file)
            if form is Form.SQLITE:
                yield _bytes_of(copy)
            else:
                with closing(_connect(copy, "mode=ro&immutable=1")) as connection, _explained(self._file):
                    yield dump_lines(connection)

    def replace(self, load: Load) -> tuple[str, ...]:
        """Make the new database beside the former one, check it, and write it over that in one transaction."""
        with self._copy_path() as copy:
            if load.dump.form is Form.SQLITE:
                _write(copy, load)
            else:
                _execute(copy, load)
            existed = self._file.exists()
            page_size = self._prepare(copy, load.name)
            with closing(_connect(copy, "mode=ro&immutable=1")) as source, self._opened() as target:
                if not existed:
                    target.execute(f"PRAGMA page_size = {page_size}")
                _back_up(source, target, self._file)
            if not existed and os.geteuid() == 0:
                os.chown(self._file, *owner_of(self._file.parent))
        return ()

    def _prepare(self, copy: Path, name: str) -> int:
        """Check the new database, and give it the page size of the former one: a file in WAL mode takes no other."""
        wanted = 0
        if self._file.is_file() and self._file.stat().st_size:
            with self._opened() as connection:
                wanted = connection.execute("PRAGMA page_size").fetchone()[0]
        try:
            with closing(sqlite3.connect(copy, isolation_level=None)) as connection:
                verdict = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
                if verdict != "ok":
                    raise UsageError(f"{name} is damaged: {verdict}", "make it again: sqlite3 FILE '.backup COPY'")
                if not connection.execute("SELECT COUNT(*) FROM sqlite_master WHERE type = 'table'").fetchone()[0]:
                    raise UsageError(f"{name} makes no table", "name a dump of a whole database")
                connection.execute("PRAGMA journal_mode = DELETE")
                page_size: int = connection.execute("PRAGMA page_size").fetchone()[0]
                if wanted and page_size != wanted:
                    connection.execute(f"PRAGMA page_size = {wanted}")
                    connection.execute("VACUUM")
                return wanted or page_size
        except sqlite3.DatabaseError as error:
            raise UsageError(f"{name} is damaged: {error}", "copy it again, or make it again") from error

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        """The project's own file; what SQLite says of it is an error for a person."""
        with (
            _explained(self._file),
            closing(sqlite3.connect(self._file, timeout=_BUSY_SECONDS, isolation_level=None)) as connection,
        ):
            yield connection

    @contextmanager
    def _copy_path(self) -> Iterator[Path]:
        self._scratch.mkdir(parents=True, exist_ok=True, mode=0o700)
        copy = self._scratch / f"{SCRATCH_PREFIX}{os.getpid()}-{time.monotonic_ns()}"
        try:
            copy.touch(mode=0o600)
            yield copy
        finally:
            for suffix in ("", *_SIDE_FILES):
                copy.with_name(copy.name + suffix).unlink(missing_ok=True)


def _connect(file: Path, options: str) -> sqlite3.Connection:
    return sqlite3.connect(f"{file.absolute().as_uri()}?{options}", uri=True, isolation_level=None)


def _back_up(source: sqlite3.Connection, target: sqlite3.Connection, file: Path) -> None:
    """All pages in one step, which is one transaction; gives up where the file stays locked."""
    deadline = time.monotonic() + _COPY_SECONDS
    for connection in (source, target):
        # SQLite's own waiting sleeps up to a tenth of a second between attempts: a busy writer never lets it in.
        connection.execute("PRAGMA busy_timeout = 0")

    def check(status: int, _remaining: int, _total: int) -> None:
        if _is_busy(status) and time.monotonic() > deadline:
            raise FailedError(
                f"{file.name} is locked by another program for more than {_COPY_SECONDS:g} s",
                "end what writes to it (a transaction in tinker, a database browser), then try again",
            )

    while True:
        try:
            source.backup(target, pages=-1, progress=check, sleep=_RETRY_SECONDS)
        except sqlite3.OperationalError as error:
            # Python itself tries again for the plain codes, and not for SQLITE_BUSY_RECOVERY or SQLITE_BUSY_SNAPSHOT:
            # a write-ahead log that another connection is just reading in, or that went on meanwhile.
            if not _is_busy(error.sqlite_errorcode):
                raise
            check(error.sqlite_errorcode, 0, 0)
            time.sleep(_RETRY_SECONDS)
        else:
            return


def _is_busy(code: int) -> bool:
    """Whether a result code, or the plain one in an extended one (https://sqlite.org/rescode.html), means a lock."""
    return code & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


@contextmanager
def _explained(file: Path) -> Iterator[None]:
    """What SQLite says of the project's own file, as an error for a person."""
    try:
        yield
    except sqlite3.Error as error:
        hint = "devkit db restore brings a snapshot back"
        if "disk is full" in str(error) or "disk I/O" in str(error):
            hint = "free some space, then try again; the database is as it was"
        elif "locked" in str(error):
            hint = "end what writes to it (a transaction in tinker, a database browser), then try again"
        raise FailedError(f"{file}: {error}", hint) from error


def _bytes_of(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            yield chunk


def _write(copy: Path, load: Load) -> None:
    with copy.open("wb") as stream:
        for chunk in load.chunks:
            stream.write(chunk)
    with copy.open("rb") as stream:
        head = stream.read(100)
    page_size = int.from_bytes(head[16:18], "big")
    pages = int.from_bytes(head[28:32], "big")
    size = 65536 if page_size == 1 else page_size
    counted = head[24:28] == head[92:96]  # else an old SQLite wrote it, and the number of pages is not kept
    if len(head) < 100 or (counted and copy.stat().st_size < pages * size):
        raise cut_short(load.name, f"{copy.stat().st_size} bytes of {pages * size}")


def _execute(copy: Path, load: Load) -> None:
    """Run a dump's statements in a fresh database. It is thrown away if anything fails, so nothing is synced."""
    watched = Watched(load.chunks)
    line = 1
    with closing(sqlite3.connect(copy, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.set_authorizer(_no_other_files)
        try:
            for statement in statements(iter(watched)):
                if statement.unfinished:
                    raise cut_short(load.name, f"the statement in line {statement.line} does not end")
                line = statement.line
                execute(connection, statement.text)
            if b"\nROLLBACK; -- due to errors" in watched.tail:
                raise UsageError(f"{load.name} ends with ROLLBACK: its own dump failed", "make it again")
            if connection.in_transaction:
                raise cut_short(load.name, "“COMMIT;” is missing at its end")
        except sqlite3.Error as error:
            raise not_loaded(load.name, f"line {line}: {error}") from error
        except UnicodeDecodeError as error:
            raise not_loaded(load.name, f"after line {line}: not UTF-8 text") from error
    watched.check_end(load.dump, load.name)


def _no_other_files(action: int, *_: object) -> int:
    return sqlite3.SQLITE_DENY if action in (sqlite3.SQLITE_ATTACH, sqlite3.SQLITE_DETACH) else sqlite3.SQLITE_OK
