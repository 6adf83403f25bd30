"""What the scripted path costs: `devkit exec app true` beside docker exec and docker compose exec -T.

    python benchmarks/exec_cost.py PROJECT [ROUNDS]

All sides in each round, in turn; the project has to be up. Targets: at most 0.9 times docker exec, and 0.45 times
docker compose exec -T.
"""

from __future__ import annotations

import statistics
import sys
from pathlib import Path

from beside_docker import Run, load, run, sides
from measure import table


def main(project: Path, rounds: int) -> None:
    with sides(project) as both:
        commands = {
            "docker exec": both.docker("true"),
            "devkit exec": both.devkit("true"),
            "docker compose exec -T": both.compose("true"),
        }
        for command in commands.values():  # devkit looks the container up once
            run(command, project)
        runs: dict[str, list[Run]] = {name: [] for name in commands}
        print(load(), file=sys.stderr)
        for _ in range(rounds):
            for name, command in commands.items():
                done = run(command, project)
                assert done.status == 0, (name, done)
                runs[name].append(done)
        print(load(), file=sys.stderr)
    wall = {name: [done.seconds * 1000 for done in found] for name, found in runs.items()}
    used = {name: [done.processor * 1000 for done in found] for name, found in runs.items()}
    print(table("`true` in a running container, by the clock", [(name, times, "ms") for name, times in wall.items()]))
    print(table("user and system time of the client", [(name, times, "ms") for name, times in used.items()]))
    compose = statistics.median(wall["devkit exec"]) / statistics.median(wall["docker compose exec -T"])
    print(f"devkit exec to docker compose exec -T: {compose:.2f}x")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), int(sys.argv[2]) if len(sys.argv) > 2 else 30)
