"""`devkit up`: whatever the settings ask for and this machine lacks is made, then the services run."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

from devkit.project.paths import machine_paths
from devkit.project.services import APP
from devkit.setup.first_secrets import FirstSecrets
from devkit.setup.known_projects import refuse_name_of_another, remember_project
from devkit.setup.migrations import is_migrated, run_migrations
from devkit.setup.preflight import check_engine
from devkit.setup.project import Project
from devkit.setup.stack import OnChange, OnLine, OnWait, alone, check_services
from devkit.setup.stack_steps import StackSteps
from devkit.setup.started import start_unless_it_stands
from devkit.setup.team_commands import run_hook
from devkit.setup.watching import watch_where_needed


def up(
    project: Project,
    services: Sequence[str] = (),
    *,
    build: bool = False,
    migrate: bool = True,
    unless: Callable[[], bool] = lambda: False,
    on_change: OnChange,
    on_line: OnLine,
    on_wait: OnWait,
    on_hook: OnLine | None = None,
) -> list[str]:
    """Bring the project up: images, ports, packages and .env first, then health, then migrations.

    Gives the warnings. UsageError for an unknown service, and where another directory has the project's name;
    EngineError where the engine does not run: starting it is the first run's, with a consent. UnhealthyError says why
    a service did not come up; `build` makes the image anew. The team's hooks run before and after, and are told to
    `on_hook` (by default `on_line`); one that fails ends it. Nothing is done if `unless` holds when it is
    this command's turn: another one may have done it.
    """
    check_services(project, services)
    check_engine(project.docker)
    refuse_name_of_another(machine_paths(), project.settings.name, project.paths.root, project.docker)
    run_hook(project.paths, project.settings, "before-up", on_hook or on_line)
    with alone(project, "up", on_wait) as now:
        if unless():
            return []
        warnings = _up(now, services, build=build, migrate=migrate, on_change=on_change, on_line=on_line)
    run_hook(now.paths, now.settings, "after-up", on_hook or on_line)
    return warnings


def _up(
    project: Project,
    services: Sequence[str],
    *,
    build: bool,
    migrate: bool,
    on_change: OnChange,
    on_line: OnLine,
) -> list[str]:
    """What a fresh clone, a new service or a changed Dockerfile needs comes before the start."""
    remember_project(machine_paths(), project.settings.name, project.paths.root)
    warnings: list[str] = []
    # A clone of a team whose secrets are at Doppler has no .env; where there is one, only a person pulls.
    first = None if project.paths.env.exists() else FirstSecrets(os.environ, on_line)
    stack = StackSteps(project, machine_paths(), warnings.append, secrets=first)
    for step in (stack.images(), stack.override(), stack.build(), stack.packages(), stack.environment()):
        if (build and step.name == "build") or not step.is_done():
            step.run(on_line)
    start_unless_it_stands(project, services, on_change=on_change, on_line=on_line)
    watch_where_needed(project, on_line=on_line, warn=warnings.append)
    if migrate and (not services or APP in services) and not is_migrated(project):
        run_migrations(project, on_line)
    return warnings
