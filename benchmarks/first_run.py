"""From an empty directory to /up answering 200 with images and Composer cache warm, and the same command again.

    python benchmarks/first_run.py [ROUNDS]

Both sides alternate: each round makes a new project, runs again on it and removes it. Targets: 20 s and 2 s.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from measure import body_of, devkit, table


def main(rounds: int) -> None:
    fresh: list[float] = []
    again: list[float] = []
    for _ in range(rounds):
        directory = Path(tempfile.mkdtemp(prefix="devkit-bench-"))
        try:
            seconds, result = first_run(directory)
            fresh.append(seconds)
            status, _body = body_of(int(result["url"].rpartition(":")[2]), "/up")
            assert status == 200, status
            for step in result["steps"]:
                print(f"  {step['name']:14}{step['seconds']:>7.2f} s  {step['status']}", file=sys.stderr)
            again.append(first_run(directory)[0])
        finally:
            remove(directory)
    print(table("First run, everything warm", [("empty directory to /up", fresh, "s"), ("again", again, "s")]))


def first_run(directory: Path) -> tuple[float, Any]:
    """Seconds of one `devkit init`, and its result."""
    began = time.perf_counter()
    done = devkit("init", str(directory), "--yes", "--json", directory=directory)
    return time.perf_counter() - began, json.loads(done.stdout)


def remove(directory: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "devkit.entry", "down", "--volumes", "--yes", "--project", str(directory)],
        check=False,
        capture_output=True,
    )
    shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
