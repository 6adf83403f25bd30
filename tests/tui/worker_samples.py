"""FrankenPHP's threads at one moment."""

from __future__ import annotations

from devkit.laravel.worker_figures import Figures, Reading
from devkit.laravel.workers import Thread

NOW = 1_700_000_000.0
PHP_WORKER = "Worker PHP Thread - /app/public/frankenphp-worker.php"
READING = Reading(
    (
        Thread(0, "Regular PHP Thread", "ready", False, 0, 0, waits=1400.0),
        Thread(1, PHP_WORKER, "ready", True, 12_345, 9 * 1024**2, "/orders/7?\x1b[31mpage=2", "GET", began=NOW - 2.5),
        Thread(2, PHP_WORKER, "ready", False, 7, 5 * 1024**2, waits=0.42),
        Thread(3, PHP_WORKER, "rebooting", True, 0, 0),
    ),
    Figures(reloads=2, restarts=8, crashes=1, waiting=3),
    100.0,
)
