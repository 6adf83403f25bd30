"""The app with two minutes of an application's log lines, and a way to wait until it is at rest."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import cast

from textual.pilot import Pilot

from devkit.logs.store import LogStore
from devkit.logs.stored import stored
from devkit.tui.app import DevkitApp

COMPOSE = "services:\n  app: {image: app}\n  redis: {image: redis}\n  mailpit: {image: mailpit}\n"
ACCESS = '{"level":"info","request":{"method":"GET","uri":"/orders/%d"},"duration":0.0123,"status":%d}'
TRACE = (
    '[2026-01-31 10:00:41] local.ERROR: Oops {"exception":"[object] '
    "(RuntimeException(code: 0): Oops at /app/app/A.php:3)",
    "[stacktrace]",
    "#0 /app/vendor/laravel/framework/src/a.php(4): a()",
    "#1 /app/vendor/laravel/framework/src/b.php(4): b()",
    "#2 /app/app/Http/C.php(12): c()",
    '"}',
)

Opened = Callable[..., AbstractAsyncContextManager[Pilot[None]]]


def at(second: int) -> bytes:
    return b"2026-01-31T%02d:%02d:%02d.000000000Z" % (10 + second // 3600, second // 60 % 60, second % 60)


def fill(store: LogStore) -> None:
    """Two minutes of an application's life."""
    for second in range(120):
        status = 500 if second % 40 == 39 else 200
        store.write(store.source("app-1"), stored("o", at(second), (ACCESS % (second, status)).encode()))
        if second % 10 == 0:
            store.write(store.source("redis-1"), stored("o", at(second), b"1:M * Background saving started"))
    for text in TRACE:
        store.write(store.source("laravel.log"), stored("f", at(41), text.encode()))
    store.write(
        store.source("app-1"), stored("e", at(120), b"\x1b[31mred\x1b[0m \x1b[2J\x1b]0;title\x07[brackets] \xff\0 end")
    )


async def settled(pilot: Pilot[None]) -> None:
    """No key waits, and nothing is being read, searched, counted or done any more."""
    app = cast(DevkitApp, pilot.app)
    await pilot.pause()
    while app.has_keys_to_handle:
        await pilot.pause()
    while not app.screen_stack[0].query("KeyRow"):  # it is the last that comes
        await pilot.pause()
    short = [worker for worker in app.workers if worker.group not in ("watch", "follow")]
    if short:
        await app.workers.wait_for_complete(short)
    await pilot.pause()
