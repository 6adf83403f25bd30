"""Stand-ins: the docker builds that make them, with what each one takes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from devkit.engine.buildkit import BuildOutput, local_builder
from devkit.engine.docker import Docker
from devkit.engine.images.catalogue import DEBIAN, INPUTS_LABEL, BaseImage
from devkit.engine.images.inputs import images_directory, stand_in_inputs
from devkit.engine.images.jobs import Job
from devkit.engine.images.progress import Progress
from devkit.engine.machine_trust import Secret, go_proxy, npm_registry, proxy_environment
from devkit.project.errors import CommandError

OnProgress = Callable[[Progress], None]

_HEAVY = ("frankenphp", "node", "mysql")
"""Longest first: what takes minutes starts at once, and the short ones run beside it."""


@dataclass(frozen=True)
class Inputs:
    """What builds take from this machine; `watcher` is the directory with FrankenPHP's file watcher."""

    secrets: Sequence[Secret]
    composer_repository: str = "local"
    watcher: Path | None = None


def in_building_order(bases: Sequence[BaseImage]) -> list[BaseImage]:
    """The same images, the longest builds first."""
    return sorted(bases, key=lambda base: _HEAVY.index(base.key) if base.key in _HEAVY else len(_HEAVY))


def build_job(docker: Docker, base: BaseImage, inputs: Inputs, on_progress: OnProgress) -> Job:
    """The job that builds one stand-in under the official image's reference."""
    output = BuildOutput(lambda step: on_progress(Progress(base.reference, "step", step)))
    hint = "run the same command again: what was built is kept, and it goes on from there"
    return Job(
        base.reference,
        (str(docker.binary), *_arguments(docker, base, inputs)),
        output.feed,
        lambda status: output.failure(f"the stand-in for {base.reference} could not be built", hint, status),
        on_start=lambda: on_progress(Progress(base.reference, "started", "building a stand-in")),
        on_done=lambda seconds: on_progress(Progress(base.reference, "done", "built", seconds)),
        environment=docker.environment() | {"DOCKER_BUILDKIT": "1", "BUILDX_NO_DEFAULT_ATTESTATIONS": "1"},
    )


def pull_job(docker: Docker, base: BaseImage, on_progress: OnProgress) -> Job:
    """The job that pulls one official image."""
    lines: list[str] = []

    def failure(status: int) -> CommandError:
        why = next((line for line in reversed(lines) if line.strip()), f"status {status}")
        login = any(word in why for word in ("toomanyrequests", "denied", "unauthorized", "authentication"))
        return CommandError(
            f"{base.reference} could not be pulled: {why.removeprefix('Error response from daemon: ')}",
            "log in first: docker login" if login else "try again, or build stand-ins: --images local",
            returncode=status,
            output="\n".join(lines[-15:]),
        )

    return Job(
        base.reference,
        (str(docker.binary), "pull", "--quiet", base.reference),
        lines.append,
        failure,
        on_start=lambda: on_progress(Progress(base.reference, "started", "pulling")),
        on_done=lambda seconds: on_progress(Progress(base.reference, "done", "pulled", seconds)),
        environment=docker.environment(),
    )


def _arguments(docker: Docker, base: BaseImage, inputs: Inputs) -> list[str]:
    assert base.stand_in is not None
    build_args = {"BASE": DEBIAN}
    if base.key == "frankenphp":
        build_args |= {
            "PHP_BRANCH": base.stand_in_for,
            "COMPOSER_REPOSITORY": inputs.composer_repository,
            **go_proxy(),
        }
    registry = npm_registry()
    if base.key == "node" and registry:
        build_args["NPM_CONFIG_REGISTRY"] = registry
    arguments = ["buildx", "build", "--builder", local_builder(docker), "--load", "--progress", "rawjson"]
    for name, value in build_args.items():
        arguments += ["--build-arg", f"{name}={value}"]
    # Predefined arguments: without a value they come from docker's environment, and are in no layer or history.
    for name in proxy_environment():
        arguments += ["--build-arg", name]
    for secret in inputs.secrets:
        arguments += ["--secret", secret.option]
    contexts = {name: images_directory() / name for name in base.contexts}
    if base.key == "frankenphp" and inputs.watcher is not None:
        contexts["watcher"] = inputs.watcher
    for name, directory in contexts.items():
        arguments += ["--build-context", f"{name}={directory}"]
    arguments += ["--label", f"{INPUTS_LABEL}={stand_in_inputs(base)}"]
    return [*arguments, "--tag", base.reference, str(images_directory() / base.stand_in)]
