"""The pipeline's steps that can run on this machine, timed against the budget that stands in the workflow.

    python benchmarks/pipeline.py [ROUNDS]

A new application with MySQL and Redis; every round changes a line of code, as a push does, and runs the workflow's own
scripts. The engine's builder keeps its cache from round to round, where GitHub's runner restores it from the registry:
what is fetched and unpacked there (base from cache, app) costs nothing here. Not run here are the scan (Trivy has no
package), the push with attestations and caches (the engine's builder cannot), and the deployment.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from measure import REPOSITORY, devkit, percentile

sys.path.insert(0, str(REPOSITORY / "tests"))

from pipeline_steps import Runner, runner, steps_of

STEPS = ("Base from cache", "App", "Packages of the tests", "Tests")
LEFT = ("Scan", "Push", "Deploy")


def main(rounds: int) -> None:
    with tempfile.TemporaryDirectory(prefix="devkit-bench-") as temporary:
        directory, scratch = Path(temporary) / "pipeline-bench", Path(temporary) / "runner"
        scratch.mkdir()
        try:
            devkit("init", str(directory), "--yes", "--with", "mysql,redis", "--no-start", directory=Path(temporary))
            devkit("scaffold", "github", directory=directory)
            with runner(directory, scratch, GITHUB_REPOSITORY="bench/pipeline", BUILDX_BUILDER="default") as job:
                print(report(times(job, rounds)))
        finally:
            subprocess.run(["docker", "compose", "down", "--volumes"], cwd=directory, capture_output=True, check=False)
            devkit("down", "--volumes", "--yes", directory=directory)
            images = ("app:tested", f"{directory.name}-app:development")
            subprocess.run(["docker", "image", "rm", *images], capture_output=True, check=False)
            shutil.rmtree(directory, ignore_errors=True)


def times(job: Runner, rounds: int) -> dict[str, list[float]]:
    """Seconds of each step by its name in the workflow, the first round (which fills the cache) apart."""
    steps = steps_of(job.directory / ".github/workflows/delivery.yml", "image")
    found: dict[str, list[float]] = {steps[name].name: [] for name in STEPS}
    for number in range(rounds + 1):
        with (job.directory / "app" / "Models" / "User.php").open("a") as model:
            model.write(f"\n// change {number}\n")
        job.run(steps["Names"])
        job.environment["IMAGE"] = "127.0.0.1:9/bench/pipeline"  # no registry
        for name in STEPS:
            status, said, seconds = job.run(steps[name])
            if status != 0:
                sys.exit(f"{name} ended with {status}:\n{said[-3000:]}")
            if number:
                found[steps[name].name].append(seconds)
        subprocess.run(["docker", "compose", "down", "--volumes"], cwd=job.directory, capture_output=True, check=True)
    return found


def report(found: dict[str, list[float]]) -> str:
    lines = [f"{'A change of code':40}{'median':>10}{'p95':>10}  runs"]
    for name, seconds in found.items():
        lines.append(f"{name:40}{percentile(seconds, 0.5):>8.1f} s{percentile(seconds, 0.95):>8.1f} s  {len(seconds)}")
    return "\n".join([*lines, f"Not run here: {', '.join(LEFT)}"])


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
