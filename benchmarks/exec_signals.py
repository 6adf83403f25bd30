"""What signals leave running in the container: SIGTERM, SIGINT and SIGHUP, 100 each, by devkit and by docker exec.

    python benchmarks/exec_signals.py PROJECT [EACH]

Each command is a shell with a child that it waits for. Both sides alternate in batches. Target: 0 processes two
seconds after devkit's signals.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from beside_docker import Sides, sides

_BATCH = 10
_LATER = 2.0
_MARK = "6021"
"""Seconds that nothing else in the container sleeps for."""
_COMMAND = ("sh", "-c", f"sleep {_MARK} & echo ready; wait")


def main(project: Path, each: int) -> None:
    print(f"{'signal':10}{'side':8}{'sent':>6}{'ended':>7}{'left after 2 s':>16}")
    with sides(project) as both:
        for name in ("SIGTERM", "SIGINT", "SIGHUP"):
            for side, command in (("docker", both.docker(*_COMMAND)), ("devkit", both.devkit(*_COMMAND))):
                sent = ended = left = 0
                while sent < each:
                    batch = min(_BATCH, each - sent)
                    ended += batch_of(batch, command, project, signal.Signals[name])
                    time.sleep(_LATER)
                    left += leftovers(both)
                    sent += batch
                print(f"{name:10}{side:8}{sent:>6}{ended:>7}{left:>16}", flush=True)


def batch_of(count: int, command: Sequence[str], directory: Path, number: int) -> int:
    """Start so many, signal each client once its command runs, and wait: how many ended by that signal's status."""
    children = [
        subprocess.Popen(
            command, cwd=directory, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, preexec_fn=as_from_a_shell
        )
        for _ in range(count)
    ]
    for child in children:
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
    for child in children:
        child.send_signal(number)
    statuses = [child.wait(60) for child in children]
    for child in children:
        assert child.stdout is not None
        child.stdout.close()
    return sum(status in (128 + number, -number) for status in statuses)


def as_from_a_shell() -> None:
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def leftovers(both: Sides) -> int:
    """How many processes of ours are in the container; they are ended then."""
    rows = subprocess.run(
        ["docker", "top", both.container, "-eo", "pid,args"], capture_output=True, text=True, check=True
    )
    left = sum(_MARK in row for row in rows.stdout.splitlines())
    if left:
        script = f'for p in /proc/[0-9]*; do grep -qs {_MARK} $p/cmdline && kill -9 "${{p#/proc/}}"; done; true'
        subprocess.run(both.docker("sh", "-c", script), capture_output=True, check=False)
    return left


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), int(sys.argv[2]) if len(sys.argv) > 2 else 100)
