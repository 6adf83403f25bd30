"""What FrankenPHP's figures say, from texts that its 1.12.6 has written."""

from __future__ import annotations

import pytest

from devkit.laravel.worker_figures import Figures, Reading, RequestRate, parse_figures
from devkit.laravel.workers import Thread

pytestmark = pytest.mark.unit

ADMIN = b"""# TYPE caddy_admin_http_requests_total counter
caddy_admin_http_requests_total{code="200",handler="admin",method="GET",path="/frankenphp/threads"} 26
caddy_admin_http_requests_total{code="200",handler="admin",method="POST",path="/frankenphp/workers/restart"} 6
"""
WORKERS = b"""# HELP frankenphp_queue_depth Number of regular queued requests
frankenphp_queue_depth 1
frankenphp_ready_workers{worker="/app/public/frankenphp-worker.php"} 4
frankenphp_total_threads 5
frankenphp_worker_crashes{worker="/app/public/frankenphp-worker.php"} 2
frankenphp_worker_queue_depth{worker="/app/public/frankenphp-worker.php"} 3
frankenphp_worker_restarts{worker="/app/public/frankenphp-worker.php"} 8
frankenphp_worker_restarts{worker="/app/other.php"} 1.2e+01
"""


def reading(moment: float, *requests: int) -> Reading:
    threads = tuple(
        Thread(index, "Worker PHP Thread - /w.php", "ready", False, count, 0) for index, count in enumerate(requests)
    )
    return Reading(threads, Figures(), moment)


def test_figures_of_several_workers_are_added_up() -> None:
    assert parse_figures(ADMIN + WORKERS) == Figures(reloads=6, restarts=20, crashes=2, waiting=4)


def test_a_counter_that_has_counted_nothing_is_zero_and_one_that_is_not_kept_is_unknown() -> None:
    assert parse_figures(b"frankenphp_total_threads 5\n") == Figures(restarts=0, crashes=0)
    assert parse_figures(ADMIN) == Figures(reloads=6)
    assert parse_figures(b"") == Figures()


def test_the_rate_is_that_of_the_last_seconds() -> None:
    rate = RequestRate()
    assert rate.take(reading(100.0, 0, 10)) is None
    assert rate.take(reading(101.0, 5, 15)) == 10
    assert [rate.take(reading(100.0 + second, 5, 15)) for second in range(2, 8)][-1] == 0


def test_a_server_that_counts_anew_has_no_negative_rate() -> None:
    rate = RequestRate()
    rate.take(reading(1.0, 500))
    assert rate.take(reading(2.0, 3)) is None
    assert rate.take(reading(3.0, 4)) == 1


def test_only_workers_are_workers() -> None:
    regular = Thread(0, "Regular PHP Thread", "ready", False, 7, 0)
    one = Reading((regular, *reading(0, 1).threads), Figures(), 0)
    assert [thread.requests for thread in one.workers] == [1]
    assert one.requests == 8
