"""Programs that run side by side: at most so many at once, each when what it needs is done, all ended together."""

from __future__ import annotations

import os
import selectors
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from devkit.engine.children import close_pipes, end_children
from devkit.project.errors import CommandError

STOP_SECONDS = 10.0
"""How long a program may take to end by itself before it is killed."""


@dataclass(frozen=True)
class Job:
    """One program: `after` are names of jobs that come first; `failure` makes the error from its exit status."""

    name: str
    argv: tuple[str, ...]
    on_line: Callable[[str], None]
    failure: Callable[[int], CommandError]
    on_start: Callable[[], None] = lambda: None
    on_done: Callable[[float], None] = lambda _: None
    after: frozenset[str] = frozenset()
    environment: Mapping[str, str] | None = None


@dataclass
class _Running:
    job: Job
    child: subprocess.Popen[bytes]
    started: float
    rest: bytes = field(default=b"")


def run_jobs(jobs: Sequence[Job], *, at_once: int) -> None:
    """Run all jobs, earlier ones first where several could start; the first failure ends the others and is raised.

    One thread waits for the output of all: an exception in it, Ctrl-C included, finds every child and ends it.
    """
    waiting, running, done = list(jobs), dict[int, _Running](), set[str]()
    with selectors.DefaultSelector() as selector:
        try:
            while waiting or running:
                while len(running) < at_once:
                    ready = next((job for job in waiting if job.after <= done), None)
                    if ready is None:
                        break
                    waiting.remove(ready)
                    one = _start(ready)
                    descriptor = _output(one)
                    running[descriptor] = one
                    selector.register(descriptor, selectors.EVENT_READ)
                if not running:
                    raise ValueError(f"jobs wait for each other: {[job.name for job in waiting]}")
                for key, _ in selector.select():
                    one = running[key.fd]
                    if _read(one):
                        continue
                    selector.unregister(key.fd)
                    status = one.child.wait()
                    if status != 0:
                        raise one.job.failure(status)
                    del running[key.fd]
                    close_pipes(one.child)
                    done.add(one.job.name)
                    one.job.on_done(time.monotonic() - one.started)
        finally:
            children = [one.child for one in running.values()]
            for child in children:
                close_pipes(child)  # no longer read: closed, its output cannot hold a child up
            end_children(children, STOP_SECONDS)


def _start(job: Job) -> _Running:
    job.on_start()
    try:
        child = subprocess.Popen(
            job.argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=None if job.environment is None else dict(job.environment),
            process_group=0,
        )
    except OSError as error:
        raise CommandError(
            f"{job.argv[0]} could not be started: {error.strerror}", "devkit doctor", returncode=127
        ) from error
    return _Running(job, child, time.monotonic())


def _output(one: _Running) -> int:
    assert one.child.stdout is not None
    return one.child.stdout.fileno()


def _read(one: _Running) -> bool:
    """Hand over what has come, line by line; False at the end."""
    data = os.read(_output(one), 65536)
    *lines, one.rest = (one.rest + data).split(b"\n")
    if not data and one.rest:
        lines, one.rest = [one.rest], b""
    for line in lines:
        one.job.on_line(line.decode(errors="replace").rstrip("\r"))
    return bool(data)
