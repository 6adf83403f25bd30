"""Checks of the machine, which need no project: engine, versions, disk."""

from __future__ import annotations

import shutil
from pathlib import Path

from devkit.doctor.check import NO_ENGINE, OK, Check, Examined, Question, Verdict
from devkit.engine.docker import Docker, find_docker
from devkit.engine.info import engine_info
from devkit.engine.port_holders import port_holder
from devkit.engine.versions import Versions, read_versions, version_problems
from devkit.project.errors import EngineError
from devkit.project.ports import is_free
from devkit.project.settings import DEFAULT_PORT

DISK_PROBLEM_GIB = 5
DISK_WARNING_GIB = 10
"""Free space where the engine keeps images: the default stack takes about 3 GiB, a build as much again."""

_TITLES = {"engine": "Docker Engine", "compose": "Docker Compose", "buildx": "buildx"}


def examine_engine() -> tuple[Docker | None, Check]:
    """The engine if it answers, and the check that says so: missing, not started, not permitted."""
    try:
        docker = find_docker()
        docker.ping()
    except EngineError as error:
        return None, Check("docker", "Docker answers", "problem", error.message, error.hint)
    return docker, Check("docker", "Docker answers", "ok")


def version_checks(docker: Docker | None) -> list[Check]:
    """Engine, Compose and buildx: there, and new enough."""
    if docker is None:
        return [Check(name, title, "skipped", NO_ENGINE.why) for name, title in _TITLES.items()]
    try:
        versions = read_versions(docker)
    except EngineError as error:
        return [Check(name, title, "warning", error.message, error.hint) for name, title in _TITLES.items()]
    return checks_of_versions(versions)


def checks_of_versions(versions: Versions) -> list[Check]:
    """The three checks for what was found."""
    problems = {problem.program: problem for problem in version_problems(versions)}
    checks = []
    for name, title in _TITLES.items():
        problem = problems.get(name)
        if problem is None:
            checks.append(Check(name, title, "ok", str(getattr(versions, name) or "")))
        else:
            checks.append(Check(name, title, "problem", problem.message, problem.hint))
    return checks


def disk_space(examined: Examined) -> Verdict:
    """Space where the engine keeps its data, if that is on this machine."""
    if examined.docker is None:
        return NO_ENGINE
    is_here = examined.docker.endpoint.socket_path is not None
    named = str(engine_info(examined.docker).get("DockerRootDir") or "") if is_here else ""
    root = Path(named)
    if not named or not root.is_dir():
        return Verdict("skipped", "the engine keeps its data in a virtual machine or elsewhere")
    return verdict_on_space(shutil.disk_usage(root).free, root)


def verdict_on_space(free: int, root: Path) -> Verdict:
    """`free` in bytes."""
    gib = free / 2**30
    why = f"{gib:.1f} GiB free in {root}"
    fix = "make room, for example with: docker system prune"
    if gib < DISK_PROBLEM_GIB:
        return Verdict("problem", f"{why}; images and builds need {DISK_PROBLEM_GIB}", fix)
    return Verdict("warning", why, fix) if gib < DISK_WARNING_GIB else Verdict("ok", why)


def default_port(examined: Examined) -> Verdict:
    """Without a project: whether the port that a new one would get is free."""
    if is_free(DEFAULT_PORT):
        return OK
    holder = port_holder(examined.docker, DEFAULT_PORT) or "a program that is not seen"
    return Verdict("warning", f"{DEFAULT_PORT} is taken by {holder}", "nothing: a free one is taken; --port chooses it")


DISK = Question("disk", "Disk space", disk_space)
DEFAULT_PORT_FREE = Question("port", "Default port", default_port)
