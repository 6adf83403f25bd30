"""What PostgreSQL's dumps bring along besides data."""

from __future__ import annotations

import subprocess

import pytest
from awkward import AWKWARD
from database_project import DatabaseProject

pytestmark = [pytest.mark.engine, pytest.mark.parametrize("running", ["pgsql"], indirect=True)]


def test_pg_dumps_custom_format_is_read(server: DatabaseProject) -> None:
    before = server.everything()
    custom = server.dump("-Fc")
    server.ask("DELETE FROM c; DELETE FROM p;")
    server.good("import", server.write("custom.dump", custom))
    assert server.everything() == before
    done = server.db("import", server.write("cut.dump", custom[: len(custom) * 2 // 3]))
    assert (done.status, "cut short" in done.error) == (2, True), done.stderr
    assert server.everything() == before
    assert server.leftovers() == []


def test_a_dump_that_names_its_database_and_its_settings_goes_into_this_one(server: DatabaseProject) -> None:
    server.ask(
        "ALTER DATABASE shop_db SET search_path TO other, public; ALTER DATABASE shop_db SET \"a.b\" TO 'it''s';"
    )
    before = server.everything()
    named = server.dump("--create", "--clean", "--if-exists")
    assert b"\n\\connect shop_db" in named
    server.write("named.sql", named.replace(b"shop_db", b"postgres"))
    server.good("import", "named.sql")
    assert server.everything() == before
    assert server.ask("SHOW search_path; SELECT current_setting('a.b');") == ["other, public", "it's"]
    server.ask("ALTER DATABASE shop_db RESET ALL;")


def test_what_belongs_to_roles_that_are_not_here_goes_to_the_application(server: DatabaseProject) -> None:
    owned = (
        AWKWARD["pgsql"]
        + "ALTER TABLE p OWNER TO forge;\nGRANT SELECT ON p TO reader;\nSET transaction_nonsense = 0;\n"
    )
    done = server.good("import", server.write("owned.sql", owned), "--json")
    assert done.json["warnings"] == ["what belongs to forge, reader in the dump belongs to the application's user here"]
    assert server.ask("SELECT DISTINCT tableowner FROM pg_tables WHERE tablename = 'p';") == ["laravel"]


def test_an_open_transaction_does_not_keep_the_new_data_out(server: DatabaseProject) -> None:
    command = [str(server.docker.binary), "exec", "-i", server.container, "psql", "-U", "laravel", "-At", "shop_db"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as child:
        assert child.stdin is not None and child.stdout is not None
        child.stdin.write(b"BEGIN; LOCK TABLE p;\n")
        child.stdin.flush()
        child.stdout.readline()
        server.good("import", server.write("new.sql", "CREATE TABLE fresh (id int);\n"))
        child.kill()
    assert server.ask("SELECT COUNT(*) FROM fresh;") == ["0"]
