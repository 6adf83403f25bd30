"""How the new data takes the former's place in MySQL and MariaDB, stopped and disturbed where it hurts."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import closing

import pytest
from awkward import AWKWARD, STRANGERS
from database_project import DatabaseProject

from devkit.database.account import Account
from devkit.database.container import Container, Ended
from devkit.database.dump_kinds import Dump, Form
from devkit.database.engine import SCRATCH, Load
from devkit.database.mysql import MySqlDatabase
from devkit.database.mysql_server import Contents, MySqlServer
from devkit.project.errors import FailedError

pytestmark = [
    pytest.mark.engine,
    pytest.mark.parametrize("running", ["mysql", "mariadb"], indirect=True),
]

NEW = b"CREATE TABLE fresh (id int);\nCREATE TABLE p (id int);\nCREATE VIEW fresh_v AS SELECT id FROM fresh;\n"
RUN = MySqlServer.run_to_the_end


class KilledError(BaseException):
    """Where devkit is killed: nothing of its own runs after this."""


@pytest.fixture
def database(server: DatabaseProject) -> Iterator[MySqlDatabase]:
    container = Container(server.docker, server.container, server.engine, {"MYSQL_PWD": "the container has it"})
    with closing(
        MySqlDatabase(MySqlServer(container, Account(server.database, "laravel", ""), server.engine))
    ) as found:
        yield found


def load() -> Load:
    return Load(Dump(Form.TEXT), iter([NEW]), "new.sql")


def names(server: DatabaseProject) -> list[str]:
    return server.ask("SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() ORDER BY 1;")


def killed(database: MySqlDatabase, monkeypatch: pytest.MonkeyPatch, upto: bytes | None) -> None:
    """An import whose devkit is killed when it has been decided: with the script not begun, or run `upto` a word."""

    def run(self: MySqlServer, script: bytes, name: str, *, forgiving: bool = False) -> Ended:
        if upto is not None:
            done = RUN(self, script[: script.index(b"\n", script.index(upto))], name)
            assert done.status == 0, done
        raise KilledError

    with monkeypatch.context() as patched:
        patched.setattr(MySqlServer, "run_to_the_end", run)
        patched.setattr(MySqlDatabase, "recover", lambda self: None)
        with pytest.raises(KilledError):
            database.replace(load())


@pytest.mark.parametrize("upto", [None, b"RENAME TABLE", b"DROP DATABASE"])
def test_what_was_decided_is_finished_by_the_next_devkit(
    upto: bytes | None, server: DatabaseProject, database: MySqlDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed(database, monkeypatch, upto)
    assert server.leftovers() != []
    database.recover()
    assert names(server) == ["fresh", "fresh_v", "p"]
    assert server.ask("SELECT COUNT(*) FROM fresh_v;") == ["0"]
    assert server.leftovers() == []


def test_new_programmes_that_fail_bring_the_former_database_back_whole(
    server: DatabaseProject, database: MySqlDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = server.everything()
    programmes = MySqlServer.programmes

    def broken(self: MySqlServer, name: str, contents: Contents) -> bytes:
        return programmes(self, name, contents) + (b"CREATE VIEW no AS SELECT nothing;\n" if name == SCRATCH else b"")

    monkeypatch.setattr(MySqlServer, "programmes", broken)
    with pytest.raises(FailedError, match="could not take its place") as failed:
        database.replace(load())
    assert "former data is back" in failed.value.hint
    assert server.everything() == before
    assert server.leftovers() == []


@pytest.fixture
def transaction(server: DatabaseProject) -> Iterator[subprocess.Popen[bytes]]:
    """A connection of the application that has read every table, and goes on with its transaction."""
    command = [str(server.docker.binary), "exec", "-i", server.container, "sh", "-c"]
    client = f"MYSQL_PWD=$MYSQL_ROOT_PASSWORD$MARIADB_ROOT_PASSWORD exec {server.engine} -uroot -N -n {server.database}"
    with subprocess.Popen([*command, client], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdin is not None and child.stdout is not None
        child.stdin.write(b"BEGIN; SELECT COUNT(*) FROM p; SELECT COUNT(*) FROM c;\n")
        child.stdin.flush()
        child.stdout.readline()
        try:
            yield child
        finally:
            child.kill()


def test_an_open_transaction_does_not_keep_the_new_data_out(
    transaction: subprocess.Popen[bytes], server: DatabaseProject
) -> None:
    server.good("import", server.write("new.sql", NEW))
    assert names(server) == ["fresh", "fresh_v", "p"]


def test_programmes_of_accounts_that_are_not_here_go_to_the_application(server: DatabaseProject) -> None:
    strangers = AWKWARD[server.engine] + STRANGERS
    server.good("import", server.write("strangers.sql", strangers.encode()))
    definers = server.ask(
        "SELECT DISTINCT definer FROM information_schema.views WHERE table_schema = DATABASE()"
        " UNION SELECT DISTINCT definer FROM information_schema.routines WHERE routine_schema = DATABASE();"
    )
    assert set(definers) == {"laravel@%"}
    assert server.ask("SELECT COUNT(*) FROM strange; SELECT strange_f(1);") == ["3", "2"]


def test_a_dump_that_names_its_database_goes_into_this_one(server: DatabaseProject) -> None:
    before = server.everything()
    named = server.dump("--add-drop-database", "--databases")
    assert b"\nUSE `shop_db`;" in named
    server.write("named.sql", named.replace(b"`shop_db`", b"`mysql`"))
    server.good("import", "named.sql")
    assert server.everything() == before


def test_views_whose_account_has_gone_come_back_from_a_snapshot(server: DatabaseProject) -> None:
    server.ask(STRANGERS)
    server.good("snapshot", "strangers")
    server.ask("DROP VIEW strange;")
    server.good("restore", "strangers")
    assert server.ask("SELECT COUNT(*) FROM strange;") == ["3"]


def test_a_dump_with_the_executed_transactions_of_its_server_is_taken(server: DatabaseProject) -> None:
    gtids = b"SET @@GLOBAL.GTID_PURGED=/*!80000 '+'*/ 'a6f5a12e-e8af-11f1-b96e-0242ac110003:1-552,\n:700-800';\n"
    server.good("import", server.write("gtid.sql", gtids + AWKWARD[server.engine].encode()))
    assert server.ask("SELECT COUNT(*) FROM p;") == ["3"]
