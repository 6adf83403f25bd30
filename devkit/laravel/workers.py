"""FrankenPHP's workers, through its admin API inside the container (never published: it can change everything)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from devkit.engine.compose import Compose
from devkit.project.errors import CommandError, FailedError
from devkit.project.services import APP

ADMIN = "http://localhost:2019"
_CURL = ("curl", "-fsS", "--noproxy", "*")
"""Straight there: a proxy that the container was given is for the outside."""

RESTART_COMMAND = (*_CURL, "--max-time", "30", "-X", "POST", f"{ADMIN}/frankenphp/workers/restart")
"""Graceful: idle workers leave at once, busy ones after their request."""

_SECONDS = 40.0


@dataclass(frozen=True)
class Thread:
    """One PHP thread as `GET /frankenphp/threads` tells it; `uri` and `method` only while it answers."""

    index: int
    name: str
    state: str
    busy: bool
    requests: int
    memory: int
    uri: str = ""
    method: str = ""


def restart_workers(compose: Compose) -> None:
    """Have every worker take up new code; FailedError where the app does not run or has no workers."""
    try:
        compose.exec(APP, *RESTART_COMMAND, timeout=_SECONDS)
    except CommandError as error:
        raise FailedError(
            f"the workers were not restarted: {error.message}", "see what runs with: devkit status"
        ) from error


def threads(compose: Compose) -> tuple[Thread, ...]:
    """Every PHP thread of the app; FailedError where it does not run."""
    try:
        answer = compose.exec(APP, *_CURL, "--max-time", "10", f"{ADMIN}/frankenphp/threads", timeout=_SECONDS)
    except CommandError as error:
        raise FailedError(
            f"the app's threads cannot be read: {error.message}", "see what runs with: devkit status"
        ) from error
    return parse_threads(answer.stdout)


def parse_threads(body: bytes) -> tuple[Thread, ...]:
    """Threads from the endpoint's JSON; fields that a version lacks are empty."""
    try:
        states = json.loads(body)["ThreadDebugStates"] or ()
        return tuple(_thread(state) for state in states)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise FailedError(
            "FrankenPHP's list of threads cannot be read", "its admin API is another one; update devkit"
        ) from error


def _thread(state: Mapping[str, Any]) -> Thread:
    return Thread(
        index=int(state["Index"]),
        name=str(state.get("Name", "")),
        state=str(state.get("State", "")),
        busy=bool(state.get("IsBusy", False)),
        requests=int(state.get("RequestCount") or 0),
        memory=int(state.get("MemoryUsage") or 0),
        uri=str(state.get("CurrentURI") or ""),
        method=str(state.get("CurrentMethod") or ""),
    )
