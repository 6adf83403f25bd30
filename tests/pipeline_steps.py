"""The steps of a workflow with a `run`, run as GitHub's runner would: bash, one environment, files that hand values on.

An expression (`${{ ... }}`) of a step's `env` is given by the caller, or empty as an unset secret is. Everything else
of the runner (actions, permissions, the event) is not here.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from devkit.engine.docker import find_docker
from devkit.engine.machine_trust import Secret, trust_for
from devkit.project.paths import machine_paths


class PipelineLoader(yaml.CSafeLoader):
    """YAML with GitLab's `!reference`."""


PipelineLoader.add_constructor("!reference", lambda loader, node: loader.construct_sequence(node))

_BUDGET = re.compile(r"\(budget (\d+) s\)")

_DOCKER = """\
#!{python}
# Hands on what this machine trusts, which a builder of GitHub's has no need of.
import os, sys
words = sys.argv[1:]
if words[:2] == ["buildx", "build"]:
    words[2:2] = {options!r}
os.execv({docker!r}, [{docker!r}, *words])
"""


@dataclass(frozen=True)
class Step:
    """A step that runs a script; `budget` in seconds, where its name has one."""

    name: str
    script: str
    env: Mapping[str, str]

    @property
    def budget(self) -> int | None:
        found = _BUDGET.search(self.name)
        return int(found[1]) if found else None


def steps_of(workflow: Path, job: str) -> dict[str, Step]:
    """The steps with a script, by their name's first words: what stands before a comma or a parenthesis."""
    parsed: Any = yaml.load(workflow.read_text(encoding="utf-8"), PipelineLoader)
    steps = [step for step in parsed["jobs"][job]["steps"] if "run" in step]
    return {
        re.split(r"[,(]", step["name"])[0].strip(): Step(step["name"], step["run"], step.get("env", {}))
        for step in steps
    }


@dataclass
class Runner:
    """A job under way in `directory`: what a step puts into GITHUB_ENV holds for those after it."""

    directory: Path
    scratch: Path
    environment: dict[str, str]
    outputs: dict[str, str] = field(default_factory=dict)

    def run(self, step: Step, **given: str) -> tuple[int, str, float]:
        """Run a step: its exit status, what it said, and its seconds."""
        files = {name: self.scratch / name for name in ("GITHUB_ENV", "GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
        for path in files.values():
            path.write_text("")
        env = {name: "" if "${{" in str(value) else str(value) for name, value in step.env.items()}
        began = time.monotonic()
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step.script],
            cwd=self.directory,
            env={**self.environment, "RUNNER_TEMP": str(self.scratch), **map_text(files), **env, **given},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        seconds = time.monotonic() - began
        self.environment.update(_assignments(files["GITHUB_ENV"]))
        self.outputs.update(_assignments(files["GITHUB_OUTPUT"]))
        return done.returncode, done.stdout, seconds


@contextmanager
def runner(directory: Path, scratch: Path, **environment: str) -> Iterator[Runner]:
    """A runner with this machine's engine; what the job started on it is the caller's to take away."""
    docker = find_docker()
    options = [word for secret in machine_secrets(directory) for word in ("--secret", secret.option)]
    program = scratch / "bin" / "docker"
    program.parent.mkdir(parents=True)
    program.write_text(_DOCKER.format(python=sys.executable, options=options, docker=str(docker.binary)))
    program.chmod(0o755)
    of_engine = docker.environment()
    path = f"{program.parent}{os.pathsep}{of_engine['PATH']}"
    yield Runner(directory, scratch, {**of_engine, "PATH": path, **environment})


def machine_secrets(directory: Path) -> Sequence[Secret]:
    """What `devkit build` would give a build of this project."""
    trust = trust_for(directory, machine_paths(), suites="forky")
    return [Secret(name, path) for name, path in trust.secrets.items()]


def map_text(files: Mapping[str, Path]) -> dict[str, str]:
    return {name: str(path) for name, path in files.items()}


def _assignments(file: Path) -> dict[str, str]:
    return dict(line.split("=", 1) for line in file.read_text(encoding="utf-8").splitlines() if "=" in line)
