"""Checks of what has been running for a while: queue workers on old code, and the engine's clock."""

from __future__ import annotations

import time
from datetime import datetime

from devkit.doctor.check import NO_ENGINE, NOT_RUNNING, OK, Examined, Question, Verdict
from devkit.engine.docker import Docker
from devkit.engine.info import engine_info
from devkit.laravel.long_running import SAVED_MARGIN, begin_anew, long_running
from devkit.project.watch_list import last_saved

CLOCK_SECONDS = 5.0
"""A virtual machine that slept is minutes or hours late; below this, sessions, tokens and TLS do not notice."""


def queue_code(examined: Examined) -> Verdict:
    """No queue worker runs with code from before the last save."""
    if examined.compose is None or examined.docker is None or not examined.app:
        return NOT_RUNNING
    states = examined.compose.services()
    saved = last_saved(examined.directory)
    if saved is None:
        return OK
    path, moment = saved
    stale = [one for one in long_running(examined.docker, states) if one.started + SAVED_MARGIN < moment]
    if not stale:
        return OK
    compose = examined.compose
    why = f"{', '.join(one.service for one in stale)} runs with the code from before {path} was saved"
    fix = "devkit reload, or devkit doctor --fix, has it begin anew after its present job"
    return Verdict("warning", why, fix, lambda: begin_anew(compose, stale))


def clock(examined: Examined) -> Verdict:
    """The engine's clock and this machine's agree."""
    if examined.docker is None:
        return NO_ENGINE
    before = time.time()
    said = engine_time(examined.docker)
    return verdict_on_clock(said - (before + time.time()) / 2)


def verdict_on_clock(ahead: float) -> Verdict:
    """`ahead` is by how many seconds the engine's clock is ahead of this machine's."""
    if abs(ahead) < CLOCK_SECONDS:
        return OK
    why = f"the engine's clock is {abs(ahead):.0f} s {'ahead of' if ahead > 0 else 'behind'} this machine's"
    return Verdict("warning", why, "set it, or restart the engine's machine (WSL: wsl --shutdown)")


def engine_time(docker: Docker) -> float:
    """The engine's clock in seconds since the epoch."""
    return datetime.fromisoformat(str(engine_info(docker)["SystemTime"])).timestamp()


CLOCK = Question("clock", "Clock", clock)
QUEUE_CODE = Question("queue_code", "Queue worker's code", queue_code)
