"""Seconds of each stage of the four-stage Dockerfile built without a cache, beside their targets.

    python benchmarks/cold_stages.py [ROUNDS] [--extensions SECONDS]

`devkit build app --no-cache`; a stage's seconds are those of its steps together, stages run side by side where they
can. Downloads of npm's packages stay in the cache mount from one round to the next, as on a developer's machine.
Without an image registry base-runtime has its extensions built in: the time with extensions compiled, as the official
image has it, is said beside it.
"""

from __future__ import annotations

import secrets
import statistics
import sys

from built_project import Built, built_project
from extensions_compiled import asked_for, extensions_of
from measure import percentile

TARGETS = {"base-runtime": "3 to 4 min", "dependencies": "2 min", "frontend-build": "1.5 min", "app": "15 to 30 s"}


def main(rounds: int, extensions: float | None) -> None:
    with built_project(f"cold-{secrets.token_hex(3)}") as project:
        builds = [project.four_stages("--no-cache") for _ in range(rounds)]
        compiled = extensions_of(project, extensions)
    print(f"{'Without a cache':24}{'median':>10}{'p95':>10}  target")
    for stage, target in TARGETS.items():
        seconds = [of_stage(build, stage) for build in builds]
        print(f"{stage:24}{statistics.median(seconds):>8.1f} s{percentile(seconds, 0.95):>8.1f} s  {target}")
    whole = [build.seconds for build in builds]
    print(f"{'the whole build':24}{statistics.median(whole):>8.1f} s{percentile(whole, 0.95):>8.1f} s")
    if compiled is not None:
        base = statistics.median(of_stage(build, "base-runtime") for build in builds)
        print(f"{compiled}\nbase-runtime with these added, as with the official image: {base + compiled.seconds:.0f} s")


def of_stage(build: Built, stage: str) -> float:
    return sum(step.seconds for step in build.of(stage))


if __name__ == "__main__":
    main(*asked_for(sys.argv[1:], __doc__, 3))
