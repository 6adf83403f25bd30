"""A new application that the benchmarks of builds edit, and its builds: devkit's four stages, or one traditional stage.

Its builds are recorded in a history of their own, which goes with the project.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from measure import REPOSITORY, devkit

sys.path.insert(0, str(REPOSITORY))

from devkit.engine.build_events import StepEvent, StepOutput
from devkit.engine.buildkit import BuildOutput, local_builder
from devkit.engine.docker import find_docker
from devkit.engine.dockerfile import parse_dockerfile
from devkit.engine.images.catalogue import STAND_IN_LABEL, base_image
from devkit.engine.machine_trust import STABLE, SUITE, Secret, proxy_environment, trust_for
from devkit.project.paths import machine_paths
from devkit.project.settings_file import read_settings
from devkit.scaffold.render import php_extensions

TRADITIONAL = REPOSITORY / "benchmarks" / "traditional"
SERVICES = "mysql,redis"
FRANKENPHP = base_image("frankenphp").reference
NODE = base_image("node").reference


@dataclass(frozen=True)
class Step:
    """One step of a build; `seconds` is 0 where the cache had it."""

    stage: str
    name: str
    cached: bool
    seconds: float

    def __str__(self) -> str:
        words = " ".join(word for word in self.name.split() if not word.startswith("--mount"))
        return f"{'one stage' if self.stage == 'stage-0' else self.stage}: {words[:70]}"


@dataclass(frozen=True)
class Built:
    """One build by the wall clock, from the command's start to its end."""

    seconds: float
    steps: tuple[Step, ...]

    def of(self, stage: str) -> list[Step]:
        return [step for step in self.steps if step.stage == stage]

    @property
    def rebuilt(self) -> list[Step]:
        return [step for step in self.steps if not step.cached]


@dataclass(frozen=True)
class BuiltProject:
    """The project, and how to change and build it."""

    directory: Path

    @property
    def name(self) -> str:
        return self.directory.name

    def change(self, number: int) -> str:
        """Words for an edit that the builder has never seen: a former run's files would be in its cache."""
        return f"change {number} of {self.name}"

    def four_stages(self, *flags: str) -> Built:
        """`devkit build app`, as a person runs it."""
        began = time.perf_counter()
        body = json.loads(devkit("build", "app", "--json", *flags, directory=self.directory).stdout)
        seconds = time.perf_counter() - began
        steps = (Step(step["stage"], step["name"], step["cached"], step["seconds"]) for step in body["steps"])
        return Built(seconds, tuple(steps))

    def one_stage(self) -> Built:
        """The same sources by the traditional Dockerfile, with the same secrets."""
        arguments = {"FRANKENPHP_IMAGE": FRANKENPHP, "EXTENSIONS": " ".join(self.extensions)}
        dockerfile, tag = TRADITIONAL / "Dockerfile", f"{self.name}-app:traditional"
        return docker_build(dockerfile, self.directory, arguments, machine_secrets(self), "--load", "--tag", tag)

    @property
    def extensions(self) -> tuple[str, ...]:
        return php_extensions(read_settings(self.directory / "devkit.toml"))

    def cache(self) -> Any:
        """What devkit's history makes of the builds."""
        return json.loads(devkit("cache", "--json", directory=self.directory).stdout)


