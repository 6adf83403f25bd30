"""The likely cause of what logs say."""

from __future__ import annotations

from typing import Any

import pytest

from devkit.engine.causes import cause_by_check, likely_cause
from devkit.engine.containers import Inspection, Probe
from devkit.engine.diagnosis import (
    Diagnosis,
    UnhealthyServiceError,
    diagnosis_of,
    exit_reason,
    failed_checks,
    first_failure,
    what_is_wrong,
)
from devkit.engine.state import ServiceState

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


@pytest.mark.parametrize(
    ("said", "cause"),
    [
        ("curl: (22) The requested URL returned error: 500", "an error of its own"),
        ("curl: (22) The requested URL returned error: 404", "is not there"),
        (
            "curl: (7) Failed to connect to 127.0.0.1 port 8080 after 0 ms: Could not connect to server",
            "nothing listens",
        ),
        ("Health check exceeded timeout (5s)", "no answer in its time"),
        ("curl: (28) Operation timed out after 4001 milliseconds", "no answer in its time"),
        ("FrankenPHP has no worker threads yet", "worker script"),
        ("/bin/sh: 1: curl: not found", "not in the image"),
        ("SQLSTATE[HY000] [1045] Access denied for user", "password"),
        ("well", ""),
    ],
)
def test_a_health_checks_output_has_a_cause_of_its_own(said: str, cause: str) -> None:
    assert cause in cause_by_check(said)
    assert bool(cause) == bool(cause_by_check(said))


def inspection(state: str, *, health: str | None = None, exit_code: int | None = None, **more: Any) -> Inspection:
    service = ServiceState("app", state, health, exit_code=exit_code, container="c")  # type: ignore[arg-type]
    given = {"restarts": 0, "started": 0.0, "out_of_memory": False, "start_error": "", "probes": (), **more}
    return Inspection(service=service, name="shop-app-1", restart_policy="no", **given)


def test_failed_checks_that_say_the_same_are_one_the_newest_first() -> None:
    runs = [(1, "older"), (0, ""), (1, "a"), (1, "a"), (2, "b")]
    found = inspection("running", probes=tuple(Probe(str(at), *run) for at, run in enumerate(runs)))
    assert [(one.exit_code, one.output, one.times) for one in failed_checks(found)] == [(2, "b", 1), (1, "a", 2)]


def test_the_first_failure_is_that_of_the_streak() -> None:
    times = [f"2026-01-31T10:00:{second:02}Z" for second in (0, 10, 20)]
    probes = tuple(Probe(time, status, "", time) for time, status in zip(times, (0, 1, 1), strict=True))
    first = first_failure(inspection("running", probes=probes))
    assert first is not None
    assert first % 60 == 10
    assert first_failure(inspection("running")) is None


@pytest.mark.parametrize(
    ("found", "clause"),
    [
        (inspection("running", health="healthy", probes=(Probe("", 1, ""),)), ""),
        (inspection("running"), ""),
        (inspection("running", health="starting", probes=(Probe("", 1, ""),)), ""),
        (
            inspection("running", health="starting", failing_streak=1, probes=(Probe("", 1, ""),)),
            "failed its health check once",
        ),
        (inspection("exited", exit_code=0), ""),
        (inspection("restarting", exit_code=1), "exited with status 1"),
        (inspection("exited", exit_code=0, out_of_memory=True), "was killed for lack of memory"),
        (inspection("created", start_error="no such network"), "could not be started"),
    ],
)
def test_what_is_wrong_is_a_clause(found: Inspection, clause: str) -> None:
    assert what_is_wrong(found) == clause


def test_the_log_tells_the_cause_before_the_check_does() -> None:
    probes = (Probe("", 22, "curl: (22) The requested URL returned error: 500\n"),)
    found = inspection("running", health="unhealthy", probes=probes)
    logs = ["SQLSTATE[HY000] [1045] Access denied for user"]
    assert "password" in diagnosis_of("app", found, "is unhealthy", logs).cause
    assert "an error of its own" in diagnosis_of("app", found, "is unhealthy", ["nothing known"]).cause
