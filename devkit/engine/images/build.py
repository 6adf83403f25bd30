"""Stand-ins: the docker builds that make them, with what each one takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from devkit.engine.build_events import BuildStep, StepEnded, StepEvent, StepOutput, StepStarted, step_line
from devkit.engine.buildkit import BuildOutput, local_builder
from devkit.engine.docker import Docker
from devkit.engine.images.catalogue import DEBIAN, INPUTS_LABEL, BaseImage
from devkit.engine.images.inputs import images_directory, stand_in_inputs
from devkit.engine.images.jobs import Job
from devkit.engine.images.progress import OnProgress, Progress
from devkit.engine.machine_trust import Secret, go_proxy, proxy_environment

_HEAVY = ("frankenphp", "node", "mysql")
"""Longest first: what takes minutes starts at once, and the short ones run beside it."""

_FOR_PEOPLE = "devkit: "
"""So begins what the long steps of a stand-in's Dockerfile say of how far they are."""


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

    def on_event(event: StepEvent) -> None:
        match event:
            case StepOutput(text=text) if text.startswith(_FOR_PEOPLE):
                on_progress(Progress(base.reference, "step", text.removeprefix(_FOR_PEOPLE)))
            case StepStarted() | StepEnded(BuildStep(cached=True)):
                on_progress(Progress(base.reference, "step", step_line(event)))

    output = BuildOutput(on_event)
    hint = "run the same command again: what was built is kept, and it goes on from there"
    return Job(
        base.reference,
        (str(docker.binary), *_arguments(docker, base, inputs)),
        output.feed,
        lambda status: output.failure(f"the stand-in for {base.reference} could not be built", hint, status),
        on_start=lambda: on_progress(Progress(base.reference, "started", "building a stand-in")),
        on_done=lambda seconds: on_progress(Progress(base.reference, "done", "built", seconds)),
        environment=docker.environment() | go_proxy() | {"BUILDX_NO_DEFAULT_ATTESTATIONS": "1"},
    )


def _arguments(docker: Docker, base: BaseImage, inputs: Inputs) -> list[str]:
    assert base.stand_in is not None
    build_args = [f"BASE={DEBIAN}"]
    if base.key == "frankenphp":
        build_args += [f"PHP_BRANCH={base.stand_in_for}", f"COMPOSER_REPOSITORY={inputs.composer_repository}"]
        build_args += go_proxy()
    # Without a value they come from docker's environment: an address may hold a password, and argv is for all to read.
    build_args += proxy_environment()
    arguments = ["buildx", "build", "--builder", local_builder(docker), "--load", "--progress", "rawjson"]
    for argument in build_args:
        arguments += ["--build-arg", argument]
    for secret in inputs.secrets:
        arguments += ["--secret", secret.option]
    contexts = {name: images_directory() / name for name in base.contexts}
    if base.key == "frankenphp" and inputs.watcher is not None:
        contexts["watcher"] = inputs.watcher
    for name, directory in contexts.items():
        arguments += ["--build-context", f"{name}={directory}"]
    arguments += ["--label", f"{INPUTS_LABEL}={stand_in_inputs(base)}"]
    return [*arguments, "--tag", base.reference, str(images_directory() / base.stand_in)]
