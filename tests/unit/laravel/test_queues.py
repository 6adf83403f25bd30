"""What queues.php answers is read whatever stands around it, and workers say which queues they take."""

from __future__ import annotations

import json
from typing import Any

import pytest

from devkit.laravel.queues import FailedJob, Queue, Queues, Worker, parse, worker
from devkit.project.errors import FailedError

pytestmark = pytest.mark.unit

JOB = ("6f1c", "database", "default", r"App\Jobs\Ship", "2026-01-31 10:00:00", "RuntimeException: no in /app/a.php:3")
BODY: dict[str, Any] = {
    "default": "database",
    "queues": [["database", "default", 3, 1, 0, 1769850000], ["redis", "mail", 7, None, None, None]],
    "problems": {"sqs": "no network"},
    "failed_count": 1,
    "failed_mark": "m",
    "failed": [list(JOB)],
}


def answer(**changes: Any) -> bytes:
    return b"PHP Deprecated: old\n\ndevkit " + json.dumps({**BODY, **changes}).encode() + b"\n"


def test_queues_and_failed_jobs_are_read() -> None:
    found = parse(answer())
    assert found.queues == (Queue("database", "default", 3, 1, 0, 1769850000), Queue("redis", "mail", 7))
    assert found.failed == (FailedJob(*JOB),)
    assert (found.default, found.failed_count, found.problems) == ("database", 1, {"sqs": "no network"})


def test_failed_jobs_that_are_the_same_are_not_sent_again() -> None:
    former = parse(answer())
    assert parse(answer(failed=None), former).failed is former.failed
    assert parse(answer(failed=None, failed_mark="other"), former).failed == ()
    assert parse(answer(failed=None)).failed == ()


def test_a_count_alone_is_an_answer() -> None:
    assert parse(b'\ndevkit {"default":"sync","failed_count":4}\n') == Queues("sync", failed_count=4)


@pytest.mark.parametrize("output", [b"", b"Could not open input file", b"\ndevkit {broken", b'\ndevkit {"queues":1}'])
def test_what_is_no_answer_is_an_error_in_one_line(output: bytes) -> None:
    with pytest.raises(FailedError, match=r"\Athe application did not say what its queues hold: .*\Z"):
        parse(output)


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("docker-init -- php artisan queue:work", Worker(None, ())),
        ("php artisan queue:work --tries=3 redis --queue=high,default", Worker("redis", ("high", "default"))),
        ("php artisan queue:listen --queue mail --timeout=60", Worker(None, ("mail",))),
        ("php artisan schedule:work", None),
        ("", None),
    ],
)
def test_a_worker_says_what_it_takes_jobs_of(command: str, expected: Worker | None) -> None:
    assert worker(command.split()) == expected
