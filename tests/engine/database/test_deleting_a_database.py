"""`devkit delete` of a project whose database runs on a server: its data can be had back."""

from __future__ import annotations

import sys
from pathlib import Path

import pexpect
import pytest
from database_project import DatabaseProject

from devkit.cli.context import AGENT_VARIABLES

pytestmark = pytest.mark.engine


def snapshots(project: DatabaseProject) -> list[Path]:
    return sorted(project.snapshots.glob("before-delete-*"))


def test_a_deleted_database_comes_back_from_the_snapshot_that_was_taken_of_it(server: DatabaseProject) -> None:
    before = server.everything()
    done = server.devkit("--json", "delete")
    assert done.status == 0, done.stderr
    assert done.json["snapshot"]["name"].startswith("before-delete-")
    assert f"{server.name}_devkit-{server.engine}" in done.json["volumes"]
    assert server.volumes() == []
    server.good("restore", done.json["snapshot"]["name"])
    assert server.everything() == before


def test_no_snapshot_no_deletion_unless_it_is_declined(server: DatabaseProject) -> None:
    kept = snapshots(server)
    compose = server.root / "compose.yaml"
    text = compose.read_text()
    compose.write_text("broken: [\n")
    server.remove_container()
    try:
        refused = server.devkit("delete")
        assert refused.status == 1
        assert "no snapshot could be taken" in refused.error and "--omit-snapshot" in refused.stderr
        assert server.volumes() != []
        done = server.devkit("delete", "--omit-snapshot")
        assert (done.status, server.volumes()) == (0, [])
    finally:
        compose.write_text(text)
        server.good("export", "again.sql")
    assert snapshots(server) == kept


def test_somebody_at_a_terminal_is_asked_for_the_snapshot_first(server: DatabaseProject) -> None:
    kept = snapshots(server)
    hidden = {"CI", *AGENT_VARIABLES}
    environment = {name: value for name, value in server.environment().items() if name not in hidden}
    words = ["-m", "devkit.entry", "delete"]
    asked = pexpect.spawn(sys.executable, words, cwd=str(server.root), env=environment, encoding="utf-8", timeout=60)
    asked.expect("Take a snapshot of the .* first\\? \\[Y/n\\]")
    asked.sendline("")
    asked.expect("Delete all of this .* \\[y/N\\]")
    asked.sendline("n")
    asked.expect("nothing was deleted")
    asked.expect(pexpect.EOF)
    asked.close()
    assert asked.exitstatus == 1
    assert snapshots(server) == kept
    assert server.volumes() != []
