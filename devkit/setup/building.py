"""A stage of the project's Dockerfile built with BuildKit, and what its steps cost."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from devkit.engine.buildkit import BuildOutput, BuildStep, local_builder
from devkit.engine.images.provide import ProvidedImage, provide
from devkit.engine.machine_trust import Secret, proxy_environment, trust_for
from devkit.project.errors import UsageError
from devkit.project.paths import machine_paths, owner_of
from devkit.setup.stack import Project

STAGES = ("base-runtime", "dependencies", "frontend-build", "app", "development")
"""The stages of the scaffold's Dockerfile."""


@dataclass(frozen=True)
class BuildReport:
    """A finished build; `hits` of `total` Dockerfile steps came from the cache."""

    stage: str
    image: str
    seconds: float
    steps: tuple[BuildStep, ...]

    @property
    def hits(self) -> int:
        """How many steps came from the cache."""
        return sum(step.cached for step in self.steps)

    def to_json(self) -> dict[str, Any]:
        """The object of `devkit build --json`."""
        steps = [dict(vars(step)) for step in self.steps]
        return {
            "stage": self.stage,
            "image": self.image,
            "seconds": self.seconds,
            "steps": steps,
            "hits": self.hits,
            "total": len(self.steps),
        }


def build(project: Project, stage: str | None, on_line: Callable[[str], None]) -> BuildReport:
    """Build a stage (the development image by default) as NAME-app:STAGE; CommandError where it fails.

    What the machine trusts reaches the build as secrets, never as a layer.
    """
    stage = stage or "development"
    if stage not in STAGES:
        raise UsageError(f"the Dockerfile has no stage {stage!r}", f"it has: {', '.join(STAGES)}")
    project.docker.ping()
    began = time.monotonic()
    keys = ["frankenphp"] if stage in ("base-runtime", "dependencies", "development") else ["frankenphp", "node"]
    php, node, paths = project.settings.php, project.settings.node, machine_paths()
    bases = provide(
        project.docker,
        keys,
        mode="auto",
        php_version=php.version,
        node_version=node.version,
        paths=paths,
        on_progress=lambda progress: on_line(str(progress)),
    )
    uid, gid = owner_of(project.paths.root)
    arguments = {"USER_ID": str(uid), "GROUP_ID": str(gid)} if stage == "development" else {}
    names = {"frankenphp": "FRANKENPHP_IMAGE", "node": "NODE_IMAGE"}
    arguments |= {names[base.key]: base.pinned for base in bases}
    image = f"{project.settings.name}-app:{stage}"
    command = ["buildx", "build", "--progress=rawjson", "--target", stage, "--tag", image, "--load"]
    if any(base.origin == "local" for base in bases):
        command += ["--builder", local_builder(project.docker)]
    for name, value in arguments.items():
        command += ["--build-arg", f"{name}={value}"]
    # Predefined arguments: without a value they come from docker's environment, and are in no layer or history.
    for name in proxy_environment():
        command += ["--build-arg", name]
    trust = trust_for(project.paths.root, paths, suites=debian_suite(bases))
    for name, path in trust.secrets.items():
        command += ["--secret", Secret(name, path).option]
    if trust.ssh_agent:
        command += ["--ssh", "default"]
    output = BuildOutput(on_line)
    status = project.docker.stream(*command, ".", on_line=output.feed, cwd=project.paths.root)
    if status != 0:
        hint = "mend that step of the Dockerfile, or what it calls; --debug shows its last lines"
        raise output.failure(f"the stage {stage} could not be built", hint, status)
    return BuildReport(stage, image, round(time.monotonic() - began, 2), tuple(output.steps()))


def debian_suite(bases: Sequence[ProvidedImage]) -> str:
    """The Debian release inside the application's base image: the stand-in is built from a newer one."""
    return "forky" if any(base.key == "frankenphp" and base.origin == "local" for base in bases) else "trixie"
