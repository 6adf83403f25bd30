"""How a loaded database takes the place of the application's, in MySQL and MariaDB.

They cannot rename a database. Tables move in one RENAME that the server does whole or not at all; triggers keep a
table where it is, and views, routines and events do not move, so these are taken away before and made anew after.
What is to be done is written down on the server before it begins: whoever finds it there carries it to its end.
"""

from __future__ import annotations

from dataclasses import dataclass

from devkit.database.container import Ended
from devkit.database.engine import ASIDE, LOADER, SCRATCH
from devkit.database.mysql_server import Contents, MySqlServer, identifier, text
from devkit.project.errors import FailedError

PLAN = "__devkit_plan"
"""The table in the scratch database that says what has to be done; its being there is the decision to do it."""

_LOCK = "devkit-exchange"
_LOCK_SECONDS = 120
_TABLE_LOCK_SECONDS = 5
_ATTEMPTS = 3
_LOCKED_OUT = "ERROR 1205"


@dataclass(frozen=True)
class Plan:
    """The scripts that make the programmes of the new database, and of the former one if it has to come back."""

    programmes: bytes
    undo: bytes


def exchange(server: MySqlServer, database: str, new: Contents) -> None:
    """Put the scratch database's contents (`new`) in the place of `database`'s, and take the former ones away.

    FailedError where that cannot be done; then the former contents are there.
    """
    old = server.contents(database)
    plan = Plan(server.programmes(SCRATCH, new), server.programmes(database, old))
    server.ask(
        f"CREATE DATABASE IF NOT EXISTS {identifier(ASIDE)};"
        f"CREATE TABLE {_plan()} (part varchar(20) PRIMARY KEY, script longblob NOT NULL) ENGINE=InnoDB;"
        f"INSERT INTO {_plan()} VALUES ('programmes', X'{plan.programmes.hex()}'), ('undo', X'{plan.undo.hex()}');"
    )
    _carry_out(server, database, plan, _forward(database, new, old, plan))


def finish(server: MySqlServer, database: str) -> bool:
    """Carry out a plan that somebody left; False if there is none. Waits for whoever is at it."""
    scratch = text(SCRATCH)
    rows = server.ask(
        f"DO GET_LOCK('{_LOCK}', {_LOCK_SECONDS});"
        "SELECT table_name FROM information_schema.tables"
        f" WHERE table_schema = {scratch} AND table_name = {text(PLAN)};"
        f"DO RELEASE_LOCK('{_LOCK}');"
    )
    if not rows:
        return False
    parts = {part: bytes.fromhex(script) for part, script in server.ask(f"SELECT part, HEX(script) FROM {_plan()};")}
    if len(parts) != 2:
        return False  # the table was made and nothing decided
    plan = Plan(parts["programmes"], parts["undo"])
    _carry_out(server, database, plan, _forward_from_here(server, database, plan))
    return True


def _carry_out(server: MySqlServer, database: str, plan: Plan, script: bytes) -> None:
    for _ in range(_ATTEMPTS):
        server.close_connections(database)
        ended = server.run_to_the_end(script, database)
        if ended.status == 0:
            return
        if not ended.fatal.startswith(_LOCKED_OUT):
            break
        script = _forward_from_here(server, database, plan)
    failure = server.container.failure(ended, "the new data could not take its place")
    _take_back(server, database, plan)
    failure.hint = "the former data is back in its place; try again"
    raise failure


def _take_back(server: MySqlServer, database: str, plan: Plan) -> None:
    server.close_connections(database)
    back = server.run_to_the_end(_backward(server, database), database)
    if back.status == 0:
        # A view of the former database may have been broken before: that is no reason to keep the others away.
        server.run_to_the_end(plan.undo, database, forgiving=True)
        back = server.run_to_the_end(clear().encode(), database)
    if back.status != 0:
        raise _half_way(back)


def _half_way(ended: Ended) -> FailedError:
    return FailedError(
        f"neither the new data nor the former could be put in its place: {ended.fatal or 'the server does not answer'}",
        "nothing is lost: run any devkit db command again once the server answers, it goes on from here",
    )


def _forward_from_here(server: MySqlServer, database: str, plan: Plan) -> bytes:
    return _forward(database, _real(server.contents(SCRATCH)), server.contents(database), plan)


def _forward(database: str, new: Contents, old: Contents, plan: Plan) -> bytes:
    script = _begin() + _drop_triggers(database, old) + _drop_triggers(SCRATCH, new)
    if new.tables:  # else they have moved already
        script += _move((database, ASIDE, old.tables), (SCRATCH, database, new.tables))
    return script.encode() + _drop_programmes(database, old).encode() + plan.programmes + clear().encode()


def _backward(server: MySqlServer, database: str) -> bytes:
    new = _real(server.contents(SCRATCH))
    now = server.contents(database)
    script = _begin() + _drop_triggers(database, now)
    if not new.tables:
        former = server.contents(ASIDE)
        script += _move((database, SCRATCH, now.tables), (ASIDE, database, former.tables))
    return (script + _drop_programmes(database, now)).encode()


def _begin() -> str:
    return (
        f"SET SESSION lock_wait_timeout = {_TABLE_LOCK_SECONDS};\nDO GET_LOCK('{_LOCK}', {_LOCK_SECONDS});\n"
        # Fails, and with it the script, where another devkit has carried the plan out meanwhile.
        f"DO (SELECT COUNT(*) FROM {_plan()});\n"
    )


def clear() -> str:
    """The statements that take away what an import made, and the former data."""
    return (
        f"\nDROP DATABASE IF EXISTS {identifier(ASIDE)};\nDROP DATABASE IF EXISTS {identifier(SCRATCH)};\n"
        f"DROP USER IF EXISTS '{LOADER}'@'localhost';\n"
    )


def _real(contents: Contents) -> Contents:
    tables = tuple(name for name in contents.tables if name != PLAN)
    return Contents(tables, contents.views, contents.triggers, contents.routines, contents.events)


def _move(*moves: tuple[str, str, tuple[str, ...]]) -> str:
    """One statement: all tables move, or none."""
    parts = [
        f"{identifier(source)}.{identifier(name)} TO {identifier(target)}.{identifier(name)}"
        for source, target, names in moves
        for name in names
    ]
    return f"RENAME TABLE {', '.join(parts)};\n" if parts else ""


def _drop_triggers(database: str, contents: Contents) -> str:
    return "".join(f"DROP TRIGGER IF EXISTS {identifier(database)}.{identifier(n)};\n" for n, _ in contents.triggers)


def _drop_programmes(database: str, contents: Contents) -> str:
    named = [("VIEW", name) for name in contents.views]
    named += [*contents.routines, *(("EVENT", name) for name in contents.events)]
    return "".join(f"DROP {kind} IF EXISTS {identifier(database)}.{identifier(name)};\n" for kind, name in named)


def _plan() -> str:
    return f"{identifier(SCRATCH)}.{identifier(PLAN)}"
