"""The likely cause of what logs say."""

from __future__ import annotations

import pytest

from devkit.engine.diagnosis import Diagnosis, UnhealthyServiceError, exit_reason, likely_cause

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("said", "cause"),
    [
        ("Bind for 127.0.0.1:8080 failed: port is already allocated", "port is taken"),
        ("exec /usr/local/bin/docker-php-entrypoint: exec format error", "CPU architecture"),
        ("write /var/lib/mysql/x: no space left on device", "disk is full"),
        ("exec /usr/local/bin/frankenphp: operation not permitted", "file capability"),
        ("RuntimeException: No application encryption key has been specified.", "APP_KEY"),
        ("SQLSTATE[HY000] [1045] Access denied for user 'shop'@'172.18.0.3' (using password: YES)", "password"),
        ('FATAL:  password authentication failed for user "shop"', "password"),
        ("Warning: require(/app/vendor/autoload.php): Failed to open stream: No such file", "Composer's packages"),
        ('PHP Parse error:  syntax error, unexpected token "}" in /app/routes/web.php on line 7', "syntax error"),
        ('adapting config using caddyfile: parsing caddyfile tokens for "php_server"', "Caddyfile"),
        ("mkdir: cannot create directory '/app/storage/logs': Permission denied", "container's user"),
        ("SQLSTATE[HY000] [2002] Connection refused", "not up"),
        ("unable to open database file", "SQLite"),
        ('exec: "artisann": executable file not found in $PATH: unknown', "not in the image"),
        ("stat /missing: no such file or directory", "container looks"),
    ],
)
def test_a_known_message_has_a_cause(said: str, cause: str) -> None:
    assert cause in likely_cause(f"one line before\n{said}\none after")


def test_nothing_is_invented_for_an_unknown_message() -> None:
    assert likely_cause("something happened") == ""


def test_the_error_says_what_failed_why_the_cause_and_the_next_command() -> None:
    found = Diagnosis(
        "app", "is unhealthy", "the disk is full", "next: devkit logs app", log_lines=("a", "no space left")
    )
    error = UnhealthyServiceError(found, ("queue",))
    assert error.message == "service app is unhealthy: no space left; not ready either: queue"
    assert error.hint == "likely cause: the disk is full; next: devkit logs app"
    assert error.detail == "last log lines:\n  a\n  no space left"


def test_an_end_by_signal_is_told_in_words() -> None:
    assert "killed for lack of memory" in exit_reason(137, out_of_memory=True)
    assert exit_reason(1, out_of_memory=False) == "exited with status 1"
