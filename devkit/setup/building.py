"""A stage of the project's Dockerfile built with BuildKit, and what its steps cost."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from devkit.engine.docker import command_error
from devkit.engine.images.provide import ProvidedImage, provide
from devkit.engine.machine_trust import machine_files
from devkit.project.errors import UsageError
from devkit.project.paths import machine_paths, owner_of
from devkit.setup.composer import needs_ssh
from devkit.setup.stack import Project

STAGES = ("base-runtime", "dependencies", "frontend-build", "app", "development")
"""The stages of the scaffold's Dockerfile."""

_STEP = re.compile(r"\[(?:(?P<stage>\S+) )?\s*\d+/\d+\] (?P<text>.+)", re.DOTALL)


@dataclass(frozen=True)
class BuildStep:
    """One instruction of the Dockerfile: whether it came from the cache, else how long it took."""

    name: str
    stage: str
    cached: bool
    seconds: float


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
    for name, value in arguments.items():
        command += ["--build-arg", f"{name}={value}"]
    files = machine_files(paths, suites=debian_suite(bases))
    for name, path in files["secrets"].items():
        command += ["--secret", f"id={name},src={path}"]
    if files["ssh_agent"] and needs_ssh(project.paths.root):
        command += ["--ssh", "default"]
    progress = Progress(on_line)
    status = project.docker.stream(*command, ".", on_line=progress.take, cwd=project.paths.root)
    if status != 0:
        raise command_error(("build", stage), status, "\n".join(progress.tail))
    return BuildReport(stage, image, round(time.monotonic() - began, 2), tuple(progress.steps()))


def debian_suite(bases: Sequence[ProvidedImage]) -> str:
    """The Debian release inside the application's base image: the stand-in is built from a newer one."""
    return "forky" if any(base.key == "frankenphp" and base.origin == "local" for base in bases) else "trixie"


@dataclass
class Progress:
    """BuildKit's `rawjson` progress, read line by line.

    buildx 0.13 prints each object over several lines, later ones on one; an error follows as plain text.
    """

    on_line: Callable[[str], None]
    tail: list[str] = field(default_factory=list)
    _buffer: str = ""
    _vertexes: dict[str, dict[str, Any]] = field(default_factory=dict)

    def take(self, line: str) -> None:
        """One line of the child's output."""
        if not self._buffer and not line.startswith("{"):
            if line.strip():
                self.tail = [*self.tail[-30:], line]
                self.on_line(line)
            return
        self._buffer += line + "\n"
        try:
            message = json.loads(self._buffer)
        except ValueError:
            return
        self._buffer = ""
        for vertex in message.get("vertexes") or []:
            self._vertex(vertex)

    def _vertex(self, vertex: dict[str, Any]) -> None:
        known = self._vertexes.setdefault(vertex["digest"], {})
        known.update({key: value for key, value in vertex.items() if value})
        match = _STEP.match(vertex.get("name", ""))
        if vertex.get("completed") and match and not match["text"].startswith("FROM "):
            cached = " (cached)" if vertex.get("cached") else ""
            self.on_line(f"{vertex['name'].splitlines()[0][:160]}{cached}")
        if vertex.get("error"):
            self.tail.append(str(vertex["error"]))

    def steps(self) -> list[BuildStep]:
        """The Dockerfile's own steps that were completed, FROM lines left out."""
        found = []
        for vertex in self._vertexes.values():
            match = _STEP.match(vertex.get("name", ""))
            if match is None or match["stage"] == "internal" or match["text"].startswith("FROM "):
                continue
            if vertex.get("completed"):
                seconds = 0.0 if vertex.get("cached") else _seconds(vertex["started"], vertex["completed"])
                name = match["text"].splitlines()[0]
                found.append(BuildStep(name, match["stage"] or "", bool(vertex.get("cached")), seconds))
        return found


def _seconds(started: str, completed: str) -> float:
    return round((_time(completed) - _time(started)).total_seconds(), 3)


def _time(text: str) -> datetime:
    """RFC 3339 with up to nine digits of a second, of which Python takes six."""
    return datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text).replace("Z", "+00:00"))
