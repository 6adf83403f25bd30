"""Which database .env names, and that devkit works on no other."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from devkit.database.account import read_account, sqlite_file
from devkit.database.url import address
from devkit.engine.connection import Endpoint
from devkit.engine.docker import Docker
from devkit.project.errors import DevkitError, UsageError
from devkit.project.paths import ProjectPaths
from devkit.project.settings import Settings
from devkit.setup.project import Project

pytestmark = pytest.mark.unit

PASSWORD = "p@ss/wörd:?#"
SERVER = f"DB_HOST={{0}}\nDB_DATABASE=shop_db\nDB_USERNAME=me\nDB_PASSWORD='{PASSWORD}'\n"


def project(root: Path, env: str, database: str = "mysql") -> Project:
    (root / ".env").write_text(env)
    docker = Docker(Path("/usr/bin/docker"), Endpoint("unix:///nowhere", "default"))
    return Project(ProjectPaths(root), Settings("shop", database=database), docker)


def test_the_account_is_the_applications_and_never_shows_its_password(tmp_path: Path) -> None:
    here = project(tmp_path, "DB_CONNECTION=mysql\n" + SERVER.format("mysql"))
    account = read_account(here.paths, here.settings)
    assert (account.database, account.user, account.password) == ("shop_db", "me", PASSWORD)
    assert PASSWORD not in repr(account)


@pytest.mark.parametrize(
    ("env", "why"),
    [
        ("DB_CONNECTION=mysql\n" + SERVER.format("db.example.com"), "db.example.com"),
        ("DB_CONNECTION=pgsql\n" + SERVER.format("mysql"), "'pgsql'"),
        ("DB_CONNECTION=mysql\nDB_URL=mysql://x\n" + SERVER.format("mysql"), "DB_URL"),
        ("DB_CONNECTION=mysql\nDB_HOST=mysql\nDB_PASSWORD=null\n", "DB_PASSWORD is missing"),
        (SERVER.format("mysql"), "'sqlite'"),
    ],
)
def test_an_env_that_names_another_database_is_refused(env: str, why: str, tmp_path: Path) -> None:
    here = project(tmp_path, env)
    with pytest.raises(UsageError, match=why) as refused:
        read_account(here.paths, here.settings)
    assert PASSWORD not in str(refused.value)


def test_without_an_env_the_way_on_is_said(tmp_path: Path) -> None:
    with pytest.raises(DevkitError, match=r"no \.env"):
        read_account(ProjectPaths(tmp_path), Settings("shop", database="mysql"))


@pytest.mark.parametrize(
    ("named", "file"),
    [
        ("", "database/database.sqlite"),
        ("null", "database/database.sqlite"),
        ("database/other.sqlite", "database/other.sqlite"),
        ("/app/storage/x.sqlite", "storage/x.sqlite"),
    ],
)
def test_the_sqlite_file_is_where_the_application_finds_it(named: str, file: str, tmp_path: Path) -> None:
    here = project(tmp_path, f"DB_CONNECTION=sqlite\nDB_DATABASE={named}\n", "sqlite")
    assert sqlite_file(here.paths, here.settings) == tmp_path / file


def test_a_path_of_this_machine_in_the_project_is_understood(tmp_path: Path) -> None:
    here = project(tmp_path, f"DB_DATABASE={tmp_path}/database/x.sqlite\n", "sqlite")
    assert sqlite_file(here.paths, here.settings) == tmp_path / "database/x.sqlite"


@pytest.mark.parametrize("named", [":memory:", "/etc/x.sqlite", "../x.sqlite", "/app/../x.sqlite"])
def test_an_sqlite_file_elsewhere_is_refused(named: str, tmp_path: Path) -> None:
    here = project(tmp_path, f"DB_CONNECTION=sqlite\nDB_DATABASE={named}\n", "sqlite")
    with pytest.raises(UsageError, match="not a file of this project"):
        sqlite_file(here.paths, here.settings)


@pytest.mark.parametrize(
    ("database", "scheme", "port"),
    [("mysql", "mysql", 3306), ("mariadb", "mysql", 3306), ("pgsql", "postgresql", 5432)],
)
def test_the_url_is_for_clients_on_this_machine(database: str, scheme: str, port: int, tmp_path: Path) -> None:
    here = project(tmp_path, f"DB_CONNECTION={database}\n" + SERVER.format(database), database)
    found = address(here)
    assert found.url == f"{scheme}://me:p%40ss%2Fw%C3%B6rd%3A%3F%23@127.0.0.1:{port}/shop_db"
    assert found.to_json() == {
        "url": found.url, "engine": database, "host": "127.0.0.1", "port": port,
        "database": "shop_db", "username": "me",
    }  # fmt: skip
    assert "p%40ss" not in repr(found)


def test_the_url_has_the_port_that_was_chosen_on_this_machine(tmp_path: Path) -> None:
    here = project(tmp_path, "DB_CONNECTION=pgsql\n" + SERVER.format("pgsql"), "pgsql")
    (tmp_path / ".devkit").mkdir()
    (tmp_path / ".devkit" / "ports.json").write_text(json.dumps({"pgsql": {"wanted": 5432, "chosen": 5433}}))
    assert "@127.0.0.1:5433/" in address(here).url


def test_the_url_of_sqlite_is_its_file(tmp_path: Path) -> None:
    here = project(tmp_path, "DB_CONNECTION=sqlite\n", "sqlite")
    assert address(here).url == f"sqlite:///{tmp_path}/database/database.sqlite"
