"""The doctor's lines, read again and put in order."""

from __future__ import annotations

import json

import pytest

from devkit.doctor.check import Check
from devkit.doctor.found import Found, error_in, found_in, report, worst_first

pytestmark = pytest.mark.unit


def test_a_line_of_the_doctor_is_the_check_that_it_tells_of() -> None:
    check = Check("app_key", "APP_KEY", "problem", "it is empty", "devkit doctor --fix makes one", lambda: None)
    found = found_in(json.dumps(check.to_json()))
    assert found == Found("app_key", "APP_KEY", "problem", "it is empty", "devkit doctor --fix makes one", True)
    assert found.needs_work


@pytest.mark.parametrize("line", ["", "Warning: x", "[]", "7", '{"id": "a"}', '{"error": {"message": "no"}}'])
def test_another_line_is_none(line: str) -> None:
    assert found_in(line) is None


def test_an_error_is_told_with_what_to_do() -> None:
    line = '{"error": {"code": "usage", "message": "no", "hint": "try"}}'
    assert error_in(line) == "no (try)"
    assert error_in("{}") == error_in("no") == ""


def test_problems_come_first_and_the_report_says_what_to_do() -> None:
    checks = [
        Found("a", "A", "ok", "29.0"),
        Found("b", "B", "skipped", "the engine does not answer"),
        Found("c", "C", "warning", "old", "update it"),
        Found("d", "D", "problem", "gone", "make it"),
        Found("e", "E", "ok", "", "never said"),
    ]
    assert [check.id for check in worst_first(checks)] == ["d", "c", "a", "e", "b"]
    assert report(checks).splitlines() == [
        "✗ D: gone",
        "    make it",
        "! C: old",
        "    update it",
        "✓ A: 29.0",
        "✓ E",
        "– B: the engine does not answer",  # noqa: RUF001
    ]
