"""What a first run would write and run, in full: what the summary shows before anything is done."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence

from devkit.project.paths import ProjectPaths
from devkit.project.remembered_ports import remembered_ports
from devkit.project.settings import Settings
from devkit.project.settings_file import read_settings
from devkit.scaffold.adopt import Existing
from devkit.scaffold.plan import PlannedFile
from devkit.setup.answers import Answers
from devkit.setup.application import Application, packages_of
from devkit.setup.environment import environment_is_written
from devkit.setup.environment_sync import first_pull_is_due
from devkit.setup.rendering import image_keys
from devkit.setup.result import FileResult
from devkit.setup.secrets_offer import Named, named_by_variables


def own_files(paths: ProjectPaths, settings: Settings) -> list[FileResult]:
    """What the steps write besides the scaffold: settings, .env, and what belongs to this machine.

    compose.override.yaml follows from the machine as the step finds it: where it is there, it may stay as it is.
    """
    is_project = paths.settings.is_file()
    same = is_project and read_settings(paths.settings) == settings
    named = "kept" if same else "merged" if is_project else "written"
    ports = {**settings.default_ports(), **remembered_ports(paths)}
    env = "written"
    if paths.env.exists():
        written = environment_is_written(paths, settings, settings.url(ports), ports)
        env = "kept" if written and not first_pull_is_due(paths, settings) else "merged"
    override = "kept" if same and paths.override.is_file() else "written"
    found = ((paths.settings, named), (paths.env, env), (paths.override, override))
    return [FileResult(path.name, status) for path, status in found]


def commands(answers: Answers, settings: Settings, existing: Existing) -> list[str]:
    """The commands that the run stands for; Composer and artisan run in containers."""
    application = Application(ProjectPaths(answers.directory), packages_of(settings))
    found = [f"docker pull or build: {', '.join(image_keys(settings))}", "docker buildx build --target development"]
    if existing.kind == "empty" and not application.exists():
        found.append("composer create-project laravel/laravel")
    if not application.is_complete():
        found += [shlex.join(command) for command in application.commands()]
    if answers.start:
        found += ["docker compose up --detach", "php artisan migrate --force"]
    return found


def secrets_from(paths: ProjectPaths, settings: Settings, environ: Mapping[str, str]) -> str:
    """Where the secrets of .env come from, in words."""
    secrets = settings.secrets
    if secrets.source == "local":
        return "secrets from this machine: .env with random keys"
    by_variables = named_by_variables(environ)
    named = Named(by_variables.project or secrets.project, by_variables.config or secrets.config)
    where = named.shown if named.project and named.config else "the config that its token opens, or that is named later"
    before = "" if first_pull_is_due(paths, settings) else " (fetched before; anew with devkit env pull)"
    return f"secrets from Doppler, {where}{before}"


def warnings(existing: Existing, files: Sequence[PlannedFile]) -> list[str]:
    """What a person should know before going on."""
    found = list(existing.notes)
    found += [
        f"{file.path} stays as it is: your edits and the new template disagree"
        for file in files
        if file.status == "conflict"
    ]
    return found
