"""MySQL and MariaDB: dumps by their own program, loaded beside the application's database and then exchanged for it."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from devkit.database.account import TITLES
from devkit.database.container import Ended
from devkit.database.dump_kinds import Form
from devkit.database.dump_text import Watched, cut_short, mysql_text
from devkit.database.engine import ASIDE, LOADER, SCRATCH, Load, no_database, not_loaded, read_only
from devkit.database.mysql_exchange import clear, exchange, finish
from devkit.database.mysql_server import PACKET, MySqlServer, identifier, text
from devkit.project.errors import DevkitError, FailedError, UsageError

_DATA = "/var/lib/mysql"
# What dumps set or name beyond their own database: the binary log, and the accounts that programmes belong to.
_NEEDED = (
    "SUPER",
    "SET USER",
    "SET_USER_ID",
    "SET_ANY_DEFINER",
    "ALLOW_NONEXISTENT_DEFINER",
    "SYSTEM_USER",
    "BINLOG ADMIN",
    "BINLOG_ADMIN",
    "SESSION_VARIABLES_ADMIN",
)
_ERROR = re.compile(r"ERROR (?P<code>\d+)[^:]*?(?: at line (?P<line>\d+))?(?: in file: .*?)?: (?P<said>.*)")
_FOREIGN_DATABASE = ("1044", "1142", "1370", "1227")


class MySqlDatabase:
    """The application's database on the project's MySQL or MariaDB."""

    def __init__(self, server: MySqlServer) -> None:
        self._server = server
        self._name = server.account.database

    @property
    def engine(self) -> str:
        """mysql or mariadb."""
        return self._server.engine

    @property
    def snapshot_form(self) -> Form:
        """SQL: it is loaded in seconds, and by any later version."""
        return Form.TEXT

    def version(self) -> str:
        """As the server says it: `9.7.4`, `11.8.9-MariaDB`."""
        return self._server.ask("SELECT VERSION();")[0][0]

    def size(self) -> int:
        """Data and indexes, by the server's own count."""
        fresh = "SET SESSION information_schema_stats_expiry = 0;" if self.engine == "mysql" else ""
        rows = self._server.ask(
            f"{fresh}SELECT schema_name, (SELECT COALESCE(SUM(data_length + index_length), 0)"
            f" FROM information_schema.tables WHERE table_schema = {text(self._name)})"
            f" FROM information_schema.schemata WHERE schema_name = {text(self._name)};"
        )
        if not rows:
            raise no_database(self.engine, self._name)
        return int(float(rows[0][1]))

    def free(self) -> int:
        """Bytes free below the server's data directory."""
        return self._server.container.free(_DATA)

    def check_writable(self) -> None:
        """read_only and super_read_only are settings of the whole server."""
        names = ["read_only", "innodb_read_only", *(["super_read_only"] if self.engine == "mysql" else [])]
        values, *exists = self._server.ask(
            f"SELECT {', '.join(f'@@global.{name}' for name in names)};"
            f"SELECT schema_name FROM information_schema.schemata WHERE schema_name = {text(self._name)};"
        )
        found = [name for name, value in zip(names, values, strict=True) if value not in ("0", "OFF")]
        if found:
            raise read_only(self.engine, f"{found[-1]} is on", f"turn it off: SET GLOBAL {found[-1]} = 0")
        if not exists:
            raise no_database(self.engine, self._name)

    def close(self) -> None:
        """End the client."""
        self._server.close()

    def recover(self) -> None:
        """End a loader that outlived its devkit, finish an exchange that was decided, take the rest away."""
        left = self._server.ask(
            f"SELECT schema_name FROM information_schema.schemata WHERE schema_name IN ({text(SCRATCH)}, {text(ASIDE)})"
            f" UNION ALL SELECT user FROM mysql.user WHERE user = '{LOADER}';"
        )
        if left:
            self._server.close_connections(user=LOADER)
            finish(self._server, self._name)
            self._server.ask(clear())

    @contextmanager
    def dump(self, _form: Form) -> Iterator[Iterator[bytes]]:
        """One transaction's view of everything. Binary values as hexadecimal: the dump is text."""
        command = self._server.dump_command(
            "--quick", "--routines", "--events", "--triggers", "--hex-blob", "--", self._name
        )

        def check(ended: Ended) -> None:
            if ended.status != 0:
                raise self._server.container.failure(ended, f"{TITLES[self.engine]} could not be dumped")

        with self._server.container.read(*command, check=check) as chunks:
            yield chunks

    def replace(self, load: Load) -> tuple[str, ...]:
        """Load into a scratch database with an account that reaches no other, then exchange."""
        try:
            password, usual_packet = self._prepared()
            try:
                self._load(load, password)
            finally:
                with suppress(DevkitError):  # why the load failed is what has to be said
                    self._server.ask(f"SET GLOBAL max_allowed_packet = {usual_packet};")
            loaded = self._server.contents(SCRATCH)
            if not loaded.tables:
                raise UsageError(f"{load.name} makes no table", "name a dump of a whole database")
            # The server counts by itself, but some seconds later: sizes and plans are right from the start.
            tables = ", ".join(f"{identifier(SCRATCH)}.{identifier(name)}" for name in loaded.tables)
            self._server.ask(f"ANALYZE TABLE {tables};")
            exchange(self._server, self._name, loaded)
        except BaseException:
            with suppress(DevkitError):  # the next devkit does it
                self.recover()
            raise
        return ()

    def _prepared(self) -> tuple[str, int]:
        """Make the scratch database, sorted as the real one, and the loader; its password, and the former packet."""
        password = secrets.token_hex(16)
        usual, *rows = self._server.ask(
            "SELECT @@global.max_allowed_packet, default_character_set_name, default_collation_name"
            f" FROM information_schema.schemata WHERE schema_name = {text(self._name)};"
            "SHOW PRIVILEGES;"
        )
        packet, charset, collation = usual
        known = {row[0].upper() for row in rows}
        needed = ", ".join(name for name in _NEEDED if name in known)
        pattern = SCRATCH.replace("_", "\\_")  # in a GRANT an underscore stands for any character
        self._server.ask(
            f"CREATE USER '{LOADER}'@'localhost' IDENTIFIED BY '{password}';"
            f"CREATE DATABASE {identifier(SCRATCH)} CHARACTER SET {charset} COLLATE {collation};"
            f"GRANT ALL ON {identifier(pattern)}.* TO '{LOADER}'@'localhost';"
            f"GRANT {needed} ON *.* TO '{LOADER}'@'localhost';"
            f"SET GLOBAL max_allowed_packet = {PACKET};"
        )
        return password, int(packet)

    def _load(self, load: Load, password: str) -> None:
        mark = secrets.token_hex(16)
        watched = Watched(mysql_text(load.chunks, mariadb=self.engine == "mariadb"))

        def with_mark() -> Iterator[bytes]:
            yield from watched
            yield f"\nSELECT '{mark}';\n".encode()

        ended = self._server.container.feed(
            self._server.client,
            f"--user={LOADER}",
            "--binary-mode",
            "--default-character-set=utf8mb4",
            f"--max-allowed-packet={PACKET}",
            "--init-command=SET SESSION sql_log_bin=0, unique_checks=0",
            "--",
            SCRATCH,
            chunks=with_mark(),
            stop=lambda line: line.startswith("ERROR "),
            variables={"MYSQL_PWD": password},
        )
        if ended.status != 0 or ended.fatal:
            raise self._refused(load, ended, mark, watched)
        watched.check_end(load.dump, load.name)
        if mark.encode() not in ended.output:
            raise cut_short(load.name, "its last statement does not end")

    def _refused(self, load: Load, ended: Ended, mark: str, watched: Watched) -> FailedError | UsageError:
        found = _ERROR.match(ended.fatal)
        if found is None:
            return self._server.container.failure(ended, f"{load.name} was not imported")
        if watched.over:
            watched.check_end(load.dump, load.name)
            if mark in " ".join(ended.errors):
                return cut_short(load.name, "its last statement does not end")
        where = f"line {found['line']}: " if found["line"] else ""
        if found["code"] in _FOREIGN_DATABASE and LOADER in found["said"]:
            return not_loaded(
                load.name,
                f"{where}it writes to another database than the one it is loaded into ({found['said']})",
            )
        return not_loaded(load.name, where + found["said"])
