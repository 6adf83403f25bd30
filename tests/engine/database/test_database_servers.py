"""Exports, imports and snapshots on real servers: all comes back, and what fails leaves all as it was."""

from __future__ import annotations

import gzip
import subprocess
import threading
from pathlib import Path

import pexpect
import pytest
from awkward import CHANGE
from database_project import PASSWORD, DatabaseProject

pytestmark = pytest.mark.engine

MAKES = "CREATE TABLE fresh (id int);\nINSERT INTO fresh VALUES (1);\n"
HALF = "CREATE TABLE fresh (id int, t varchar(99));\nINSERT INTO fresh VALUES (1, 'a"


def test_a_service_that_is_down_is_started_and_waited_for(running: DatabaseProject) -> None:
    started = running.started
    assert started.status == 0, started.stderr
    assert f"{running.engine} healthy" in started.stderr


def test_all_comes_back_from_each_form_of_export_and_nothing_stays_behind(server: DatabaseProject) -> None:
    before = server.everything()
    server.good("export", "a.sql.zst")
    piped = server.good("export").stdout
    assert (server.root / "a.sql.zst").stat().st_mode & 0o777 == 0o600
    for name in ("a.sql.zst", "-"):
        server.ask(CHANGE[server.engine])
        assert server.everything() != before
        server.good("import", name, input=piped if name == "-" else b"")
        assert server.everything() == before
    assert server.leftovers() == []


def test_a_snapshot_brings_everything_back(server: DatabaseProject) -> None:
    before = server.everything()
    taken = server.good("snapshot", "first", "--json").json
    assert (taken["name"], taken["engine"], taken["automatic"]) == ("first", server.engine, False)
    server.ask(CHANGE[server.engine])
    assert server.good("restore", "--json").json["snapshot"] == "first"
    assert server.everything() == before
    assert server.leftovers() == []
    listed = server.good("snapshots", "--json").json
    assert listed["directory"] == str(server.snapshots)
    assert "first" in [one["name"] for one in listed["snapshots"]]


def refused(engine: str) -> dict[str, tuple[bytes, str]]:
    """Imports that fail, by what is wrong with them, with what is said of each."""
    dump = "-- PostgreSQL database dump\n" if engine == "pgsql" else "-- MySQL dump 10.13\n"
    elsewhere = (
        "\\connect postgres\nCREATE TABLE x (id int);\n" if engine == "pgsql" else "USE shop_db;\nDROP TABLE p;\n"
    )
    other = b"-- MySQL dump 10.13\n" if engine == "pgsql" else b"--\n-- PostgreSQL database dump\n--\n"
    return {
        "an error half-way": ((MAKES + "INSERT INTO nowhere VALUES (1);\n").encode(), "line 3: "),
        "cut in a statement": (HALF.encode(), "cut short"),
        "cut between statements": ((dump + MAKES).encode(), "cut short: “"),
        "compressed and cut": (gzip.compress(MAKES.encode() * 1000)[:-20], "cut short: its gzip data"),
        "on to another database": ((MAKES + elsewhere).encode(), "another database"),
        "no table": (b"SELECT 1;\n", "makes no table"),
        "another engine": (other, "this project has"),
    }


def test_an_import_that_fails_leaves_the_database_as_it_was(server: DatabaseProject) -> None:
    before = server.everything()
    for what, (dump, why) in refused(server.engine).items():
        done = server.db("import", server.write("bad.sql", dump))
        assert done.status in (1, 2), what
        assert why in done.error, (what, done.stderr)
        assert "Traceback" not in done.stderr
        assert server.leftovers() == [], what
    assert server.everything() == before


def test_a_read_only_server_is_said_to_be_one(server: DatabaseProject) -> None:
    server.write("new.sql", MAKES)
    on, off, name = {
        "mysql": ("SET GLOBAL super_read_only = 1", "SET GLOBAL read_only = 0", "super_read_only"),
        "mariadb": ("SET GLOBAL read_only = 1", "SET GLOBAL read_only = 0", "read_only"),
        "pgsql": (
            "ALTER DATABASE shop_db SET default_transaction_read_only = on",
            "ALTER DATABASE shop_db RESET default_transaction_read_only",
            "default_transaction_read_only",
        ),
    }[server.engine]
    server.ask(f"{on};", "")
    try:
        done = server.db("import", "new.sql")
        assert (done.status, "read-only here: " + name in done.error) == (1, True), done.stderr
        server.good("export", "read-only.sql")
    finally:
        server.ask(f"{off};", "")


