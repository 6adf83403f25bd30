"""MySQL's and MariaDB's own programs in the container: questions, scripts, and what a database consists of."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter

from devkit.database.account import TITLES, Account
from devkit.database.container import Container, Ended
from devkit.database.engine import LOADER
from devkit.database.session import Session

# The container's own root password if it has one: it is what the server was made with. Never an argument.
_ROOT = 'export MYSQL_PWD="${MARIADB_ROOT_PASSWORD:-${MYSQL_ROOT_PASSWORD:-$MYSQL_PWD}}"; '
_AS_ROOT = f'{_ROOT}exec "$0" --user=root "$@"'

PACKET = 1 << 30
"""A row that the server holds may be twice as long in a dump, so the limit on statements is the largest there is."""

_WHOLE = "-- devkit: the script is whole"
# Runs a script once all of it is there, and then to its end, whatever becomes of devkit: nothing is written to a pipe
# of devkit's before the client is done.
_TO_THE_END = (
    f"{_ROOT}script=$(cat);"
    f' case $script in *"{_WHOLE}") ;; *) exit 1 ;; esac;'
    ' said=$(printf "%s\\n" "$script" | "$0" --user=root "$@" 2>&1); status=$?; printf "%s\\n" "$said" >&2;'
    " exit $status"
)
# The scratch databases are no business of the binary log, and renames of tables that it does not know neither.
_UNLOGGED = "--init-command=SET SESSION sql_log_bin=0"
_ESCAPES = {"\\t": "\t", "\\n": "\n", "\\0": "\0", "\\\\": "\\"}
_DEFINER = re.compile(rb"DEFINER=`((?:[^`]|``)*)`@`((?:[^`]|``)*)`")


def identifier(name: str) -> str:
    """A name in SQL."""
    return "`" + name.replace("`", "``") + "`"


def text(value: str) -> str:
    """A text in SQL, whatever characters it has and whatever sql_mode is."""
    return f"CONVERT(X'{value.encode().hex()}' USING utf8mb4)"


@dataclass(frozen=True)
class Contents:
    """What a database consists of, by name: `tables` include sequences.

    `triggers` are (name, table), `routines` are (kind, name).
    """

    tables: tuple[str, ...] = ()
    views: tuple[str, ...] = ()
    triggers: tuple[tuple[str, str], ...] = ()
    routines: tuple[tuple[str, str], ...] = ()
    events: tuple[str, ...] = ()


class MySqlServer:
    """The server in its container; `engine` is mysql or mariadb."""

    def __init__(self, container: Container, account: Account, engine: str) -> None:
        self.container = container
        self.account = account
        self.engine = engine
        options = ("--batch", "--unbuffered", "--skip-column-names", "--default-character-set=utf8mb4", _UNLOGGED)
        room = f"--max-allowed-packet={PACKET}"
        self._session = Session(container, "sh", "-c", _AS_ROOT, self.client, *options, room)

    @property
    def client(self) -> str:
        """The client's name in the image."""
        return self.engine

    @property
    def dumper(self) -> tuple[str, ...]:
        """The dump program with the options that each dump needs."""
        if self.engine == "mariadb":
            return ("mariadb-dump", "--default-character-set=utf8mb4", "--single-transaction")
        return (
            "mysqldump",
            "--default-character-set=utf8mb4",
            "--single-transaction",
            "--set-gtid-purged=OFF",
            "--no-tablespaces",
        )

    def ask(self, statement: str) -> list[tuple[str, ...]]:
        """The rows of an answer, as root. The statement goes through stdin: it may hold a password."""
        answer = self._session.ask(statement)
        if isinstance(answer, Ended):
            raise self.container.failure(_without_echo(answer), f"{TITLES[self.engine]} refuses")
        return [tuple(_unescaped(cell) for cell in row.split("\t")) for row in answer]

    def close(self) -> None:
        """End the client."""
        self._session.close()

    def run_to_the_end(self, script: bytes, database: str, *, forgiving: bool = False) -> Ended:
        """A script as root in `database`; once it has begun it ends, also without devkit.

        There is no more after an error, unless `forgiving`.
        """
        options = ("--binary-mode", "--default-character-set=utf8mb4", _UNLOGGED, *(["--force"] if forgiving else []))
        whole = script + b"\n" + _WHOLE.encode() + b"\n"
        return _without_echo(
            self.container.run("sh", "-c", _TO_THE_END, self.client, *options, "--", database, input=whole)
        )

    def contents(self, database: str) -> Contents:
        """What a database consists of."""
        of = f"= {text(database)}"
        rows = self.ask(
            "SELECT table_type, table_name FROM information_schema.tables"
            f" WHERE table_schema {of} AND table_type <> 'SYSTEM VIEW' ORDER BY table_name;"
            "SELECT CONCAT('TRIGGER ', trigger_name), event_object_table FROM information_schema.triggers"
            f" WHERE trigger_schema {of};"
            "SELECT CONCAT('ROUTINE ', routine_type), routine_name FROM information_schema.routines"
            f" WHERE routine_schema {of} ORDER BY routine_type DESC;"  # a package's body before the package
            f"SELECT 'EVENT', event_name FROM information_schema.events WHERE event_schema {of};"
        )
        return Contents(
            tables=tuple(name for kind, name in rows if kind in ("BASE TABLE", "SEQUENCE", "SYSTEM VERSIONED")),
            views=tuple(name for kind, name in rows if kind == "VIEW"),
            triggers=tuple((kind.removeprefix("TRIGGER "), of) for kind, of in rows if kind.startswith("TRIGGER ")),
            routines=tuple((kind.removeprefix("ROUTINE "), name) for kind, name in rows if kind.startswith("ROUTINE ")),
            events=tuple(name for kind, name in rows if kind == "EVENT"),
        )

    def programmes(self, database: str, contents: Contents) -> bytes:
        """The script that makes a database's triggers, views, routines and events, free of the database's name.

        What belongs to an account that this server does not have is given to the application's own.
        """
        plain = ("--no-data", "--no-create-info", "--skip-comments")
        script = b""
        # Tables are named: of a database without names the dump program reads the views as well.
        if (contents.routines or contents.events) and contents.tables:
            any_table = contents.tables[0]
            script += self._dumped(*plain, "--routines", "--events", "--skip-triggers", "--", database, any_table)
        script += self._views(database, contents.views)
        if contents.triggers:
            tables = sorted({table for _, table in contents.triggers})
            script += self._dumped(*plain, "--skip-routines", "--skip-events", "--triggers", "--", database, *tables)
        return self._rehomed(script) if script else script

    def _views(self, database: str, names: Sequence[str]) -> bytes:
        """Each view after those that it reads.

        Not by the dump program: it asks as a view's definer would, who may have no rights in the scratch database.
        """
        if not names:
            return b""
        shown = self.ask(f"USE {identifier(database)};" + "".join(f"SHOW CREATE VIEW {identifier(n)};" for n in names))
        of = f"WHERE table_schema = {text(database)}"
        rows = self.ask(f"SELECT table_name, view_definition FROM information_schema.views {of};")
        definitions = {row[0]: row[1] for row in rows}
        reads = {
            name: {other for other in names if f"{identifier(database)}.{identifier(other)}" in definitions[name]}
            for name in names
        }
        made = {
            name: _made_view(sql, client if sql.isascii() else "utf8mb4", collation)
            # MariaDB names the database in views whose definer does not exist.
            for name, statement, client, collation in shown
            for sql in (statement.replace(f"{identifier(database)}.", ""),)
        }
        return "".join(made[name] for name in TopologicalSorter(reads).static_order()).encode()

    def _rehomed(self, script: bytes) -> bytes:
        known = {tuple(row) for row in self.ask("SELECT user, host FROM mysql.user;")}
        heir = next((host for user, host in sorted(known) if user == self.account.user), None)
        ours = f"DEFINER={identifier(self.account.user)}@{identifier(heir)}" if heir else "DEFINER=CURRENT_USER"

        def checked(match: re.Match[bytes]) -> bytes:
            user, host = (part.decode(errors="replace").replace("``", "`") for part in match.groups())
            return match[0] if (user, host) in known and user != LOADER else ours.encode()

        return _DEFINER.sub(checked, script)

    def close_connections(self, database: str = "", user: str = "") -> None:
        """End the connections that use a database, or that a user has; one that ended meanwhile is no error."""
        (own,), *rows = self.ask("SELECT CONNECTION_ID();SHOW PROCESSLIST;")
        kills = [
            f"KILL {row[0]};"
            for row in rows
            if row[0] != own and ((database and row[3] == database) or (user and row[1] == user))
        ]
        if kills:
            command = ("sh", "-c", _AS_ROOT, self.client, "--force")
            self.container.run(*command, input="".join(kills).encode())

    def dump_command(self, *options: str) -> tuple[str, ...]:
        """The words that run the dump program as root."""
        program, *always = self.dumper
        return ("sh", "-c", _AS_ROOT, program, *always, *options)

    def _dumped(self, *options: str) -> bytes:
        ended = self.container.run(*self.dump_command(*options))
        if ended.status != 0:
            raise self.container.failure(ended, f"{TITLES[self.engine]} cannot show its programmes")
        return ended.output


def _without_echo(ended: Ended) -> Ended:
    """MariaDB's client repeats the statement before it says what is wrong with it."""
    fatal = next((line for line in ended.errors if line.startswith("ERROR ")), "")
    return Ended(ended.status, ended.output, ended.errors, ended.fatal or fatal)


def _made_view(statement: str, client: str, collation: str) -> str:
    settings = f"SET character_set_client = {client};\nSET collation_connection = {collation};\n"
    return f"{settings}{statement};\nSET NAMES utf8mb4;\n"


def _unescaped(cell: str) -> str:
    return re.sub(r"\\[tn0\\]", lambda match: _ESCAPES[match[0]], cell)
