"""No room is left where the server keeps its data."""

from __future__ import annotations

from pathlib import Path

import pytest
from database_project import DatabaseProject

from devkit.engine.docker import Docker

pytestmark = pytest.mark.engine


def test_a_server_whose_disk_fills_up_keeps_what_it_has(docker: Docker, tmp_path: Path) -> None:
    small = DatabaseProject(docker, tmp_path, "mariadb", tmpfs=260 * 1024 * 1024)
    try:
        small.good("import", small.write("a.sql", "CREATE TABLE a (id int);\nINSERT INTO a VALUES (1);\n"))
        more = "INSERT INTO b SELECT seq, REPEAT('x', 1000) FROM seq_1_to_10000;\n" * 30
        done = small.db("import", small.write("big.sql", "CREATE TABLE b (id int, t text);\n" + more))
        assert (done.status, "big.sql was not imported: line" in done.error) == (1, True), done.stderr
        small.good("export", "/dev/null")
        assert small.ask("SELECT * FROM a;") == ["1"]
        assert small.leftovers() == []
        small.write("too-big.sql", b"CREATE TABLE b (t text);\n" + b"-" * 400_000_000)
        refused = small.db("import", "too-big.sql")
        assert (refused.status, "not enough room where the database is" in refused.error) == (1, True), refused.stderr
    finally:
        small.remove()
