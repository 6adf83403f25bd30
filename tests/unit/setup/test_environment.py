"""Passwords are made once, and what Laravel takes for nothing is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from devkit.project.env_file import read_env
from devkit.project.paths import ProjectPaths
from devkit.project.settings import Settings
from devkit.setup.environment import environment_is_written, read_written, values_with, write_environment
from devkit.setup.pulled import Pulled, remember_pull

pytestmark = pytest.mark.unit

URL = "http://localhost:8000"
STACK = Settings("shop", database="mysql", services=("redis",))


@pytest.fixture
def project(tmp_path: Path) -> ProjectPaths:
    (tmp_path / ".env.example").write_text("APP_KEY=\nMINE=kept # ours\nDB_PASSWORD=\nREDIS_PASSWORD=null\n")
    return ProjectPaths(tmp_path)


def test_a_password_of_null_is_replaced_by_a_random_one(project: ProjectPaths) -> None:
    assert write_environment(project, STACK, URL, {})
    values = read_env(project.env)
    assert len(values["REDIS_PASSWORD"]) >= 20
    assert values["REDIS_PASSWORD"] != values["DB_PASSWORD"]
    assert "MINE=kept # ours" in project.env.read_text()
    assert project.env.stat().st_mode & 0o777 == 0o600


def test_a_second_time_changes_nothing(project: ProjectPaths) -> None:
    write_environment(project, STACK, URL, {})
    before = project.env.read_bytes()
    assert environment_is_written(project, STACK, URL, {})
    assert not write_environment(project, STACK, URL, {})
    assert project.env.read_bytes() == before


def test_another_database_keeps_the_passwords_that_are_there(project: ProjectPaths) -> None:
    write_environment(project, STACK, URL, {})
    before = read_env(project.env)
    assert not environment_is_written(project, STACK.with_(database="pgsql"), URL, {})
    write_environment(project, STACK.with_(database="pgsql"), URL, {})
    after = read_env(project.env)
    assert after["DB_CONNECTION"] == "pgsql"
    assert (after["DB_PASSWORD"], after["APP_KEY"]) == (before["DB_PASSWORD"], before["APP_KEY"])


def test_a_servers_name_of_a_database_is_no_file_of_sqlite(project: ProjectPaths) -> None:
    project.env.write_text("APP_KEY=k\nDB_CONNECTION=mysql\nDB_HOST=mysql\nDB_DATABASE=laravel\nDB_PASSWORD=p\n")
    sqlite = STACK.with_(database="sqlite", services=())
    assert not environment_is_written(project, sqlite, URL, {})
    assert write_environment(project, sqlite, URL, {})
    lines = project.env.read_text().splitlines()
    assert "DB_CONNECTION=sqlite" in lines
    assert "# DB_DATABASE=laravel" in lines and "# DB_HOST=mysql" in lines
    assert environment_is_written(project, sqlite, URL, {})
    assert not write_environment(project, sqlite, URL, {})


@pytest.mark.parametrize("file", ["/app/database/shop.sqlite", "database/shop.sqlite", "storage/shop.db"])
def test_a_file_that_the_container_has_stays_sqlites_database(project: ProjectPaths, file: str) -> None:
    project.env.write_text(f"DB_CONNECTION=sqlite\nDB_DATABASE={file}\n")
    write_environment(project, Settings("shop"), URL, {})
    assert read_env(project.env)["DB_DATABASE"] == file


def test_a_database_comes_back_with_the_names_and_the_password_of_its_volume(project: ProjectPaths) -> None:
    project.env.write_text("DB_CONNECTION=mysql\nDB_DATABASE=shop\nDB_USERNAME=anna\nDB_PASSWORD='of the volume'\n")
    before = read_env(project.env)
    write_environment(project, Settings("shop"), URL, {})
    assert "DB_DATABASE" not in read_env(project.env)
    write_environment(project, Settings("shop", "mysql"), URL, {})
    after = read_env(project.env)
    assert {name: after[name] for name in before} == before
    assert after["DB_HOST"] == "mysql"


def test_an_address_that_would_win_over_the_stacks_is_commented_out(project: ProjectPaths) -> None:
    urls = "DB_URL=mysql://u:p@db.example.com/shop\nREDIS_URL=redis://cache.example.com\n"
    project.env.write_text(urls)
    write_environment(project, STACK, URL, {})
    assert not {"DB_URL", "REDIS_URL"} & set(read_env(project.env))
    assert {f"# {line}" for line in urls.splitlines()} <= set(project.env.read_text().splitlines())
    assert environment_is_written(project, STACK, URL, {})


ELSEWHERE = """\
DB_CONNECTION=mysql
DB_HOST=db.example.com
DB_PASSWORD=of-production
MAIL_MAILER=smtp
MAIL_HOST=smtp.example.com
MAIL_PORT=587
MAIL_USERNAME=postmaster
MAIL_PASSWORD='real one' # ask Anna
MAIL_SCHEME=smtps
MAIL_FROM_ADDRESS=shop@example.com
AWS_BUCKET=shop-photos
AWS_SECRET_ACCESS_KEY=real
"""


def test_values_of_servers_elsewhere_stay_as_comments_and_reach_no_container(project: ProjectPaths) -> None:
    project.env.write_text(ELSEWHERE)
    stack = STACK.with_(services=("mailpit", "s3"))
    write_environment(project, stack, URL, {})
    lines, values = project.env.read_text().splitlines(), read_env(project.env)
    for line in ELSEWHERE.splitlines():
        unchanged = line.startswith(("DB_CONNECTION", "MAIL_MAILER", "MAIL_FROM"))
        assert (line if unchanged else f"# {line}") in lines
    assert (values["MAIL_HOST"], values["AWS_BUCKET"], values["DB_HOST"]) == ("mailpit", "local", "mysql")
    assert values["DB_PASSWORD"] != "of-production" and values["AWS_SECRET_ACCESS_KEY"] != "real"
    assert environment_is_written(project, stack, URL, {})
    assert not write_environment(project, stack, URL, {})


def test_a_driver_that_is_named_nowhere_is_left_to_the_applications_configuration(project: ProjectPaths) -> None:
    project.env.write_text("CACHE_STORE=redis\n")
    write_environment(project, Settings("shop"), URL, {})
    values = read_env(project.env)
    assert values["CACHE_STORE"] == "database"
    assert "SESSION_DRIVER" not in values and "QUEUE_CONNECTION" not in values


def test_older_names_of_drivers_are_written_as_they_are_read(project: ProjectPaths) -> None:
    project.env.write_text("CACHE_DRIVER=file\nBROADCAST_DRIVER=log\nQUEUE_CONNECTION=sync\n")
    write_environment(project, STACK.with_(services=("redis", "reverb")), URL, {})
    values = read_env(project.env)
    assert (values["CACHE_DRIVER"], values["BROADCAST_DRIVER"]) == ("redis", "reverb")
    assert "CACHE_STORE" not in values and "BROADCAST_CONNECTION" not in values
    write_environment(project, STACK.with_(services=()), URL, {})
    values = read_env(project.env)
    assert (values["CACHE_DRIVER"], values["SESSION_DRIVER"], values["QUEUE_CONNECTION"]) == ("file", "file", "sync")


def test_the_password_of_a_database_elsewhere_is_not_taken_from_a_comment(project: ProjectPaths) -> None:
    project.env.write_text("DB_CONNECTION=sqlite\n# DB_HOST=db.example.com\n# DB_PASSWORD=of-production\n")
    write_environment(project, STACK, URL, {})
    assert read_env(project.env)["DB_PASSWORD"] != "of-production"


def test_fetched_secrets_are_taken_as_they_are_where_the_stack_sets_nothing(project: ProjectPaths) -> None:
    remote = {"APP_KEY": "base64:theirs", "STRIPE_SECRET": "sk", "DB_PASSWORD": "p", "DB_HOST": "127.0.0.1"}
    values = values_with(read_written(project), Settings("shop"), URL, {}, remote)
    assert {name: values[name] for name in remote} == remote
    assert values["DB_CONNECTION"] == "sqlite"


def test_where_services_are_and_a_password_that_is_there_stay_as_they_are_here(project: ProjectPaths) -> None:
    write_environment(project, STACK, URL, {})
    before = read_env(project.env)
    remote = {
        "DB_HOST": "db.example.com",
        "DB_PASSWORD": "theirs",
        "REDIS_HOST": "127.0.0.1",
        "APP_URL": "https://shop",
    }
    values = values_with(read_written(project), STACK, URL, {}, remote)
    assert {name: values[name] for name in remote} == {name: before[name] for name in remote}


def test_a_volume_that_is_yet_to_be_made_gets_the_password_that_was_fetched(project: ProjectPaths) -> None:
    values = values_with(read_written(project), STACK, URL, {}, {"DB_PASSWORD": "theirs", "DB_USERNAME": "anna"})
    assert (values["DB_PASSWORD"], values["DB_USERNAME"], values["DB_HOST"]) == ("theirs", "anna", "mysql")


def test_the_password_of_a_server_elsewhere_is_given_to_no_container_of_this_machine(project: ProjectPaths) -> None:
    values = values_with(read_written(project), STACK, URL, {}, {"DB_PASSWORD": "theirs", "DB_HOST": "db.example.com"})
    assert values["DB_PASSWORD"] != "theirs"


@pytest.mark.parametrize("name", ["DB_URL", "DATABASE_URL", "DB_DATABASE"])
def test_what_would_mislead_the_stack_is_left_out_of_what_was_fetched(project: ProjectPaths, name: str) -> None:
    assert name not in values_with(read_written(project), Settings("shop"), URL, {}, {name: "laravel"})


def test_names_that_a_pull_brought_and_do_no_harm_are_not_commented_out(project: ProjectPaths) -> None:
    project.env.write_text("APP_KEY=k\nDB_HOST=127.0.0.1\nDB_PASSWORD=p\nDB_PORT=1\n")
    remember_pull(project, Pulled("shop", "dev", 0.0, frozenset({"DB_HOST", "DB_PASSWORD"})))
    write_environment(project, Settings("shop"), URL, {})
    values = read_env(project.env)
    assert (values["DB_HOST"], values["DB_PASSWORD"]) == ("127.0.0.1", "p")
    assert "DB_PORT" not in values
    assert environment_is_written(project, Settings("shop"), URL, {})
