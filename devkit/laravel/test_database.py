"""The one owner of the rule that tests never use the database of the running application.

Who wins is not written in phpunit.xml alone: a variable of the container wins over its `<env>`, a cached configuration
over both, and .env.testing, DB_URL or the tests' own bootstrap have their say too. So both are asked, in the
container: the application as it runs, and PHPUnit as it would run the tests.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from devkit.project.errors import FailedError

_PROBE = Path(__file__).with_name("tests_database.php")
_ANSWER = "devkit-database "
_SCRIPT = """f=$(mktemp) || exit
trap 'rm -f "$f"' EXIT
printf %s "$1" > "$f"
php "$f" &
php vendor/phpunit/phpunit/phpunit --bootstrap "$f" --list-tests
wait"""
_MEMORY = ":memory:"
_HERE = ("localhost", "127.0.0.1", "::1")
_SAME_DRIVER = {"mariadb": "mysql"}

_OWN = 'give the tests their own in phpunit.xml: <env name="DB_CONNECTION" value="sqlite"/> and DB_DATABASE ":memory:"'
_SHOWN_BY = "correct that first; devkit php vendor/bin/phpunit --list-tests shows more"


@dataclass(frozen=True)
class Database:
    """What an application is configured for. Where it reads and writes apart there are several hosts."""

    driver: str
    names: tuple[str, ...]
    hosts: tuple[str, ...] = ()
    port: str = ""
    schema: str = ""

    @property
    def is_in_memory(self) -> bool:
        """Whether it goes with its process."""
        return self.driver == "sqlite" and set(self.names) <= {_MEMORY}

    def is_same_as(self, other: Database) -> bool:
        """Whether both could be one. A host by two names that are not this machine's own is taken for two."""
        if _SAME_DRIVER.get(self.driver, self.driver) != _SAME_DRIVER.get(other.driver, other.driver):
            return False
        if self.is_in_memory or not set(self.names) & set(other.names):
            return False
        if self.driver == "sqlite":
            return True
        mine, its = (
            {"" if host.lower() in _HERE else host.lower() for host in database.hosts or ("",)}
            for database in (self, other)
        )
        return bool(mine & its) and self.port == other.port and self.schema == other.schema

    def __str__(self) -> str:
        where = f" at {', '.join(self.hosts)}" if self.hosts and self.driver != "sqlite" else ""
        return f"{self.driver} {', '.join(self.names)}{where}".strip()


@dataclass(frozen=True)
class _Answer:
    database: Database | None
    error: str = ""
    cached: bool = False
    by_url: bool = False
    variables: tuple[str, ...] = ()


def question() -> list[str]:
    """The words to run in the project's directory of the app's container; its lines go to `tests_database`."""
    return ["sh", "-c", _SCRIPT, "devkit", _PROBE.read_text(encoding="utf-8")]


def tests_database(lines: Iterable[str]) -> Database | None:
    """The database that the tests would use, by the lines that answer the question; None where they use none.

    FailedError where it is the application's own, or where it cannot be known.
    """
    said = list(lines)
    answers = dict(_answers(said))
    app, tests = answers.get("app"), answers.get("tests")
    if tests is None or tests.error:
        raise _unknown("the tests", tests, said)
    if tests.database is None or tests.database.is_in_memory:
        return tests.database
    if app is None or app.error:
        raise _unknown("the application", app, said)
    if app.database is not None and tests.database.is_same_as(app.database):
        raise FailedError(
            f"not run: the tests would use the application's own database ({tests.database}) and could empty it",
            _way_out(tests, app),
        )
    return tests.database


tests_database.__test__ = False  # type: ignore[attr-defined]  # pytest would take it for a test of its own


def _way_out(tests: _Answer, app: _Answer) -> str:
    if tests.cached:
        return "the configuration is cached, so phpunit.xml has no say: devkit artisan config:clear"
    if app.variables:
        names = ", ".join(app.variables)
        return (
            f"{names} in the container's environment wins over <env> in phpunit.xml, forced or not:"
            " take it out of compose.yaml, or name the tests' own with <server> in phpunit.xml"
        )
    if tests.by_url:
        return 'DB_URL wins over DB_DATABASE: empty it in phpunit.xml with <env name="DB_URL" value=""/>'
    return _OWN


def _unknown(whose: str, answer: _Answer | None, said: Sequence[str]) -> FailedError:
    last = next((line.strip() for line in reversed(said) if line.strip()), "no answer")
    why = answer.error if answer is not None else last
    return FailedError(f"not run: which database {whose} would use cannot be known: {why}"[:400], _SHOWN_BY)


def _answers(lines: Iterable[str]) -> Iterable[tuple[str, _Answer]]:
    for line in lines:
        if line.startswith(_ANSWER):
            try:
                found = json.loads(line.removeprefix(_ANSWER))
                yield str(found["who"]), _answer(found)
            except (ValueError, KeyError, TypeError, AttributeError):
                continue  # a program printed into it: it counts as not answered


def _answer(found: Mapping[str, Any]) -> _Answer:
    database = found.get("database")
    return _Answer(
        None if database is None else _database(database),
        str(found.get("error", "")),
        bool(found.get("cached")),
        bool(found.get("url")),
        tuple(found.get("variables", ())),
    )


def _database(found: Mapping[str, Any]) -> Database:
    texts = {name: tuple(map(str, found[name])) for name in ("names", "hosts")}
    return Database(str(found["driver"]), texts["names"], texts["hosts"], str(found["port"]), str(found["schema"]))