def docker_build(
    dockerfile: Path,
    context: Path,
    arguments: Mapping[str, str],
    secrets: Sequence[Secret],
    *options: str,
    on_line: Callable[[str], None] = lambda _: None,
) -> Built:
    """A build that is none of devkit's; what it said is shown where it fails."""
    docker = find_docker()
    command = [str(docker.binary), "buildx", "build", "--builder", local_builder(docker), "--progress=rawjson"]
    command += ["--file", str(dockerfile), *options]
    command += [f"--build-arg={name}={value}" for name, value in arguments.items()]
    command += [f"--build-arg={name}" for name in proxy_environment()]
    command += [word for secret in secrets for word in ("--secret", secret.option)]

    def tell(event: StepEvent) -> None:
        if isinstance(event, StepOutput):
            on_line(event.text)

    output = BuildOutput(tell, parse_dockerfile(dockerfile.read_text(encoding="utf-8")))
    environment = {**os.environ, "BUILDX_NO_DEFAULT_ATTESTATIONS": "1"}
    began = time.perf_counter()
    with subprocess.Popen(
        [*command, str(context)], env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            output.feed(line.rstrip("\n"))
    seconds = time.perf_counter() - began
    if process.returncode != 0:
        sys.exit(f"{dockerfile} could not be built: {output.reason()}\n{output.why()}")
    steps = (Step(step.stage, step.name, step.cached, step.seconds) for step in output.steps())
    return Built(seconds, tuple(steps))


def lock_packages(project: BuiltProject) -> None:
    """Write package-lock.json, as the first `npm install` in the project does."""
    options = ("--output", f"type=local,dest={project.directory}")
    dockerfile, secrets = TRADITIONAL / "lock.Dockerfile", machine_secrets(project)
    docker_build(dockerfile, project.directory, {"NODE_IMAGE": NODE}, secrets, *options)
    lock = project.directory / "package-lock.json"
    body = json.loads(lock.read_text(encoding="utf-8"))
    there = {path.rpartition("node_modules/")[2] for path in body["packages"]}
    for package in body["packages"].values():
        # An optional package that a mirror does not have is not in the lock file, and `npm ci` would miss it.
        for name in set(package.get("optionalDependencies", {})) - there:
            del package["optionalDependencies"][name]
    lock.write_text(json.dumps(body, indent=4) + "\n", encoding="utf-8")


def machine_secrets(project: BuiltProject) -> list[Secret]:
    """What this machine's builds are given, as `devkit build` gives it."""
    trust = trust_for(project.directory, machine_paths(), suites=SUITE if is_stand_in() else STABLE)
    return [Secret(name, path) for name, path in trust.secrets.items()]


def is_stand_in() -> bool:
    """Whether the base image is devkit's own: its extensions are built in, where the official image compiles them."""
    inspect = ["docker", "image", "inspect", "--format", "{{json .Config.Labels}}", FRANKENPHP]
    said = subprocess.run(inspect, capture_output=True, text=True, check=False).stdout
    return STAND_IN_LABEL in said


@contextmanager
def built_project(name: str, services: str = SERVICES) -> Iterator[BuiltProject]:
    """A new application, not started; nothing of it stays."""
    with tempfile.TemporaryDirectory(prefix="devkit-bench-") as temporary:
        os.environ["XDG_STATE_HOME"] = str(Path(temporary) / "state")  # this process's, and its children's
        directory = Path(temporary) / name
        try:
            devkit("init", str(directory), "--yes", "--with", services, "--no-start", directory=Path(temporary))
            project = BuiltProject(directory)
            lock_packages(project)
            yield project
        finally:
            if (directory / "devkit.toml").exists():
                devkit("down", "--volumes", "--yes", directory=directory)
            images = [f"{name}-app:{tag}" for tag in ("app", "traditional", "development")]
            subprocess.run(["docker", "image", "rm", *images], capture_output=True, check=False)
            shutil.rmtree(directory, ignore_errors=True)


def edit_php(project: BuiltProject, number: int) -> None:
    """One line of a class."""
    _append(project, "app/Models/User.php", f"// {project.change(number)}\n")


def edit_view(project: BuiltProject, number: int) -> None:
    """One line of a page."""
    _append(project, "resources/views/welcome.blade.php", f"<!-- {project.change(number)} -->\n")


def edit_composer_lock(project: BuiltProject, number: int) -> None:
    """Faker, which is there for the tests, becomes one of the application's own packages, or is that no more."""
    manifest, lock = (project.directory / name for name in ("composer.json", "composer.lock"))
    wanted, locked = json.loads(manifest.read_text()), json.loads(lock.read_text())
    sections = [("require-dev", "packages-dev"), ("require", "packages")]
    (source, source_lock), (target, target_lock) = sections if number % 2 else sections[::-1]
    name = "fakerphp/faker"
    wanted[target][name] = wanted[source].pop(name)
    package = next(one for one in locked[source_lock] if one["name"] == name)
    locked[source_lock].remove(package)
    locked[target_lock].append(package)
    locked["_readme"] = [*locked.get("_readme", [])[:3], project.change(number)]
    manifest.write_text(json.dumps(wanted, indent=4) + "\n", encoding="utf-8")
    lock.write_text(json.dumps(locked, indent=4) + "\n", encoding="utf-8")


def edit_package_lock(project: BuiltProject, number: int) -> None:
    """The version that the application itself has in its package files."""
    version = f"0.0.{number}-{project.name}"
    for name in ("package.json", "package-lock.json"):
        path = project.directory / name
        body = json.loads(path.read_text())
        body["version"] = version
        if "packages" in body:
            body["packages"][""]["version"] = version
        path.write_text(json.dumps(body, indent=4) + "\n", encoding="utf-8")


def _append(project: BuiltProject, path: str, text: str) -> None:
    with (project.directory / path).open("a", encoding="utf-8") as file:
        file.write(text)
