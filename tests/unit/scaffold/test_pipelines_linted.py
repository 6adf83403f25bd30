"""The pipelines as actionlint, ShellCheck, zizmor and the published schemas judge them: no finding, none ignored."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import yaml
from pipeline_steps import PipelineLoader
from scaffold_examples import FULL

from devkit.project.services import DATABASES, SERVICES, Kind
from devkit.project.settings import NodeSettings, SecretsSettings, Settings
from devkit.scaffold.pipelines import DEPENDABOT, GITLAB, render_github, render_gitlab

pytestmark = pytest.mark.unit

PROGRAMS = Path(sys.executable).parent
WORKFLOWS = ".github/workflows/*.yml"


def combinations() -> Iterator[Settings]:
    """Each database with each cache and source of secrets, and a random choice of the rest: the same in every run.

    They have one name, so that most of their scripts are the same ones.
    """
    chosen = random.Random(8)
    others = [service.name for service in SERVICES.values() if service.kind in (Kind.EXTRA, Kind.PROCESS)]
    yield FULL
    yield Settings("shop")
    for database, cache, source in product(DATABASES, (None, "redis", "valkey"), ("local", "doppler")):
        yield Settings(
            "shop",
            database,
            (*((cache,) if cache else ()), *chosen.sample(others, chosen.randint(0, len(others)))),
            node=NodeSettings(package_manager=chosen.choice(["npm", "pnpm", "yarn", "bun"])),
            secrets=SecretsSettings(source, runtime=bool(chosen.randint(0, 1))),
        )


@pytest.fixture(scope="module")
def projects(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """A directory for each combination; a text that another one has too is left out there."""
    every = tmp_path_factory.mktemp("pipelines")
    seen = set()
    for number, settings in enumerate(combinations()):
        for path, file in {**render_github(settings), **render_gitlab(settings)}.items():
            if file.text not in seen:
                seen.add(file.text)
                target = every / str(number) / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(file.text)
    return sorted(every.iterdir())


def judged(program: str, *arguments: str | Path) -> tuple[int, str]:
    command = [str(PROGRAMS / program), *map(str, arguments)]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    return done.returncode, done.stdout


def found(projects: list[Path], pattern: str) -> list[Path]:
    return [path for project in projects for path in sorted(project.glob(pattern))]


def test_actionlint_finds_nothing(projects: list[Path], tmp_path: Path) -> None:
    workflows = found(projects, WORKFLOWS)
    assert judged("actionlint", "-no-color", "-shellcheck=", *workflows) == (0, "")
    broken = tmp_path / "broken.yml"
    broken.write_text(workflows[0].read_text().replace("runs-on: ubuntu-24.04", "runs-on: ubuntu-16.04"))
    status, said = judged("actionlint", "-no-color", "-shellcheck=", broken)
    assert status == 1 and "ubuntu-16.04" in said


def test_zizmor_finds_nothing_as_a_pedant(projects: list[Path], tmp_path: Path) -> None:
    options = ("--offline", "--no-config", "--persona", "pedantic", "--no-progress", "--quiet")
    status, said = judged("zizmor", *options, *projects)
    assert status == 0, said
    workflows = found(projects, WORKFLOWS)
    assert not any("zizmor:" in path.read_text() for path in workflows)
    broken = tmp_path / ".github" / "workflows" / "broken.yml"
    broken.parent.mkdir(parents=True)
    broken.write_text(workflows[0].read_text().replace("persist-credentials: false", "fetch-depth: 1"))
    status, said = judged("zizmor", *options, tmp_path)
    assert status != 0 and "artipacked" in said


@pytest.mark.parametrize(
    ("schema", "pattern", "options"),
    [
        ("github-workflows", WORKFLOWS, ()),
        ("dependabot", DEPENDABOT, ()),
        ("gitlab-ci", GITLAB, ("--data-transform", "gitlab-ci")),
    ],
)
def test_they_are_what_the_schemas_say(
    projects: list[Path], schema: str, pattern: str, options: tuple[str, ...]
) -> None:
    files = found(projects, pattern)
    assert len(files) >= 3
    status, said = judged("check-jsonschema", "--builtin-schema", f"vendor.{schema}", *options, *files)
    assert status == 0, said


def test_shellcheck_finds_nothing_in_any_script(projects: list[Path], tmp_path: Path) -> None:
    scripts = {("bash", script) for path in found(projects, WORKFLOWS) for script in _run(path)}
    scripts |= {("busybox", script) for path in found(projects, GITLAB) for script in _script(path)}
    for shell in ("bash", "busybox"):
        files = []
        for number, script in enumerate(sorted(text for name, text in scripts if name == shell)):
            files.append(tmp_path / f"{shell}-{number}.sh")
            files[-1].write_text(f"set -e\n{script}\n")
        assert len(files) > 5
        assert judged("shellcheck", f"--shell={shell}", *files) == (0, "")
    broken = tmp_path / "broken.sh"
    broken.write_text("docker rm $server\n")
    status, said = judged("shellcheck", "--shell=bash", broken)
    assert status == 1 and "SC2086" in said


def _run(workflow: Path) -> list[str]:
    parsed: Any = yaml.load(workflow.read_text(), PipelineLoader)
    return [step["run"] for job in parsed["jobs"].values() for step in job["steps"] if "run" in step]


def _script(pipeline: Path) -> list[str]:
    """A job's lines together: they share a shell."""
    parsed: Any = yaml.load(pipeline.read_text(), PipelineLoader)
    jobs = [job for job in parsed.values() if isinstance(job, dict)]
    lists = [job[key] for job in jobs for key in ("before_script", "script", "after_script") if key in job]
    return ["\n".join(line for line in lines if isinstance(line, str)) for lines in lists]
