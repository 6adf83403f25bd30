"""What PHP's JIT does for requests a second of /up at one connection, in worker mode and in classic mode.

    python benchmarks/jit.py PROJECT [ROUNDS]

Every container runs the stage `app` as the scaffold writes it, with the Caddyfile and PHP settings of its side: each
mode without JIT (the default), and with `php.jit` as `function` and as `tracing`. Rounds alternate. How the modes
compare with each other, and with PHP-FPM, is servers.py's question.
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from measure import devkit, table
from production_container import address_of, load, mounts, remove, require_wrk, start, wait

from devkit.project.settings_file import read_settings

_SECONDS = 4
_WARM_UP_SECONDS = 2


@dataclass(frozen=True)
class Side:
    """One way to run the application."""

    mode: str
    jit: str

    def __str__(self) -> str:
        return f"{self.mode} mode" + ("" if self.jit == "off" else f", jit {self.jit}")


SIDES = [Side(mode, jit) for jit in ("off", "function", "tracing") for mode in ("classic", "worker")]


def main(project: Path, rounds: int) -> None:
    require_wrk()
    devkit("build", "app", directory=project)
    settings = read_settings(project / "devkit.toml")
    rates: dict[Side, list[float]] = {side: [] for side in SIDES}
    with tempfile.TemporaryDirectory() as temporary:
        containers: dict[Side, str] = {}
        try:
            for side in SIDES:
                changes = {"php.mode": side.mode, "php.jit": side.jit}
                options = mounts(project, settings, Path(temporary) / str(side), changes)
                containers[side] = start(f"{settings.name}-app:app", options, {})
            for container in containers.values():
                wait(container)
                rate(container, _WARM_UP_SECONDS)
            for _ in range(rounds):
                for side, container in containers.items():
                    rates[side].append(rate(container, _SECONDS))
        finally:
            for container in containers.values():
                remove(container)
    print(table("/up at one connection, stage app", [(str(side), rates[side], "/s") for side in SIDES]))


def rate(container: str, seconds: int) -> float:
    """Answers a second over one kept connection; a failed one ends the benchmark."""
    found = load(f"{address_of(container)}/up", seconds)
    if any(found.errors.values()):
        sys.exit(f"{container} answers with errors: {dict(found.errors)}")
    return found.rate


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), int(sys.argv[2]) if len(sys.argv) > 2 else 5)
