"""What FrankenPHP says of its threads at one moment, and what two moments say together.

Restarts and crashes stand at /metrics, and only where the Caddyfile has the option `metrics` (FrankenPHP 1.12.6,
caddy/app.go). How often the workers were asked to take up new code is counted by Caddy itself, always.
"""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass

from devkit.laravel.workers import Thread

_SAMPLE = re.compile(rb"^(?P<name>frankenphp_\w+)(?:\{[^}]*\})? (?P<value>[-+.\deE]+)$", re.M)
_ASKED = re.compile(rb'^caddy_admin_http_requests_total\{.*path="/frankenphp/workers/restart".*\} (\S+)$', re.M)

_WINDOW_SECONDS = 5.0


@dataclass(frozen=True)
class Figures:
    """Of all workers together, since the server started or took up another Caddyfile; None where it is not told."""

    reloads: int = 0
    """How often all workers were asked to take up new code, since the server started."""
    restarts: int | None = None
    """Workers that began anew: for new code, or because they had answered as many requests as they are to."""
    crashes: int | None = None
    waiting: int = 0
    """Requests that wait for a worker."""


@dataclass(frozen=True)
class Reading:
    """What one look has shown; `moment` in seconds of a clock that only goes forward."""

    threads: tuple[Thread, ...]
    figures: Figures
    moment: float

    @property
    def workers(self) -> tuple[Thread, ...]:
        """The threads that are workers; none in classic mode."""
        return tuple(thread for thread in self.threads if thread.is_worker)

    @property
    def requests(self) -> int:
        """How many requests these threads have answered."""
        return sum(thread.requests for thread in self.threads)


class RequestRate:
    """Requests a second over the last seconds."""

    def __init__(self) -> None:
        self._readings: deque[tuple[float, int]] = deque()

    def take(self, reading: Reading) -> float | None:
        """The rate with one more reading; None after the first, and where the server has begun to count anew."""
        if self._readings and reading.requests < self._readings[-1][1]:
            self._readings.clear()
        self._readings.append((reading.moment, reading.requests))
        while len(self._readings) > 2 and reading.moment - self._readings[0][0] > _WINDOW_SECONDS:
            self._readings.popleft()
        seconds = reading.moment - self._readings[0][0]
        return (reading.requests - self._readings[0][1]) / seconds if seconds > 0 else None


def parse_figures(metrics: bytes) -> Figures:
    """From the text of /metrics (https://prometheus.io/docs/instrumenting/exposition_formats/)."""
    sums: dict[bytes, int] = {}
    for sample in _SAMPLE.finditer(metrics):
        sums[sample["name"]] = sums.get(sample["name"], 0) + int(float(sample["value"]))
    # A counter is not there before it has counted something; another that always is says that they are kept.
    kept = b"frankenphp_total_threads" in sums
    return Figures(
        reloads=sum(int(float(value)) for value in _ASKED.findall(metrics)),
        restarts=sums.get(b"frankenphp_worker_restarts", 0) if kept else None,
        crashes=sums.get(b"frankenphp_worker_crashes", 0) if kept else None,
        waiting=sums.get(b"frankenphp_worker_queue_depth", 0) + sums.get(b"frankenphp_queue_depth", 0),
    )
