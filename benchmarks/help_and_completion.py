"""What `devkit --help` and completion cost, beside Python itself: both sides alternate, wall and processor time.

    python benchmarks/help_and_completion.py PROJECT [ROUNDS]

devkit is called as the launcher that quickstart writes calls it (`python -I`), so from an environment where it is
installed; PROJECT is one whose artisan commands are kept (`devkit completion refresh`). 600 more test files are
written for the time that this takes. Targets: help at most 60 ms more than bare Python; an answer to a shell in at
most 100 ms.
"""

from __future__ import annotations

import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path

from measure import table

_COMMANDS = {
    "bare Python": ["-c", "pass"],
    "devkit --help": ["-m", "devkit.entry", "--help"],
    "an artisan command": ["-m", "devkit.entry", "completion", "answer", "zsh", "artisan", "make:mo"],
    "an artisan option": ["-m", "devkit.entry", "completion", "answer", "zsh", "artisan", "migrate", "--fo"],
    "a service": ["-m", "devkit.entry", "completion", "answer", "zsh", "restart", ""],
    "a test's name, of 600 files": ["-m", "devkit.entry", "completion", "answer", "zsh", "test", "--filter", ""],
}


def main(project: Path, rounds: int) -> None:
    wall: dict[str, list[float]] = {name: [] for name in _COMMANDS}
    processor: dict[str, list[float]] = {name: [] for name in _COMMANDS}
    suite = project / "tests" / "Benchmark"
    try:
        write_tests(suite)
        for command in _COMMANDS.values():  # bytecode and kept files are there from here on
            measured(command, project)
        for _ in range(rounds):
            for name, command in _COMMANDS.items():
                seconds, used = measured(command, project)
                wall[name].append(seconds * 1000)
                processor[name].append(used * 1000)
    finally:
        shutil.rmtree(suite, ignore_errors=True)
    print(table("Wall time", [(name, values, "ms") for name, values in wall.items()]))
    print(table("\nProcessor time", [(name, values, "ms") for name, values in processor.items()]))


def measured(command: list[str], directory: Path) -> tuple[float, float]:
    """Wall and processor seconds of one run of Python."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    subprocess.run([sys.executable, "-I", *command], cwd=directory, stdout=subprocess.DEVNULL, check=True)
    seconds = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def write_tests(suite: Path) -> None:
    suite.mkdir(parents=True)
    for number in range(600):
        methods = "\n".join(f"    public function test_case_{number}_{case}(): void {{}}" for case in range(8))
        text = f"<?php\nclass Case{number}Test extends \\Tests\\TestCase {{\n{methods}\n}}\n"
        (suite / f"Case{number}Test.php").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), int(sys.argv[2]) if len(sys.argv) > 2 else 30)
