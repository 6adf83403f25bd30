"""PostgreSQL: dumps by pg_dump, loaded into a database of their own that then takes the other one's name."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from devkit.database.account import TITLES, Account
from devkit.database.container import Container, Ended
from devkit.database.dump_kinds import Form
from devkit.database.dump_text import Watched, cut_short, postgres_text
from devkit.database.engine import ASIDE, LOADER, SCRATCH, Load, no_database, not_loaded, read_only
from devkit.database.session import Session
from devkit.project.errors import DevkitError, FailedError, UsageError

_TITLE = TITLES["pgsql"]
# The container's own superuser: the one that the server was made with. Passwords are never arguments.
_AS_OWNER = (
    'export PGPASSWORD="${POSTGRES_PASSWORD:-$PGPASSWORD}"; exec "$0" --username="${POSTGRES_USER:-postgres}" "$@"'
)
_PSQL = ("psql", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align")
_STOPS = ("--no-password", "--set=ON_ERROR_STOP=1", "--file=-")
# English messages: one of them is told from the others below. The scratch database needs no fsync at each commit.
_OPTIONS = {"PGOPTIONS": "-c lc_messages=C -c client_min_messages=warning -c synchronous_commit=off"}
_UNICODE = {"PGCLIENTENCODING": "UTF8"}
_ERROR = re.compile(
    r"(?:psql:[^:]*:(?P<line>\d+): |pg_restore: |psql: )?(?:ERROR|FATAL|PANIC|error|fatal):\s+(?P<said>.*)"
)
# What a dump of another server may name that this one does not have, and that no data depends on.
_HARMLESS = re.compile(r'role "(?P<role>.*)" does not exist|unrecognized configuration parameter ')
# Settings that hold lists of names keep their quotes (pg_dump's variable_is_guc_list_quote).
_LISTS = "'local_preload_libraries','search_path','session_preload_libraries','temp_tablespaces'"
_RENAME_ATTEMPTS = 3


def identifier(name: str) -> str:
    """A name in SQL."""
    return '"' + name.replace('"', '""') + '"'


def text(value: str) -> str:
    """A text in SQL (standard_conforming_strings, the default since 9.1)."""
    return "'" + value.replace("'", "''") + "'"


class PostgresDatabase:
    """The application's database on the project's PostgreSQL."""

    engine = "pgsql"
    snapshot_form = Form.TEXT

    def __init__(self, container: Container, account: Account) -> None:
        self._container = container
        self._account = account
        self._name = account.database
        variables = {**_OPTIONS, **_UNICODE}
        command = ("sh", "-c", _AS_OWNER, *_PSQL, *_STOPS, f"--dbname={_conninfo('postgres')}")
        self._session = Session(container, *command, variables=variables)

    def version(self) -> str:
        """As the server says it: `18.6`."""
        return self._ask("SHOW server_version").split()[0]

    def size(self) -> int:
        """All files of the database."""
        found = self._ask(f"SELECT pg_database_size(oid) FROM pg_database WHERE datname = {text(self._name)}")
        if not found:
            raise no_database(self.engine, self._name)
        return int(found)

    def free(self) -> int:
        """Bytes free below the server's data directory."""
        return self._container.free("$PGDATA")

    def check_writable(self) -> None:
        """A standby, or default_transaction_read_only for the server, the database or the owner."""
        self.size()
        if self._ask("SELECT pg_is_in_recovery()") == "t":
            raise read_only(self.engine, "the server is a standby", "work on its primary server")
        if self._is_read_only():
            raise read_only(
                self.engine,
                "default_transaction_read_only is on",
                "turn it off where it was set: ALTER SYSTEM, ALTER DATABASE, ALTER ROLE or postgresql.conf",
            )

    def close(self) -> None:
        """End the client."""
        self._session.close()

    def recover(self) -> None:
        """Take away what a killed import left; the exchange itself is one transaction."""
        left = self._ask(
            f"SELECT datname FROM pg_database WHERE datname IN ({text(SCRATCH)}, {text(ASIDE)})"
            f" UNION ALL SELECT rolname FROM pg_roles WHERE rolname = {text(LOADER)}"
        )
        if left:
            self._discard()

    @contextmanager
    def dump(self, _form: Form) -> Iterator[Iterator[bytes]]:
        """One transaction's view of everything, as pg_dump's plain SQL."""
        command = ("sh", "-c", _AS_OWNER, "pg_dump", "--no-password", f"--dbname={_conninfo(self._name)}")

        def check(ended: Ended) -> None:
            if ended.status != 0:
                raise self._container.failure(ended, f"{_TITLE} could not be dumped")

        with self._container.read(*command, check=check) as chunks:
            yield chunks

    def replace(self, load: Load) -> tuple[str, ...]:
        """Load into a scratch database with an account that cannot open another, then exchange the names."""
        try:
            warnings = self._load(load, self._prepare())
            self._exchange()
        except BaseException:
            with suppress(DevkitError):  # the next devkit does it
                self._discard()
            raise
        self._discard()
        return warnings

    def _prepare(self) -> str:
        """Make the loader and the scratch database, with the real one's owner, encoding, locale and settings."""
        password = secrets.token_hex(16)
        row: dict[str, Any] = json.loads(
            self._ask(
                "SELECT to_jsonb(d) || jsonb_build_object('owner', pg_get_userbyid(datdba),"
                " 'encoding_name', pg_encoding_to_char(encoding))"
                f" FROM pg_database d WHERE datname = {text(self._name)}"
            )
        )
        options = [
            f"OWNER {identifier(row['owner'])}",
            f"ENCODING {text(row['encoding_name'])}",
            f"LC_COLLATE {text(row['datcollate'])} LC_CTYPE {text(row['datctype'])}",
        ]
        provider = {"i": "icu", "b": "builtin"}.get(row.get("datlocprovider", "c"))
        locale = row.get("datlocale") or row.get("daticulocale")
        if provider and locale:
            options.append(f"LOCALE_PROVIDER {provider} {provider.upper()}_LOCALE {text(locale)}")
        self._ask(
            f"CREATE ROLE {LOADER} SUPERUSER LOGIN PASSWORD {text(password)}",
            f"CREATE DATABASE {SCRATCH} TEMPLATE template0 {' '.join(options)}",
            *self._settings(),
        )
        return password

    def _settings(self) -> list[str]:
        """What ALTER DATABASE … SET gave the real database, for the scratch one."""
        found = self._ask(
            f"SELECT format('ALTER %s %I%s SET %s TO %s', CASE WHEN setrole = 0 THEN 'DATABASE' ELSE 'ROLE' END,"
            f" CASE WHEN setrole = 0 THEN {text(SCRATCH)} ELSE pg_get_userbyid(setrole)::text END,"
            f" CASE WHEN setrole = 0 THEN '' ELSE ' IN DATABASE {SCRATCH}' END, name,"
            f" CASE WHEN name IN ({_LISTS}) THEN value ELSE quote_literal(value) END)"
            " FROM pg_db_role_setting JOIN pg_database d ON d.oid = setdatabase, unnest(setconfig) AS line,"
            " LATERAL (SELECT split_part(line, '=', 1) AS name, substr(line, strpos(line, '=') + 1) AS value) AS pair"
            f" WHERE datname = {text(self._name)}"
        )
        return found.splitlines()

    def _load(self, load: Load, password: str) -> tuple[str, ...]:
        mark = secrets.token_hex(16)
        custom = load.dump.form is Form.PG_CUSTOM
        watched = Watched(load.chunks if custom else postgres_text(load.chunks))

        def with_mark() -> Iterator[bytes]:
            yield from watched
            if not custom:
                yield f"\nSELECT '{mark}';\n".encode()

        # Once its only connection stands the loader may not log in again: \connect leads nowhere.
        alone = f"ALTER ROLE {LOADER} NOLOGIN"
        program = (
            ("pg_restore", "--no-owner", "--no-privileges", "--exit-on-error")
            if custom
            else (*_PSQL, "--command", alone, "--file", "-")
        )
        ended = self._container.feed(
            *program,
            f"--username={LOADER}",
            "--no-password",
            f"--dbname={SCRATCH}",
            chunks=with_mark(),
            stop=_is_fatal,
            variables={**_OPTIONS, "PGPASSWORD": password},
        )
        if ended.fatal or ended.status != 0:
            raise self._refused(load, ended, mark, watched)
        watched.check_end(load.dump, load.name)
        if not custom and mark.encode() not in ended.output:
            raise cut_short(load.name, "its last statement does not end")
        tables = self._ask_scratch(
            f"REASSIGN OWNED BY {LOADER} TO {self._owner()}",
            f"DROP OWNED BY {LOADER}",
            "ANALYZE",
            "SELECT COUNT(*) FROM pg_class WHERE relkind IN ('r', 'p') AND oid >= 16384",
        )
        if tables == "0":
            raise UsageError(f"{load.name} makes no table", "name a dump of a whole database")
        return _left_out(ended)

    def _refused(self, load: Load, ended: Ended, mark: str, watched: Watched) -> FailedError | UsageError:
        found = _ERROR.match(ended.fatal)
        if found is None:
            return self._container.failure(ended, f"{load.name} was not imported")
        if watched.over:
            watched.check_end(load.dump, load.name)
            if mark in " ".join((ended.fatal, *ended.errors)):
                return cut_short(load.name, "its last statement does not end")
        said = found["said"]
        if "could not read from input file" in said or "unexpected end of file" in said:
            return cut_short(load.name, said)
        where = f"line {found['line']}: " if found["line"] else ""
        if "not permitted to log in" in said:
            return not_loaded(load.name, f"{where}it goes on to another database (\\connect)")
        return not_loaded(load.name, where + said)

    def _exchange(self) -> None:
        """Both names change in one transaction. A rename waits for connections to end, so they are closed."""
        close = f"SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = {text(self._name)}"
        for attempt in range(_RENAME_ATTEMPTS):
            try:
                self._ask(
                    "BEGIN",
                    close,
                    f"ALTER DATABASE {identifier(self._name)} RENAME TO {ASIDE}",
                    f"ALTER DATABASE {SCRATCH} RENAME TO {identifier(self._name)}",
                    "COMMIT",
                )
            except FailedError as error:
                if "is being accessed by other users" not in error.message:
                    raise
                if attempt == _RENAME_ATTEMPTS - 1:
                    raise FailedError(
                        f"the database {self._name} is opened again and again, so nothing was replaced",
                        "stop what uses it (devkit down app queue), then try again",
                    ) from error
            else:
                return

    def _discard(self) -> None:
        self._ask(
            f"DROP DATABASE IF EXISTS {ASIDE} WITH (FORCE)",
            f"DROP DATABASE IF EXISTS {SCRATCH} WITH (FORCE)",
            f"DROP ROLE IF EXISTS {LOADER}",
        )

    def _is_read_only(self) -> bool:
        """The role's setting for this database counts first, then the role's, the database's and the server's."""
        name = "default_transaction_read_only"
        found = self._ask(
            f"SELECT split_part(line, '=', 2) FROM pg_db_role_setting, unnest(setconfig) AS line"
            f" WHERE line LIKE '{name}=%' AND setrole IN (0, (SELECT oid FROM pg_roles WHERE rolname = current_user))"
            f" AND setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = {text(self._name)}))"
            f" ORDER BY (setdatabase <> 0 AND setrole <> 0) DESC, setrole <> 0 DESC LIMIT 1",
            f"SHOW {name}",
        )
        return found.splitlines()[0] in ("on", "true", "yes", "1")

    def _owner(self) -> str:
        return identifier(
            self._ask(f"SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = {text(self._name)}")
        )

    def _ask(self, *statements: str) -> str:
        """Statements as the superuser, each on its own; the one value, or the lines, that they are answered with."""
        answer = self._session.ask("".join(f"{statement};\n" for statement in statements))
        if isinstance(answer, Ended):
            raise self._failure(answer)
        return "\n".join(answer).strip()

    def _ask_scratch(self, *statements: str) -> str:
        """The same in the scratch database."""
        script = "".join(f"{statement};\n" for statement in statements)
        command = ("sh", "-c", _AS_OWNER, *_PSQL, *_STOPS, f"--dbname={SCRATCH}")
        ended = self._container.run(*command, input=script.encode(), variables={**_OPTIONS, **_UNICODE})
        if ended.status != 0:
            raise self._failure(ended)
        return ended.output.decode(errors="replace").strip()

    def _failure(self, ended: Ended) -> FailedError:
        found = next((match for line in ended.errors if (match := _ERROR.match(line))), None)
        shown = Ended(ended.status, b"", ended.errors, found["said"] if found else "")
        return self._container.failure(shown, f"{_TITLE} refuses")


def _is_fatal(line: str) -> bool:
    found = _ERROR.match(line)
    return found is not None and not _HARMLESS.match(found["said"])


def _left_out(ended: Ended) -> tuple[str, ...]:
    roles = sorted({found["role"] for line in ended.errors if (found := _HARMLESS.search(line)) and found["role"]})
    if not roles:
        return ()
    return (f"what belongs to {', '.join(roles)} in the dump belongs to the application's user here",)


def _conninfo(database: str) -> str:
    """A connection string: a name with `=` or `://` in it would be taken for one."""
    escaped = database.replace("\\", "\\\\").replace("'", "\\'")
    return f"dbname='{escaped}'"
