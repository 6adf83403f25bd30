"""Lines become records: Caddy's access lines, JSON, Monolog with traces, PHP's own words, plain text."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devkit.logs.assemble import Assembler
from devkit.logs.escapes import one_line, printable
from devkit.logs.fold import folded
from devkit.logs.parse import parse_line
from devkit.logs.record import LogRecord, level_of, severity

pytestmark = pytest.mark.unit

ACCESS = {
    "level": "info",
    "ts": 1769853600.1,
    "logger": "http.log.access.log0",
    "msg": "handled request",
    "request": {"remote_ip": "172.18.0.1", "method": "POST", "host": "localhost", "uri": "/orders?page=2"},
    "duration": 0.0123456,
    "size": 3,
    "status": 201,
}

TRACE = r"""[2026-01-31 10:00:00] local.ERROR: No such table {"userId":1,"exception":"[object] (Illuminate\\Database\\QueryException(code: HY000): No such table (SQL: select 1) at /app/vendor/laravel/framework/src/Illuminate/Database/Connection.php:838)
[stacktrace]
#0 /app/vendor/laravel/framework/src/A.php(1): Illuminate\\A->run()
#1 /app/vendor/laravel/framework/src/B.php(2): Illuminate\\B->run()
#2 /app/app/Http/Controllers/OrderController.php(41): App\\Models\\Order::all()
#3 [internal function]: App\\Http\\Controllers\\OrderController->index()
#4 {main}
"} """.replace('{"userId":1,"exc', '{"exc')  # noqa: E501 - as Laravel writes it


def assembled(lines: Sequence[str], *, whole: bool = False) -> list[LogRecord]:
    assembler = Assembler("app", "stderr", whole=whole)
    found = [record for line in lines for record in assembler.take("" if whole else "2026-01-31T11:00:00Z", line)]
    return [*found, *assembler.flush()]


def test_an_access_line_is_method_path_status_and_milliseconds() -> None:
    record = parse_line("t", "app", "stdout", json.dumps(ACCESS))
    assert record.message == "POST /orders?page=2 201 12.3 ms"
    wanted = {"method": "POST", "path": "/orders?page=2", "status": 201, "milliseconds": 12.3}
    assert wanted.items() <= record.context.items()
    assert record.level == "info"


def test_monologs_json_has_its_level_by_name_and_a_number_that_is_none_stays() -> None:
    record = parse_line("t", "app", "stderr", '{"message":"Oops","context":{},"level":400,"level_name":"ERROR"}')
    assert (record.level, record.message, record.context) == ("error", "Oops", {"context": {}})
    record = parse_line("t", "vite", "stdout", '{"level":30,"msg":"ready"}')
    assert (record.level, record.message, record.context) == (None, "ready", {"level": 30})


def test_a_line_of_caddy_gives_level_message_and_context() -> None:
    record = parse_line("t", "app", "stderr", '{"level":"warn","msg":"slow","job":7}')
    assert (record.level, record.message, record.context) == ("warning", "slow", {"job": 7})


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("ready for connections", None),
        ("2026-01-31T10:00:00.1Z 0 [Warning] [MY-010068] [Server] CA certificate is self signed", "warning"),
        ("2026-01-31 10:00:00.000 UTC [1] FATAL:  password authentication failed", "critical"),
        ("\x1b[31mERROR:\x1b[0m no such file", "error"),
        ("PHP Fatal error:  Uncaught Exception in /app/a.php:3", "critical"),
        ("PHP Deprecated:  old", "notice"),
        ("{not json: error", None),
        ("an error of mine", None),
    ],
)
def test_the_level_of_a_plain_line_is_what_it_says_at_its_start(text: str, level: str | None) -> None:
    record = parse_line("t", "mysql", "stderr", text)
    assert (record.level, record.message, record.context) == (level, text, {})


@pytest.mark.parametrize("whole", [True, False])
def test_a_trace_belongs_to_the_record_before_it(whole: bool) -> None:
    lines = [*TRACE.splitlines(), '[2026-01-31 10:00:01] local.INFO: Done {"id":7,"a":{"b":1}} ']
    first, second = assembled(lines, whole=whole)
    assert (first.level, first.message, first.context["channel"]) == ("error", "No such table", "local")
    assert first.context["exception"] == {
        "class": "Illuminate\\Database\\QueryException",
        "message": "No such table (SQL: select 1)",
        "file": "/app/vendor/laravel/framework/src/Illuminate/Database/Connection.php",
        "line": 838,
    }
    assert len(first.trace) == 5
    assert first.time == ("2026-01-31T10:00:00Z" if whole else "2026-01-31T11:00:00Z")
    assert (second.message, second.context) == ("Done", {"channel": "local", "id": 7, "a": {"b": 1}})


def test_what_is_no_trace_is_not_swallowed_by_the_record_before_it() -> None:
    lines = [TRACE.splitlines()[0], "something else", '{"level":"info","msg":"x"}']
    assert [record.message for record in assembled(lines)] == ["No such table", "something else", "x"]


def test_a_message_of_several_lines_stays_one_record_in_a_file() -> None:
    (record,) = assembled(["[2026-01-31 10:00:00] local.INFO: one", "two", "", "three"], whole=True)
    assert record.message == "one\ntwo\n\nthree"


def test_a_file_that_is_read_from_its_middle_begins_with_its_first_whole_record() -> None:
    lines = ["#7 {main}", '"} ', "[2026-01-31T10:00:00.5+02:00] production.WARNING: Late [] []"]
    (record,) = assembled(lines, whole=True)
    assert (record.time, record.level, record.message) == ("2026-01-31T08:00:00.500000Z", "warning", "Late")


def test_a_trace_is_folded_to_the_projects_own_frames() -> None:
    (record,) = assembled(TRACE.splitlines(), whole=True)
    assert list(folded(record.trace)) == [
        "… 2 frames of packages",
        "app/Http/Controllers/OrderController.php:41 App\\Models\\Order::all()",
        "… 2 frames of packages",
    ]


@given(st.lists(st.text(max_size=80), max_size=30))
def test_no_line_is_lost_from_a_container_and_none_ends_the_reading(lines: list[str]) -> None:
    assert sum(1 for _ in assembled(lines)) == len(lines)


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=60))
def test_nothing_that_moves_a_cursor_is_left(text: str) -> None:
    for shown in (printable(text), one_line(text)):
        assert not any((ord(sign) < 32 and sign != "\t") or 127 <= ord(sign) < 160 for sign in shown)


def test_titles_and_colours_go_whole() -> None:
    assert printable("\x1b]0;owned\x07a\x1b[31;1mb\x1b[0m\x1b[2Jc\rd") == "abcd"


def test_levels_have_one_name_and_an_order() -> None:
    assert [level_of(name) for name in ("WARN", "Fatal", "info", "loud", None)] == [
        *("warning", "critical", "info"),
        None,
        None,
    ]
    assert severity(None) < severity("debug") < severity("emergency")
