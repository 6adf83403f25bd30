"""The steps of the first run, in order: the engine, the files, the stack and what it answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from devkit.engine.causes import is_taken_port
from devkit.engine.docker import Docker
from devkit.project.errors import CommandError, EngineError
from devkit.scaffold.adopt import Existing
from devkit.setup.answering import Answering
from devkit.setup.migrations import is_migrated, run_migrations
from devkit.setup.preflight import Preflight
from devkit.setup.project import Project
from devkit.setup.project_files import ProjectFiles
from devkit.setup.stack import OnLine
from devkit.setup.stack_steps import StackSteps
from devkit.setup.started import start_unless_it_stands
from devkit.setup.step import Step
from devkit.setup.trust import root_certificate
from devkit.setup.watching import watch_where_needed

_BEFORE = ("engine", "images", "files", "ports", "build", "application", "packages", "environment")
_STARTED = ("start", "migrate", "check")


def step_names(*, start: bool) -> tuple[str, ...]:
    """The names of the steps, in their order; without `start` they end before anything runs."""
    return (*_BEFORE, *_STARTED) if start else _BEFORE


class EngineStep:
    """The first step, which finds the engine for the others."""

    def __init__(self, preflight: Preflight) -> None:
        self._preflight = preflight
        self._docker: Docker | None = None

    @property
    def docker(self) -> Docker:
        """The engine, once the step is over."""
        return self._docker or self._preflight.engine()

    def step(self) -> Step:
        """An engine that answers; where a person agrees it is installed or started."""
        return Step("engine", "Container engine", self._install, self._is_ready)

    def _is_ready(self) -> bool:
        try:
            self._docker = self._preflight.engine()
        except EngineError:
            return False
        return True

    def _install(self, line: OnLine) -> None:
        self._docker = self._preflight.install(line)


def steps_before_start(stack: StackSteps, files: ProjectFiles) -> Iterator[Step]:
    """All between the engine and the start."""
    yield stack.images()
    yield Step("files", "Project files", files.write, files.are_written)
    yield stack.override()
    yield stack.build()
    yield stack.create()
    yield stack.packages()
    yield stack.environment()


def steps_of_start(stack: StackSteps, existing: Existing, warn: Callable[[str], None]) -> Iterator[Step]:
    """The services run, the database is migrated, and the application has answered."""
    project = stack.project

    def start(line: OnLine) -> None:
        def attempt() -> None:
            start_unless_it_stands(
                project, on_line=line, on_change=lambda state: line(f"{state.name}: {state.health or state.state}")
            )

        try:
            attempt()
        except CommandError as error:
            if not is_taken_port(error.message + error.detail):
                raise
            stack.settle_ports(line)  # it was free when it was chosen; since then an image was built
            attempt()
        watch_where_needed(project, on_line=line, warn=warn)

    yield Step("start", "Services", start)
    yield Step("migrate", "Migrations", lambda line: run_migrations(project, line), lambda: is_migrated(project))
    yield Step("check", "Answers", lambda line: _answering(project, stack.url, existing).check(line, warn))


def _answering(project: Project, url: str, existing: Existing) -> Answering:
    root = root_certificate(project)[0] if url.startswith("https:") else None
    return Answering(url, existing.health_path, existing.kind == "laravel", root)
