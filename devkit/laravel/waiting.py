"""What waits for somebody in an application: migrations that were not run, jobs that failed. Told by itself, in one go.

A short PHP script (waiting.php) runs in the app's container, and knows what the application knows: where packages
keep their migrations, which database is meant, where failed jobs are kept.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from devkit.engine.container_exec import run_in
from devkit.engine.docker import Docker
from devkit.project.errors import FailedError

SECONDS = 30.0
"""How long the application may take; a tenth of a second is usual, seconds on a slow mount."""

_SCRIPT = Path(__file__).with_name("waiting.php")
_ANSWER = b"\ndevkit {"


@dataclass(frozen=True)
class Waiting:
    """How many there are; None for what cannot be told."""

    migrations: int | None = None
    failed_jobs: int | None = None


async def what_waits(docker: Docker, container: str) -> Waiting:
    """Ask the application in this container. FailedError where it does not boot, EngineError where the engine goes."""
    words = ("php", "-d", "display_errors=stderr")
    done = await run_in(docker, container, words, stdin=_SCRIPT.read_bytes(), timeout=SECONDS)
    return parse(done.stdout)


def parse(output: bytes) -> Waiting:
    """What the script said, whatever PHP and the application said before it; FailedError where it said nothing."""
    _, found, line = output.rpartition(_ANSWER)
    try:
        body = json.loads(b"{" + line if found else b"{}")
        return Waiting(body["migrations"], body["failed_jobs"])
    except (ValueError, KeyError, TypeError) as error:
        raise FailedError("the application did not say what waits", "devkit logs app shows why") from error
