"""devkit is killed at random moments: the database is the former or the new, and the next devkit tidies up."""

from __future__ import annotations

import random
import signal
import subprocess
import time

import pytest
from database_project import DatabaseProject

pytestmark = pytest.mark.engine

ROWS = 3000


def state(server: DatabaseProject, mark: str) -> str:
    """A dump whose tables, trigger, view and data all belong to one state."""
    value = ", ".join(f"('{mark}', '{n:0300d}')" for n in range(ROWS))
    trigger = (
        f"CREATE FUNCTION {mark}_f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN new; END $$;\n"
        f"CREATE TRIGGER {mark}_t AFTER INSERT ON a FOR EACH ROW EXECUTE FUNCTION {mark}_f();\n"
        if server.engine == "pgsql"
        else f"CREATE TRIGGER {mark}_t AFTER INSERT ON a FOR EACH ROW INSERT INTO {mark}_only VALUES (1);\n"
    )
    return (
        "CREATE TABLE a (mark varchar(9), filling varchar(300));\nCREATE TABLE b (mark varchar(9));\n"
        f"CREATE TABLE {mark}_only (id int);\nINSERT INTO b VALUES ('{mark}');\nINSERT INTO a VALUES {value};\n"
        f"CREATE VIEW v AS SELECT a.mark AS one, b.mark AS two FROM a JOIN b ON a.mark = b.mark;\n{trigger}"
    )


def marks(server: DatabaseProject) -> tuple[str, ...]:
    """The states that the tables belong to, asked past devkit."""
    rows = server.ask("SELECT mark, COUNT(*) FROM a GROUP BY mark; SELECT mark FROM b;")
    counted, other = rows
    mark, count = counted.replace("|", "\t").split("\t")
    assert int(count) == ROWS
    return (mark, other)


def kill(server: DatabaseProject, moment: float, *words: str) -> None:
    """Run a command, and end it after so many seconds, so that nothing of devkit's own runs any more."""
    child = subprocess.Popen(
        server.command("--yes", "db", *words),
        cwd=server.root,
        env=server.environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    time.sleep(moment)  # the moment is what is tried
    child.kill()
    child.wait()


def test_a_kill_at_any_moment_leaves_the_former_or_the_new_and_never_a_mixture(running: DatabaseProject) -> None:
    states = {}
    for mark in ("after", "before"):
        running.reset(state(running, mark))
        running.good("export", f"{mark}.sql")
        states[mark] = running.everything()
    began = time.monotonic()
    running.good("import", "before.sql")
    whole = time.monotonic() - began
    assert running.everything() == states["before"]
    running.good("snapshot", "before")
    mark = "before"
    # the last quarter is where the new data takes its place
    for moment in (random.uniform(0.2, 0.6), *(random.uniform(0.6, 1.0) for _ in range(3))):
        kill(running, whole * moment, *(("import", "after.sql") if mark == "before" else ("restore", "before")))
        assert marks(running) in (("before", "before"), ("after", "after")), moment
        running.good("export", "/dev/null")
        found = running.everything()
        assert found in states.values(), moment
        assert running.leftovers() == [], moment
        mark = "before" if found == states["before"] else "after"


def test_a_snapshot_that_is_killed_is_not_listed_unless_it_is_whole(running: DatabaseProject) -> None:
    running.reset(state(running, "before"))
    before = running.everything()
    began = time.monotonic()
    running.good("snapshot", "whole")
    whole = time.monotonic() - began
    for moment in (0.6, 0.85):
        kill(running, whole * moment, "snapshot", "killed")
    known = {one["name"] for one in running.good("snapshots", "--json").json["snapshots"]}
    if "killed" in known:
        running.good("restore", "killed")
        assert running.everything() == before
    running.good("export", "/dev/null")
    assert [path.name for path in running.snapshots.iterdir() if ".zst." in path.name] == []


def test_an_interrupted_import_tidies_up_after_itself(running: DatabaseProject) -> None:
    running.reset(state(running, "before"))
    rows = "".join(f"INSERT INTO a VALUES ('after', '{n:0300d}');\n" for n in range(20_000))
    running.write("slow.sql", f"CREATE TABLE a (mark varchar(9), filling varchar(300));\n{rows}")
    with subprocess.Popen(
        running.command("--yes", "db", "import", "slow.sql"),
        cwd=running.root,
        env=running.environment(),
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as child:
        while not running.leftovers():
            assert child.poll() is None
        child.send_signal(signal.SIGINT)
        _, said = child.communicate(timeout=60)
    assert child.returncode == 130, said
    assert "devkit: interrupted" in said
    assert marks(running) == ("before", "before")
    assert running.leftovers() == []
