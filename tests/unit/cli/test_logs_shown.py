"""How log records reach a person: nothing that a container wrote moves the cursor, traces are folded."""

from __future__ import annotations

import pytest

from devkit.cli.logs import _as_text
from devkit.logs.record import LogRecord

pytestmark = pytest.mark.unit

FRAMES = [
    "#0 /app/vendor/a/A.php(1): A->a()",
    "#1 /app/app/Orders.php(12): App\\Orders->all()",
    "#2 {main}",
]
FAILED = LogRecord(
    "2026-01-31T10:00:00Z",
    "laravel.log",
    "file",
    "error",
    "Oops\x1b[2J\nsecond line",
    {
        "channel": "local",
        "exception": {"class": "RuntimeException", "message": "Oops", "file": "/app/app/Orders.php", "line": 13},
        "trace": FRAMES,
    },
)


def shown(
    capsys: pytest.CaptureFixture[str], *records: LogRecord, colour: bool = False, whole: bool = False
) -> list[str]:
    show = _as_text(11, colour=colour, whole=whole)
    for record in records:
        show(record)
    return capsys.readouterr().out.splitlines()


def test_a_failure_is_its_message_its_place_and_the_projects_own_frames(capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(capsys, FAILED) == [
        "laravel.log | ERROR Oops",
        "laravel.log |   second line",
        "laravel.log |   RuntimeException at app/Orders.php:13",
        "laravel.log |   … 1 frame of packages",
        "laravel.log |   app/Orders.php:12 App\\Orders->all()",
        "laravel.log |   … 1 frame of packages",
    ]


def test_every_frame_is_there_when_it_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert [line.rpartition("|   ")[2] for line in shown(capsys, FAILED, whole=True)[3:]] == FRAMES


def test_colour_is_devkits_own_and_only_where_it_is_wanted(capsys: pytest.CaptureFixture[str]) -> None:
    plain = LogRecord("t", "app", "stdout", None, "\x1b[31mred\x1b[0m \x1b]0;title\x07rest")
    assert shown(capsys, plain) == ["app         | red rest"]
    (line,) = shown(capsys, plain, colour=True)
    assert line == "\x1b[36mapp        \x1b[0m | red rest"
    assert "\x1b[31m" in shown(capsys, FAILED, colour=True)[0]
