"""The scripted path where the container has to be looked up: the stack is started, or Node gets a container."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

from devkit.cli.attending import attend
from devkit.cli.context import Context
from devkit.cli.front import signals_raise
from devkit.cli.jobs import Job
from devkit.cli.narration import Narrator, narrator
from devkit.cli.passthrough import command_for
from devkit.engine.exec.lookup import find_engine
from devkit.engine.exec.remembered import Place
from devkit.engine.exec.signals import HostSignals
from devkit.engine.exec.started import NoContainerError, RefusedError, Started
from devkit.project.errors import FailedError
from devkit.project.paths import ProjectPaths
from devkit.setup.on_demand import locate
from devkit.setup.project import open_project

_ATTEMPTS = 3
"""A container may be replaced between the look-up and the start; three times in a row is no accident."""


def run_located(job: Job, root: bytes, here: bytes, flags: Mapping[str, object]) -> int:
    """Run the job where its service is found, and give its exit status."""
    paths = ProjectPaths(Path(os.fsdecode(root)))
    said = narrator(Context(_nobody_is_asked, _nobody_is_asked, _nobody_is_asked, quiet="quiet" in flags))
    with signals_raise():
        for _ in range(_ATTEMPTS):
            try:
                located = locate(paths, job.service, start=not job.needs_node, told=said)
            finally:
                said.clear()
            if located is None:
                return _in_own_container(job, paths, here, flags, said)
            remembered, place = located
            try:
                return _run(remembered.host, place, job, root, here, flags)
            except NoContainerError as error:
                gone = error
    raise FailedError(f"the container of {job.service} does not stay: {gone}", f"devkit logs {job.service} shows why")


def _in_own_container(job: Job, paths: ProjectPaths, here: bytes, flags: Mapping[str, object], said: Narrator) -> int:
    """Node, where no service runs it."""
    from devkit.setup.node_container import node_container

    project = open_project(paths.root)
    project.docker.ping()
    with node_container(project, said.progress) as place:
        said.clear()
        try:
            return _run(find_engine(os.fsencode(paths.root)).host, place, job, os.fsencode(paths.root), here, flags)
        except NoContainerError as error:
            raise FailedError(f"Node's container does not run: {error}", "devkit doctor") from error


def _run(host: str, place: Place, job: Job, root: bytes, here: bytes, flags: Mapping[str, object]) -> int:
    with HostSignals() as signals:
        try:
            started = Started(host, place.container, command_for(job, place, root, here), signals, place.shell)
        except RefusedError as error:
            raise FailedError(f"the engine does not take the command: {error}", "devkit doctor") from error
        return attend(started, job, flags)


def _nobody_is_asked(*_given: object) -> NoReturn:
    raise AssertionError("a pass-through command asks nothing")
