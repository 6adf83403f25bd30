"""What an application's queues hold and which of its jobs have failed, asked through its own bootstrap.

A short PHP script (queues.php) runs in the app's container, and knows what the application knows: its connections,
its drivers, where failed jobs are kept. Neither tinker nor a package is needed for it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from devkit.engine.container_exec import run_in
from devkit.engine.docker import Docker
from devkit.project.errors import FailedError

SECONDS = 30.0
"""How long the application may take; a tenth of a second is usual, seconds on a slow mount."""

_SCRIPT = Path(__file__).with_name("queues.php")
_ANSWER = b"\ndevkit {"
_SHOWN = 300


@dataclass(frozen=True)
class Queue:
    """One queue. `delayed` and `reserved` are None where Laravel cannot tell them apart: `pending` is all of them then.

    `oldest` is since when its first job waits, in seconds since the epoch; None where none does.
    """

    connection: str
    name: str
    pending: int
    delayed: int | None = None
    reserved: int | None = None
    oldest: float | None = None


@dataclass(frozen=True)
class FailedJob:
    """One job that failed for good; `id` is what queue:retry and queue:forget take."""

    id: str
    connection: str
    queue: str
    job: str
    """The class of the job, or what it calls itself."""
    failed_at: str
    """As it is stored: on the application's clock."""
    exception: str
    """Class, message and trace as PHP writes them, at most 16 KiB."""


@dataclass(frozen=True)
class Queues:
    """The queues of one application. `failed` are the newest 200 of the `failed_count` jobs that failed.

    `problems` says of a connection why it does not answer, `failed_problem` the same of the failed jobs.
    """

    default: str
    queues: tuple[Queue, ...] = ()
    problems: Mapping[str, str] = field(default_factory=dict)
    failed: tuple[FailedJob, ...] = ()
    failed_count: int = 0
    failed_mark: str = ""
    """Other failed jobs have another one."""
    failed_problem: str = ""


@dataclass(frozen=True)
class Worker:
    """What a `queue:work` takes its jobs of: a connection, None for the default one, and queues if it names them."""

    connection: str | None
    queues: tuple[str, ...]


def worker(command: Sequence[str]) -> Worker | None:
    """The worker among the words of a container's first process; None where it is none."""
    words = list(command)
    start = next((at for at, word in enumerate(words) if word in ("queue:work", "queue:listen")), None)
    if start is None:
        return None
    connection, queues = None, ""
    rest = iter(words[start + 1 :])
    for word in rest:
        if word == "--queue":
            queues = next(rest, "")
        elif word.startswith("--queue="):
            queues = word.removeprefix("--queue=")
        elif not word.startswith("-") and connection is None:
            connection = word
    return Worker(connection, tuple(name.strip() for name in queues.split(",") if name.strip()))


async def read_queues(
    docker: Docker, container: str, workers: Iterable[Worker] = (), former: Queues | None = None
) -> Queues:
    """Ask the application in this container; the failed jobs of `former` are kept where they are still the same.

    FailedError where it cannot be asked or does not answer, EngineError where the engine goes.
    """
    asked = {
        "workers": [[one.connection, list(one.queues)] for one in workers],
        "failed_mark": former.failed_mark if former else None,
    }
    return parse(await _answer(docker, container, asked), former)


async def failed_jobs_count(docker: Docker, container: str) -> int:
    """How many jobs have failed; less work than all of it. Errors as `read_queues` has them."""
    return parse(await _answer(docker, container, {"only_count": True})).failed_count


def parse(output: bytes, former: Queues | None = None) -> Queues:
    """What the script said, whatever PHP and the application said before it; FailedError where it said nothing."""
    _, found, line = output.rpartition(_ANSWER)
    try:
        body: dict[str, Any] = json.loads(b"{" + line) if found else {}
        if body.get("failed") is None and former is not None and former.failed_mark == body.get("failed_mark"):
            failed = former.failed
        else:
            failed = tuple(FailedJob(*job) for job in body.get("failed") or ())
        return Queues(
            default=body["default"],
            queues=tuple(sorted((Queue(*row) for row in body.get("queues", ())), key=lambda one: one.connection)),
            problems=dict(body.get("problems", {})),
            failed=failed,
            failed_count=body.get("failed_count", 0),
            failed_mark=body.get("failed_mark", ""),
            failed_problem=body.get("failed_problem", ""),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise FailedError(
            f"the application did not say what its queues hold: {_first_line(output)}", "devkit logs app shows why"
        ) from error


async def _answer(docker: Docker, container: str, asked: Mapping[str, Any]) -> bytes:
    words = ("php", "-d", "display_errors=stderr", "--", json.dumps(asked))
    done = await run_in(docker, container, words, stdin=_SCRIPT.read_bytes(), timeout=SECONDS)
    if done.status != 0 and _ANSWER not in done.stdout:
        raise FailedError(
            f"the queues cannot be read: {_first_line(done.stdout + done.stderr)}", "devkit logs app shows why"
        )
    return done.stdout


def _first_line(output: bytes) -> str:
    lines = (line.strip() for line in output.decode(errors="replace").splitlines())
    return next((line[:_SHOWN] for line in lines if line), "it said nothing")
