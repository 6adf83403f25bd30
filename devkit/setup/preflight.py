"""The first step: an engine that answers and is new enough, on a machine that can take what comes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from devkit.doctor.checks import preflight
from devkit.engine.connection import find_endpoint
from devkit.engine.docker import Docker, find_docker
from devkit.engine.install import can_install, install_engine, start_daemon
from devkit.engine.version_memory import known_versions
from devkit.engine.versions import check_versions
from devkit.project.errors import EngineError, FailedError
from devkit.project.paths import MachinePaths, ProjectPaths, machine_paths
from devkit.setup.answers import Answers, asked_ports
from devkit.setup.known_projects import refuse_name_of_another
from devkit.setup.machine import check_ports_asked_for

OnLine = Callable[[str], None]
Consent = Callable[[str, str], bool]
"""Asks a person for a consent (question, detail); raises ConsentError where nobody can answer."""


def check_engine(docker: Docker) -> None:
    """The engine answers and is new enough; EngineError says what is wrong with it."""
    check_versions(known_versions(docker, machine_paths().state))


@dataclass(frozen=True)
class Preflight:
    """Looks at the machine before anything is written, and puts an engine on it where a person agrees."""

    answers: Answers
    name: str
    machine: MachinePaths
    consent: Consent
    warn: Callable[[str], None]

    def engine(self) -> Docker:
        """The engine of a machine that can take the project; what it cannot do for the person is said now.

        EngineError, UsageError for a port that nobody may bind or a name that another directory's containers have,
        FailedError for a problem that no step mends.
        """
        docker = find_docker()
        check_engine(docker)
        refuse_name_of_another(self.machine, self.name, self.answers.directory, docker)
        check_ports_asked_for(docker, asked_ports(self.answers))
        self._look(docker)
        return docker

    def install(self, on_line: OnLine) -> Docker:
        """Install or start the engine, with a consent; where devkit cannot, the engine's own error stands.

        An engine that DOCKER_HOST or a context names is another than the one that devkit would install and start.
        Whoever consented already is told why it cannot be done.
        """
        try:
            return self.engine()
        except EngineError as error:
            if find_endpoint().source != "default":
                raise
            if not self.answers.install_docker and not (can_install() and self._agreed(error)):
                raise
        install_engine(self.machine, on_line)
        start_daemon(self.machine, on_line)
        return self.engine()

    def _agreed(self, error: EngineError) -> bool:
        return self.consent(f"{error.message}. Install and start it with this system's packages?", error.hint)

    def _look(self, docker: Docker) -> None:
        """What builds need is no reason to stop for a project that is there already."""
        directory = self.answers.directory
        made = ProjectPaths(directory).settings.is_file()
        there = next(path for path in (directory, *directory.parents) if path.exists())
        for check in preflight(there, docker):
            if check.status == "problem" and not made:
                raise FailedError(f"{check.title}: {check.why}", check.fix)
            if check.status in ("problem", "warning"):
                self.warn("; ".join(part for part in (f"{check.title}: {check.why}", check.fix) if part))
