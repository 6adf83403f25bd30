"""FrankenPHP's workers, through its admin API inside the container (never published: it can change everything)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from devkit.engine.container_exec import run_in
from devkit.engine.docker import Docker, last_line
from devkit.project.errors import FailedError

ADMIN = "http://localhost:2019"
CURL = ("curl", "-fsS", "--noproxy", "*")
"""Straight there: a proxy that the container was given is for the outside."""

RESTART_COMMAND = (*CURL, "--max-time", "30", "-X", "POST", f"{ADMIN}/frankenphp/workers/restart")
"""Graceful: idle workers leave at once, busy ones after their request."""

_SECONDS = 40.0


@dataclass(frozen=True)
class Thread:
    """One PHP thread as `GET /frankenphp/threads` tells it; `uri`, `method` and `began` only while it answers."""

    index: int
    name: str
    state: str
    busy: bool
    requests: int
    memory: int
    """Bytes."""
    uri: str = ""
    method: str = ""
    waits: float = 0.0
    """For so many seconds it has been waiting for a request."""
    began: float = 0.0
    """When its request began, in seconds since the epoch, by the container's clock; 0 where none runs."""

    @property
    def is_worker(self) -> bool:
        """Whether it keeps the application in memory; the others run a PHP file for each request."""
        return self.name.startswith("Worker")


async def restart_workers(docker: Docker, container: str) -> None:
    """Have every worker take up new code; FailedError where the app does not run or has no workers."""
    done = await run_in(docker, container, RESTART_COMMAND, timeout=_SECONDS)
    if done.status != 0:
        said = last_line(done.stderr.decode("utf-8", errors="replace"))
        raise FailedError(
            f"the workers were not restarted: {said or f'curl ended with status {done.status}'}",
            "see what runs with: devkit status",
        )


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
        waits=int(state.get("WaitingSinceMilliseconds") or 0) / 1000,
        began=int(state.get("RequestStartedAt") or 0) / 1000,
    )
