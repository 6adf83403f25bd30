"""What `devkit db` does: each action from its checks to its end, the same for every engine."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from devkit.database.account import TITLES, read_account, sqlite_file
from devkit.database.container import Container
from devkit.database.dump_kinds import Form, check_engine, recognise
from devkit.database.engine import Database, Load
from devkit.database.lock import changing, reading
from devkit.database.mysql import MySqlDatabase
from devkit.database.mysql_server import MySqlServer
from devkit.database.postgres import PostgresDatabase
from devkit.database.snapshots import Snapshot, Snapshots, check_name, snapshot_directory
from devkit.database.streams import Incoming, Meter, OnTransfer, Sink, check_target, megabytes, open_dump, open_export
from devkit.engine.state import ServiceState
from devkit.project.errors import FailedError, UsageError
from devkit.project.paths import MachinePaths
from devkit.project.services import APP, SERVICES
from devkit.setup import stack
from devkit.setup.masked import secrets_masked, secrets_masker
from devkit.setup.project import Project

_COMPRESSED = 4
"""A compressed dump is taken to hold this many times its size; SQL shrinks to a fifth or a tenth."""

_SPARE = 64 * 1024 * 1024
_KEPT_LINES = 20
_SQLITE_SUFFIXES = (".sqlite", ".sqlite3", ".db")


@dataclass(frozen=True)
class Told:
    """Where an action says what it does, and asks before it destroys."""

    line: Callable[[str], None]
    service: Callable[[ServiceState], None]
    transfer: OnTransfer
    confirm: Callable[[str], bool]


@dataclass(frozen=True)
class Imported:
    """What an import did: bytes read of the file, seconds, and what was left out."""

    name: str
    bytes: int
    seconds: float
    warnings: tuple[str, ...]


class DatabaseWork:
    """The actions on one project's database. Each asks first, then takes the lock, then starts what has to run."""

    def __init__(self, project: Project, machine: MachinePaths, told: Told) -> None:
        self.snapshots = Snapshots(snapshot_directory(machine, project.settings.name))
        self._project = project
        self._told = told
        self._engine = project.settings.database

    @property
    def title(self) -> str:
        """The database for people: `the MySQL database of shop`."""
        return f"the {TITLES[self._engine]} database of {self._project.settings.name}"

    def export(self, path: Path | None) -> int:
        """Write the whole database to a file, or to stdout; the bytes before compression."""
        if path is not None:
            check_target(path)
        form = Form.TEXT
        if self._engine == "sqlite" and path is not None and _plain_suffix(path) in _SQLITE_SUFFIXES:
            form = Form.SQLITE
        with self._reading() as database:
            if path is not None:
                _check_room(database.size() // _COMPRESSED, shutil.disk_usage(path.parent).free, str(path.parent))
            with database.dump(form) as chunks, open_export(path) as sink:
                return self._pour(chunks, sink)

    def import_(self, path: Path | None) -> Imported:
        """Put a dump in the place of all that the database holds; it stays as it is whatever goes wrong."""
        began = time.monotonic()
        with open_dump(path, self._told.transfer) as incoming:
            dump = recognise(incoming.head, incoming.name)
            check_engine(dump, self._engine, incoming.name)
            self._ask(f"Replace all that {self.title} holds with {incoming.name}?")
            with self._changing("import") as database:
                _check_room(_bytes_needed(incoming), database.free(), "where the database is")
                warnings = database.replace(Load(dump, incoming.chunks(), incoming.name))
            masker = secrets_masker(self._project.paths)
            shown = tuple(masker.text(warning) for warning in warnings)
            return Imported(incoming.name, incoming.meter.done, time.monotonic() - began, shown)

    def snapshot(self, name: str | None) -> Snapshot:
        """Keep the database as it is now, under a name or under the time."""
        if name is not None and (former := self.snapshots.named(check_name(name))):
            self._ask(f"Replace the snapshot {former.name} of {former.created.astimezone():%Y-%m-%d %H:%M}?")
        with self._reading() as database:
            return self._keep(database, name or self.snapshots.free_name(), automatic=False)

    def is_in(self, volumes: Collection[str]) -> bool:
        """Whether the data are in one of these volumes; an SQLite file is in none."""
        service = SERVICES.get(self._engine)
        return service is not None and f"{self._project.settings.name}_{service.volume}" in volumes

    def farewell(self) -> Snapshot:
        """Keep the database before its volume is deleted; what was kept so is never cleared away by itself."""
        with self._reading() as database:
            return self._keep(database, self.snapshots.free_name("before-delete-"), automatic=False)

    def restore(self, name: str | None) -> Snapshot:
        """Put a snapshot (the newest without a name) in the place of all that the database holds."""
        snapshot = self.snapshots.find(name)
        if snapshot.engine != self._engine:
            raise UsageError(
                f"the snapshot {snapshot.name} is of {TITLES.get(snapshot.engine, snapshot.engine)},"
                f" this project has {TITLES[self._engine]}",
                "change the engine back, or choose another: devkit db snapshots",
            )
        self._ask(
            f"Replace all that {self.title} holds with the snapshot {snapshot.name}"
            f" of {snapshot.created.astimezone():%Y-%m-%d %H:%M}?"
        )
        with open_dump(snapshot.path, self._told.transfer) as incoming, self._changing("restore") as database:
            _check_room(snapshot.database_bytes, database.free(), "where the database is")
            database.replace(Load(recognise(incoming.head, incoming.name), incoming.chunks(), incoming.name))
        return snapshot

    def fresh(self) -> Snapshot:
        """Keep a snapshot, then drop all tables, migrate and seed; gives the snapshot."""
        self._ask(f"Drop all tables of {self.title}, then migrate and seed it? (A snapshot is taken first.)")
        with self._changing("fresh") as database:
            name = self.snapshots.free_name("before-fresh-")
            snapshot = self._keep(database, name, automatic=True)
            self._told.line(f"snapshot {snapshot.name}")
            self._started(APP)
            command = ("php", "artisan", "migrate:fresh", "--seed", "--force", "--no-interaction", "--no-ansi")
            said: list[str] = []

            def keep(line: str) -> None:
                if text := line.strip():
                    said.append(text)
                    del said[:-_KEPT_LINES]
                    self._told.line(text)

            status = self._project.compose.stream("exec", "-T", APP, *command, on_line=keep)
        if status != 0:
            raise FailedError(
                f"migrate:fresh failed: {_reason(said) or f'status {status}'}",
                f"mend it and try again, or go back: devkit db restore {snapshot.name}",
                detail="\n".join(said),
            )
        return snapshot

    def _keep(self, database: Database, name: str, *, automatic: bool) -> Snapshot:
        size, form, directory = database.size(), database.snapshot_form, self.snapshots.directory
        copies = 1 if form is Form.SQLITE else 0  # a file is copied before it is compressed
        _check_room(size // _COMPRESSED + copies * size, shutil.disk_usage(directory).free, str(directory))
        engine, version = database.engine, database.version()
        writing = self.snapshots.writing(
            name, form, engine=engine, version=version, database_bytes=size, automatic=automatic
        )
        with database.dump(form) as chunks, writing as sink:
            self._pour(chunks, sink)
        if automatic:
            self.snapshots.forget_old_automatic()
        return self.snapshots.find(name)

    def _pour(self, chunks: Iterator[bytes], sink: Sink) -> int:
        meter = Meter(None, self._told.transfer)
        for chunk in chunks:
            sink.write(chunk)
            meter.add(len(chunk))
        return meter.done

    def _ask(self, question: str) -> None:
        if not self._told.confirm(question):
            raise FailedError("nothing was changed", "answer y to go on")

    @contextmanager
    def _reading(self) -> Iterator[Database]:
        with secrets_masked(self._project.paths), closing(self._database()) as database:

            def recover() -> None:
                self.snapshots.clear()
                database.recover()

            with reading(self.snapshots.directory, recover):
                yield database

    @contextmanager
    def _changing(self, what: str) -> Iterator[Database]:
        masked = secrets_masked(self._project.paths)  # a client's error has the rows and statements of a dump
        with changing(self.snapshots.directory, what), masked, closing(self._database()) as database:
            self.snapshots.clear()
            database.recover()
            database.check_writable()
            yield database

    def _database(self) -> Database:
        """The project's database, its service started if it is down."""
        paths, settings = self._project.paths, self._project.settings
        if self._engine == "sqlite":
            try:
                from devkit.database.sqlite import SqliteDatabase  # imported here: some Pythons are built without it
            except ImportError as error:
                raise FailedError(
                    f"this Python has no sqlite3 module: {error}", "use one that has, such as the system's own"
                ) from error
            return SqliteDatabase(sqlite_file(paths, settings), self.snapshots.directory)
        account = read_account(paths, settings)
        state = self._started(self._engine)
        password = "PGPASSWORD" if self._engine == "pgsql" else "MYSQL_PWD"
        container = Container(self._project.docker, state.container, self._engine, {password: account.password})
        if self._engine == "pgsql":
            return PostgresDatabase(container, account)
        return MySqlDatabase(MySqlServer(container, account, self._engine))

    def _started(self, service: str) -> ServiceState:
        return started(self._project, service, self._told.line, self._told.service)


def started(
    project: Project, service: str, on_line: Callable[[str], None], on_change: Callable[[ServiceState], None]
) -> ServiceState:
    """A service's state once it is ready; it is started if it is not."""
    project.docker.ping()

    def state() -> ServiceState:
        return next(found for found in project.compose.services([service]) if found.name == service)

    if not (now := state()).ready:
        on_line(f"starting {service}")
        stack.start(project, [service], on_change=on_change, on_line=on_line)
        now = state()
    return now


def _check_room(needed: int, free: int, where: str) -> None:
    if needed + _SPARE > free:
        raise FailedError(
            f"not enough room {where}: about {megabytes(needed + _SPARE)} are needed, {megabytes(free)} are free",
            "free some space, then try again; nothing was changed",
        )


def _bytes_needed(incoming: Incoming) -> int:
    if incoming.size is None:
        return len(incoming.head)
    return incoming.size * (_COMPRESSED if incoming.compressed else 1)


def _plain_suffix(path: Path) -> str:
    """The suffix before the one of a compression."""
    return Path(path.stem).suffix if path.suffix in (".gz", ".zst") else path.suffix


def _reason(lines: list[str]) -> str:
    """The line that says what went wrong: artisan ends with a stack trace, or with a table of progress."""
    told = [line for line in lines if "SQLSTATE" in line or "Exception" in line]
    return (told or lines[-1:] or [""])[0].partition(" (Connection:")[0]
