"""The database that a person is asked about: named by name and place, with no secret of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from devkit.database.in_use import InUse, database_in_use
from devkit.project.paths import ProjectPaths
from devkit.project.settings import Settings

pytestmark = pytest.mark.unit

SERVER = "DB_CONNECTION=mysql\nDB_HOST=mysql\nDB_DATABASE=shop_db\nDB_USERNAME=me\nDB_PASSWORD=s3cret\n"


def in_use(root: Path, env: str, database: str = "mysql", **given: str) -> InUse:
    (root / ".env").write_text(env)
    return database_in_use(ProjectPaths(root), Settings("shop", database=database), **given)


@pytest.mark.parametrize(
    ("database", "env", "title", "kept"),
    [
        ("mysql", SERVER, "the MySQL database shop_db of the service mysql", True),
        ("sqlite", "DB_CONNECTION=sqlite\n", "the SQLite database database/database.sqlite", True),
        ("sqlite", "DB_CONNECTION=sqlite\nDB_DATABASE=/app/data/x.db\n", "the SQLite database data/x.db", True),
        (
            "mysql",
            SERVER.replace("HOST=mysql", "HOST=db.example.com"),
            "the database shop_db at db.example.com (connection mysql), which is not this project's own",
            False,
        ),
        (
            "mysql",
            f"{SERVER}DB_URL=mysql://me:s3cret@db.example.com:3306/live?x=1\n",
            "the database live at db.example.com (connection mysql), which is not this project's own",
            False,
        ),
        ("mysql", "DB_HOST='no end\n", "the database, which is not this project's own", False),
    ],
)
def test_the_applications_database_is_named(database: str, env: str, title: str, kept: bool, tmp_path: Path) -> None:
    assert in_use(tmp_path, env, database) == InUse(title, kept)


def test_another_connection_is_named_as_it_was_given(tmp_path: Path) -> None:
    assert in_use(tmp_path, SERVER, connection="reports") == InUse("the database connection reports", kept=False)
    assert in_use(tmp_path, SERVER, connection="mysql").kept


def test_another_environment_has_the_database_of_its_own_file(tmp_path: Path) -> None:
    (tmp_path / ".env.testing").write_text("DB_CONNECTION=sqlite\nDB_DATABASE=:memory:\n")
    found = in_use(tmp_path, SERVER, environment="testing")
    assert found == InUse("the database :memory: (connection sqlite), as .env.testing says", kept=False)
    assert in_use(tmp_path, SERVER, environment="staging").kept
