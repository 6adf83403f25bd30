"""How fast bytes go through `devkit exec`, and in how much memory, beside docker exec: in, out, and both ways.

    python benchmarks/exec_throughput.py PROJECT [ROUNDS [MIB]]

Both sides alternate; 1024 MiB each way. Target: at least 0.9 times docker exec, with memory that stays flat.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from beside_docker import Run, load, run, sides
from measure import table

_MIB = 1024 * 1024


def main(project: Path, rounds: int, size: int) -> None:
    with sides(project) as both, TemporaryFile() as content:
        os.truncate(content.fileno(), size * _MIB)
        ways = {
            "in": ("sh", "-c", "cat > /dev/null"),
            "out": ("head", "-c", str(size * _MIB), "/dev/zero"),
            "both ways": ("cat",),
        }
        rates: dict[str, list[float]] = {}
        memory: dict[str, list[float]] = {}
        print(load(), file=sys.stderr)
        for _ in range(rounds):
            for way, command in ways.items():
                for side, words in (("docker", both.docker(*command, stdin=True)), ("devkit", both.devkit(*command))):
                    done = piped(words, project, content if way != "out" else None)
                    rates.setdefault(f"{side} exec, {way}", []).append(size / done.seconds)
                    memory.setdefault(f"{side} exec, {way}", []).append(done.memory)
        print(load(), file=sys.stderr)
    for way in ways:
        rows = [(name, rates[name], "MB") for name in (f"docker exec, {way}", f"devkit exec, {way}")]
        print(table(f"MiB a second, {way}: {size} MiB", rows))
    for side in ("docker", "devkit"):
        print(f"peak memory of {side}'s client: {max(max(v) for k, v in memory.items() if k.startswith(side)):.0f} MiB")


def piped(command: Sequence[str], directory: Path, content: IO[bytes] | None) -> Run:
    """Run it with the content as stdin, and a pipe that is read behind it."""
    if content is not None:
        content.seek(0)
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as reader:
        assert reader.stdin is not None
        done = run(command, directory, stdin=content or subprocess.DEVNULL, stdout=reader.stdin)
        reader.stdin.close()
    assert done.status == 0, done
    return done


if __name__ == "__main__":
    rounds, size = [*map(int, sys.argv[2:]), *(5, 1024)[len(sys.argv) - 2 :]]
    main(Path(sys.argv[1]).resolve(), rounds, size)