def test_an_application_that_writes_meanwhile_goes_on_and_a_second_import_is_refused(server: DatabaseProject) -> None:
    rows = "".join(f"INSERT INTO app VALUES ({n}, '{'x' * 500}');\n" for n in range(4000))
    server.write("slow.sql", f"CREATE TABLE app (id int, t varchar(500));\n{rows}")
    server.ask("CREATE TABLE app (id int, t varchar(500));")
    stop = threading.Event()
    written: list[int] = []

    def write() -> None:
        while not stop.is_set():  # a connection each time, as PHP makes them
            server.ask("INSERT INTO app VALUES (9999, 'app');")
            written.append(1)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        with subprocess.Popen(
            server.command("--yes", "db", "import", "slow.sql"),
            cwd=server.root,
            env=server.environment(),
            stderr=subprocess.PIPE,
        ) as first:
            lock = server.snapshots / ".lock"
            while "import" not in lock.read_text():
                assert first.poll() is None, first.stderr
            second = server.db("import", "slow.sql")
            assert first.wait() == 0
    finally:
        stop.set()
        writer.join()
    assert (second.status, "another devkit works on this database (import, process" in second.error) == (1, True)
    assert server.ask("SELECT COUNT(*) FROM app WHERE id < 4000;") == ["4000"]
    assert written
    assert server.leftovers() == []


def test_the_password_is_in_no_argument_and_in_no_output(server: DatabaseProject) -> None:
    stop = threading.Event()
    seen: set[str] = set()

    def look() -> None:
        while not stop.is_set():
            for process in Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    words = process.read_bytes()
                except OSError:
                    continue
                if PASSWORD.encode() in words:
                    seen.add(words.decode(errors="replace"))

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        done = [
            server.good("--debug", "export", "quiet.sql"),
            server.db("--debug", "import", server.write("bad.sql", MAKES + "SELECT nothing FROM nowhere;\n")),
            server.good("--debug", "shell", input=b"SELECT 1;\n"),
        ]
    finally:
        stop.set()
        watcher.join()
    assert seen == set()
    assert all(PASSWORD not in one.stdout.decode() + one.stderr for one in done)


def test_what_a_client_says_comes_without_the_secrets_of_env(server: DatabaseProject) -> None:
    env = server.root / ".env"
    kept = env.read_text()
    env.write_text(f"{kept}STRIPE_SECRET=whsec-Zx81-stripe\n")
    quote = '"' if server.engine == "pgsql" else "`"
    try:
        name = f"{quote}whsec-Zx81-stripe{quote}"
        done = server.db("--debug", "import", server.write("bad.sql", f"{MAKES}INSERT INTO {name} VALUES (1);\n"))
    finally:
        env.write_text(kept)
    assert (done.status, "***STRIPE_SECRET***" in done.error) == (1, True), done.stderr
    assert "whsec" not in done.stderr


def test_the_shell_takes_statements_from_a_pipe_and_ends_as_its_client_does(server: DatabaseProject) -> None:
    said = server.good("shell", input="SELECT 'grüße', current_user;\n".encode()).stdout.decode()
    assert "grüße" in said and "laravel" in said
    wrong = server.db("shell", input=b"SELECT nothing FROM nowhere;\n")
    assert wrong.status == (0 if server.engine == "pgsql" else 1)  # psql goes on after an error
    assert "nowhere" in wrong.stderr


def test_the_shell_has_a_real_terminal_at_one(server: DatabaseProject) -> None:
    command, *words = server.command("db", "shell")
    child = pexpect.spawn(command, words, cwd=str(server.root), env=server.environment(), timeout=60, encoding="utf-8")
    prompt = "mysql> " if server.engine == "mysql" else r"shop_db(\]>|=#) "
    try:
        child.expect(prompt)
        child.sendline("SELECT 40 + 2;")
        child.expect("42")
        child.expect(prompt)
        child.sendeof()
        child.expect(pexpect.EOF)
    finally:
        child.close()
    assert child.exitstatus == 0


def test_the_url_opens_the_database_from_this_machine(server: DatabaseProject) -> None:
    found = server.good("url", "--json").json
    assert (found["host"], found["port"], found["username"]) == ("127.0.0.1", server.port, "laravel")
    published = server.compose("port", server.engine, "5432" if server.engine == "pgsql" else "3306")
    assert published.strip() == f"127.0.0.1:{found['port']}"
