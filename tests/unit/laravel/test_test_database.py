"""The rule that tests never use the application's own database, by what a container answers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from devkit.laravel.test_database import Database, question, tests_database
from devkit.project.errors import FailedError

pytestmark = pytest.mark.unit

MYSQL = {"driver": "mysql", "names": ["laravel"], "hosts": ["mysql"], "port": "3306", "schema": ""}
MEMORY = {"driver": "sqlite", "names": [":memory:"], "hosts": [], "port": "", "schema": ""}


def line(who: str, database: dict[str, Any] | None = None, **more: Any) -> str:
    said = {"who": who, "variables": [], "cached": False, **more}
    return "devkit-database " + json.dumps(said if database is None else {**said, "database": database})


def refused(*lines: str) -> tuple[str, str]:
    with pytest.raises(FailedError) as caught:
        tests_database(lines)
    return caught.value.message, caught.value.hint


def test_a_database_in_memory_is_nobody_elses_whatever_the_application_has() -> None:
    found = tests_database(["PHPUnit 13", line("tests", MEMORY)])
    assert found is not None and str(found) == "sqlite :memory:"


def test_tests_without_a_database_may_run() -> None:
    assert tests_database([line("tests"), line("app", MYSQL)]) is None


def test_another_database_of_the_same_server_is_another_one() -> None:
    found = tests_database([line("app", MYSQL), line("tests", {**MYSQL, "names": ["testing"]})])
    assert str(found) == "mysql testing at mysql"


def test_the_applications_own_is_refused_with_the_way_out() -> None:
    message, hint = refused(line("app", MYSQL), line("tests", {**MYSQL, "driver": "mariadb"}))
    assert "the application's own database (mariadb laravel at mysql)" in message
    assert "phpunit.xml" in hint


@pytest.mark.parametrize(
    ("app", "tests", "hint"),
    [
        ({"variables": ["DB_DATABASE"]}, {}, "DB_DATABASE in the container's environment wins"),
        ({}, {"cached": True}, "devkit artisan config:clear"),
        ({}, {"url": True}, 'name="DB_URL" value=""'),
    ],
)
def test_the_way_out_is_the_one_that_helps(app: dict[str, Any], tests: dict[str, Any], hint: str) -> None:
    assert hint in refused(line("app", MYSQL, **app), line("tests", MYSQL, **tests))[1]


def test_what_cannot_be_known_is_refused() -> None:
    message, _hint = refused("PHP Parse error: in config/app.php on line 3", "")
    assert "which database the tests would use cannot be known: PHP Parse error" in message
    assert "no answer" in refused()[0]
    assert "LogicException: no" in refused(line("tests", error="LogicException: no"))[0]
    assert "which database the application would use" in refused(line("tests", MYSQL))[0]
    assert "no answer" not in refused("devkit-database {broken", line("app", MYSQL))[0]
    assert "of the tests" not in refused("devkit-database []", "devkit-database 3")[0]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (Database("sqlite", ("/app/a.sqlite",)), Database("sqlite", ("/app/a.sqlite",)), True),
        (Database("sqlite", ("/app/a.sqlite",)), Database("sqlite", ("/app/b.sqlite",)), False),
        (Database("mysql", ("a",), ("localhost",), "3306"), Database("mysql", ("a",), ("127.0.0.1",), "3306"), True),
        (Database("mysql", ("a",), ("db",), "3306"), Database("mysql", ("a",), ("db",), "3307"), False),
        (Database("mysql", ("a",), ("db", "replica")), Database("mysql", ("a",), ("Replica",)), True),
        (Database("pgsql", ("a",), ("db",)), Database("mysql", ("a",), ("db",)), False),
        (Database("pgsql", ("a",), ("db",), "", "public"), Database("pgsql", ("a",), ("db",), "", "tests"), False),
        (Database("sqlite", (":memory:",)), Database("sqlite", (":memory:",)), False),
    ],
)
def test_two_are_one_by_server_and_name(one: Database, other: Database, same: bool) -> None:
    assert one.is_same_as(other) is other.is_same_as(one) is same


def test_the_question_is_php_that_is_handed_to_a_shell() -> None:
    shell, _flag, script, _name, php = question()
    assert shell == "sh" and '"$1"' in script and php.startswith("<?php")
