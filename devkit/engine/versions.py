"""Which engine, Compose and buildx there are, and whether they are new enough.

Engine 25 and Compose 2.24 know `start_interval`, buildx 0.13 prints rawjson. Distributions add their own
suffixes: `26.1.5+dfsg1`, `2.26.1-4`, `0.13.1+ds1`.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from devkit.engine import http_socket
from devkit.engine.docker import Docker
from devkit.project.errors import EngineError

OLDEST = {"engine": (25, 0), "compose": (2, 24), "buildx": (0, 13)}
PLUGIN_DIRECTORIES = (
    Path("/usr/local/lib/docker/cli-plugins"),
    Path("/usr/local/libexec/docker/cli-plugins"),
    Path("/usr/lib/docker/cli-plugins"),
    Path("/usr/libexec/docker/cli-plugins"),
)
"""Where the docker client looks for plugins on Unix (docker/cli, cli-plugins/manager/manager_unix.go), in its order,
after `config_directory()`/cli-plugins."""

_OLDEST_PODMAN = (4, 0)
_SECONDS = 15.0
_NAMES = {"engine": "Docker Engine", "compose": "Docker Compose", "buildx": "buildx"}


@dataclass(frozen=True)
class Versions:
    """Versions as the programs say them; None where a plugin is not installed."""

    engine: str
    compose: str | None
    buildx: str | None
    compose_v1: str | None = None
    """The version of `docker-compose` 1.x, where that is all there is."""
    podman: bool = False


@dataclass(frozen=True)
class VersionProblem:
    """One program that is missing or too old: what and why, and what to do."""

    program: str
    message: str
    hint: str


def parse_version(text: str) -> tuple[int, ...]:
    """The numbers of a version: `v2.26.1-4` is (2, 26, 1); () where there is none."""
    found = re.search(r"\d+(?:\.\d+)*", text)
    return tuple(int(part) for part in found[0].split(".")) if found else ()


def read_versions(docker: Docker) -> Versions:
    """Ask the engine and the client's plugins; EngineError where the engine does not answer."""
    engine, podman = read_engine_version(docker)
    compose = _plugin(docker, "compose", "version", "--short")
    return Versions(
        engine=engine,
        compose=compose,
        buildx=_plugin(docker, "buildx", "version"),
        compose_v1=None if compose else _compose_v1(docker),
        podman=podman,
    )


def read_engine_version(docker: Docker) -> tuple[str, bool]:
    """The engine's version, and whether it is Podman; EngineError where it does not answer."""
    docker.ping()
    path = docker.endpoint.socket_path
    answer = (
        docker.json("version", "--format", "{{json .Server}}")
        if path is None
        else http_socket.get_json(path, "/version")
    )
    names = [str(part.get("Name", "")) for part in answer.get("Components") or ()]
    return str(answer.get("Version", "")), any("podman" in name.lower() for name in names)


def _plugin(docker: Docker, *command: str) -> str | None:
    """A plugin's version. A client without the plugin fails, or (`docker buildx`) prints its own help."""
    done = docker.run(*command, check=False, timeout=_SECONDS)
    if done.returncode != 0:
        return None
    return plugin_version(done.stdout.decode(errors="replace"))


def plugin_version(output: str) -> str | None:
    """The version in `github.com/docker/buildx 0.13.1+ds1 0.13.1+ds1-3` or `2.26.1-4`."""
    words = output.split()
    return next((word for word in words if re.match(r"v?\d+\.\d+", word)), None)


def _compose_v1(docker: Docker) -> str | None:
    """The version of a `docker-compose` command that is Compose 1 (a standalone 2.x is no plugin either)."""
    environment = docker.environment()
    program = shutil.which("docker-compose", path=environment["PATH"])
    if program is None:
        return None
    try:
        done = subprocess.run(
            [program, "version", "--short"],
            capture_output=True,
            timeout=_SECONDS,
            check=False,
            env=environment,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return plugin_version(done.stdout.decode(errors="replace"))


def version_problems(versions: Versions) -> list[VersionProblem]:
    """What is missing or too old, each with the oldest that is accepted."""
    update = "update it, or let devkit init --install-docker do it (Debian, Ubuntu)"
    problems = []
    if versions.podman:
        if parse_version(versions.engine) < _OLDEST_PODMAN:
            text = f"Podman {versions.engine} is too old: 4.0 is the oldest"
            problems.append(VersionProblem("engine", text, "update Podman"))
    else:
        problems += _too_old("engine", versions.engine, update)
    if versions.compose is not None:
        problems += _too_old("compose", versions.compose, update)
    elif versions.compose_v1 is not None:
        problems.append(
            VersionProblem(
                "compose",
                f"there is only docker-compose {versions.compose_v1}, not the plugin `docker compose`;"
                f" {_oldest('compose')} is the oldest that devkit takes",
                "install the package docker-compose-plugin (docker-compose-v2 on Ubuntu)"
                " or: devkit init --install-docker",
            )
        )
    else:
        problems.append(_missing("compose", "docker-compose-plugin", "docker-compose-v2"))
    if versions.buildx is None:
        problems.append(_missing("buildx", "docker-buildx-plugin", "docker-buildx"))
    else:
        problems += _too_old("buildx", versions.buildx, update)
    return problems


def check_versions(versions: Versions) -> None:
    """EngineError that names everything that is missing or too old."""
    if problems := version_problems(versions):
        hints = dict.fromkeys(problem.hint for problem in problems)
        raise EngineError("; ".join(problem.message for problem in problems), "; ".join(hints))


def _oldest(program: str) -> str:
    return ".".join(map(str, OLDEST[program])).removesuffix(".0")


def _too_old(program: str, version: str, hint: str) -> list[VersionProblem]:
    if parse_version(version) >= OLDEST[program]:
        return []
    text = f"{_NAMES[program]} {version} is too old: {_oldest(program)} is the oldest that devkit takes"
    return [VersionProblem(program, text, hint)]


def _missing(program: str, package: str, other: str) -> VersionProblem:
    return VersionProblem(
        program,
        f"the docker command has no {program} plugin; {_oldest(program)} is the oldest that devkit takes",
        f"install the package {package} ({other} from Debian or Ubuntu), or: devkit init --install-docker",
    )
