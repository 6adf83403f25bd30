"""A stage of the project's Dockerfile built with BuildKit, and what its steps cost."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from devkit.engine.belongings import image_repository, project_label
from devkit.engine.buildkit import BuildOutput, BuildStep, local_builder
from devkit.engine.compose_build import ServiceBuild, read_build
from devkit.engine.images.provide import ProvidedImage, provide
from devkit.engine.machine_trust import Secret, proxy_environment, trust_for
from devkit.project.env_file import resolve_env
from devkit.project.errors import UsageError
from devkit.project.paths import machine_paths, owner_of
from devkit.project.services import APP
from devkit.setup.masked import secrets_masked
from devkit.setup.project import Project

_STAGE = re.compile(r"^\s*FROM\s.*\sAS\s+(\S+)\s*$", re.IGNORECASE | re.MULTILINE)
_VITE = re.compile(r"^\s*ARG\s+(VITE_\w+)", re.IGNORECASE | re.MULTILINE)

_WITHOUT_NODE = ("base-runtime", "dependencies", "development")
_FOR_ALL_MACHINES = ("base-runtime", "dependencies", "frontend-build", "app")
"""Stages of the scaffold's Dockerfile whose files are root's; others may belong to the project's owner here."""


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
    """Build a stage as NAME-app:STAGE, by default the one that compose.yaml names; CommandError where it fails.

    What compose.yaml says of the build counts. compose.override.yaml is not asked: what it says for this machine is
    found out anew. What the machine trusts reaches the build as secrets, never as a layer, and values of build
    arguments through the environment: argv is for everybody to read. No error holds a secret of .env.
    """
    with secrets_masked(project.paths):
        return _build(project, stage, on_line)


def _build(project: Project, stage: str | None, on_line: Callable[[str], None]) -> BuildReport:
    project.docker.ping()
    written = read_build(project.compose, APP)
    target = stage or written.target or "development"
    dockerfile = _dockerfile(written)
    stages = _STAGE.findall(dockerfile)
    if target not in stages:
        raise UsageError(f"the Dockerfile has no stage {target!r}", f"it has: {', '.join(stages)}")
    began = time.monotonic()
    bases = _bases(project, target, on_line)
    names = {"frankenphp": "FRANKENPHP_IMAGE", "node": "NODE_IMAGE"}
    uid, gid = owner_of(project.paths.root)
    arguments = {
        **{names[base.key]: base.pinned for base in bases},
        **({} if target == "development" else _vite_values(project, dockerfile)),
        **written.arguments,
        **({"USER_ID": str(uid), "GROUP_ID": str(gid)} if target not in _FOR_ALL_MACHINES else {}),
    }
    image = f"{image_repository(project.settings.name)}:{stage}" if stage else project.image
    command = ["buildx", "build", "--progress=rawjson", "--load", "--target", target]
    command += ["--file", str(written.dockerfile), *written.options]
    for tag in dict.fromkeys([image, *([written.image] if stage is None and written.image else [])]):
        command += ["--tag", tag]
    if stage is None:  # as Compose's own builds have it: what a newer build leaves behind is found by it
        command += ["--label", project_label(project.settings.name)]
    if any(base.origin == "local" for base in bases):
        command += ["--builder", local_builder(project.docker)]
    # Proxies are predefined arguments: in no layer and in no history.
    for name in dict.fromkeys([*arguments, *proxy_environment()]):
        command += ["--build-arg", name]
    trust = trust_for(project.paths.root, machine_paths(), suites=debian_suite(bases))
    for name, path in trust.secrets.items():
        if name not in written.secrets:
            command += ["--secret", Secret(name, path).option]
    if trust.ssh_agent and "--ssh" not in written.options:
        command += ["--ssh", "default"]
    output = BuildOutput(on_line)
    status = project.docker.stream(
        *command, written.context, on_line=output.feed, cwd=project.paths.root, env=arguments
    )
    if status != 0:
        hint = "mend that step of the Dockerfile, or what it calls"
        raise output.failure(f"the stage {target} could not be built", hint, status)
    return BuildReport(target, image, round(time.monotonic() - began, 2), tuple(output.steps()))


def _bases(project: Project, stage: str, on_line: Callable[[str], None]) -> list[ProvidedImage]:
    return provide(
        project.docker,
        ["frankenphp"] if stage in _WITHOUT_NODE else ["frankenphp", "node"],
        mode="auto",
        php_version=project.settings.php.version,
        node_version=project.settings.node.version,
        paths=machine_paths(),
        on_progress=lambda progress: on_line(str(progress)),
    )


def _dockerfile(written: ServiceBuild) -> str:
    """The text of the Dockerfile; UsageError where it is missing."""
    try:
        return written.dockerfile.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise UsageError(
            f"{written.dockerfile} cannot be read: {error.strerror}", "see `build:` in compose.yaml"
        ) from error


def _vite_values(project: Project, dockerfile: str) -> dict[str, str]:
    """Values of .env for the VITE_* that the Dockerfile takes: they are for browsers, and baked into the assets."""
    names = _VITE.findall(dockerfile)
    # Laravel's own .env takes some of them from other names: VITE_APP_NAME="${APP_NAME}".
    values = resolve_env(project.paths.env) if names else {}
    return {name: values[name] for name in names if name in values}


def debian_suite(bases: Sequence[ProvidedImage]) -> str:
    """The Debian release inside the application's base image: the stand-in is built from a newer one."""
    return "forky" if any(base.key == "frankenphp" and base.origin == "local" for base in bases) else "trixie"
