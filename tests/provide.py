"""What the tests need of a machine, provided with devkit's own code: `provide.py engine`, `images` and `kubernetes`."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from devkit.engine.build_events import StepEnded, StepEvent, StepStarted, step_line
from devkit.engine.buildkit import BuildOutput
from devkit.engine.docker import Docker, find_docker
from devkit.engine.images.provide import provide
from devkit.engine.install import install_engine, start_daemon
from devkit.engine.install.programs import find_programs
from devkit.project.errors import DevkitError, EngineError
from devkit.project.paths import machine_paths

IMAGES = ("frankenphp", "node", "mysql", "mariadb", "postgres", "redis", "valkey", "mailpit")


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def running_engine() -> Docker | None:
    """The engine as the docker command finds it, if one answers and the programs are new enough."""
    try:
        docker = find_docker()
        docker.ping()
    except EngineError:
        return None
    return docker if find_programs(machine_paths().engine).suffice else None


def provide_engine() -> Docker:
    """An engine that answers: the one that is there, else one that devkit installs and starts."""
    docker = running_engine()
    if docker is None:
        paths = machine_paths()
        install_engine(paths, say)
        start_daemon(paths, say)
        docker = find_docker()
        docker.ping()
    return docker


def provide_images(docker: Docker) -> None:
    """The base images that the tests use; no work where they are there."""
    provided = provide(
        docker,
        IMAGES,
        mode="auto",
        php_version="8.4",
        node_version="24",
        paths=machine_paths(),
        on_progress=lambda progress: say(str(progress)),
    )
    for image in provided:
        say(f"{image.name}: {image.origin}")


def provide_kubernetes(docker: Docker) -> None:
    """The image of a Kubernetes node, after the images; nothing where no node can run."""
    sys.path.insert(0, str(Path(__file__).with_name("kubernetes")))
    from node import provide_node_image, why_not

    def on_event(event: StepEvent) -> None:
        if isinstance(event, StepStarted | StepEnded):
            say(f"kubernetes: {step_line(event)}")

    reason = why_not(docker)
    if reason:
        say(f"kubernetes: left out: {reason}")
    else:
        provide_node_image(docker, BuildOutput(on_event))


def main(what: str) -> int:
    started = time.monotonic()
    try:
        docker = provide_engine()
        if what in ("images", "kubernetes"):
            provide_images(docker)
        if what == "kubernetes":
            provide_kubernetes(docker)
    except DevkitError as error:
        say(f"{what}: {error.message}\n  What to do: {error.hint}")
        return 1
    say(f"{what}: there after {time.monotonic() - started:.1f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
