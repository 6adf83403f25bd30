"""The first run: planned from answers, shown, then done as steps that look at the world and not at a journal."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from devkit.engine.images.provide import ProvidedImage, planned_images
from devkit.engine.images.registry import packagist_answers
from devkit.project.errors import UsageError
from devkit.project.lock import project_lock
from devkit.project.paths import MachinePaths, ProjectPaths, machine_paths
from devkit.project.remembered_ports import remembered_ports
from devkit.project.services import SERVICES
from devkit.project.settings import Settings
from devkit.project.settings_file import settings_text
from devkit.scaffold.adopt import Existing, detect
from devkit.scaffold.place import check_place
from devkit.scaffold.plan import PlannedFile, difference
from devkit.setup.answers import Answers, settings_from_answers
from devkit.setup.data_left import data_left_behind
from devkit.setup.first_delivery import plan_delivery
from devkit.setup.first_secrets import FirstSecrets
from devkit.setup.known_projects import free_name, known_projects, refuse_name_of_another
from devkit.setup.masked import secrets_masked
from devkit.setup.offers import without_package
from devkit.setup.planned import commands, own_files, secrets_from, warnings
from devkit.setup.preflight import Consent, Preflight
from devkit.setup.project import Project
from devkit.setup.project_files import ProjectFiles
from devkit.setup.rendering import image_keys, in_the_way, plan_project
from devkit.setup.result import FileResult, FirstRunResult, Renamed
from devkit.setup.run import EngineStep, step_names, steps_before_start, steps_of_start
from devkit.setup.secrets_offer import above_settings
from devkit.setup.stack_steps import StackSteps
from devkit.setup.step import Reporter, StepResult, run_steps

__all__ = ["Answers", "Consent", "FirstRunPlan", "plan_first_run", "run_first_run"]


@dataclass(frozen=True)
class FirstRunPlan:
    """What a first run would write and do. Making it writes nothing."""

    answers: Answers
    settings: Settings
    existing: Existing
    files: tuple[PlannedFile, ...]
    own_files: tuple[FileResult, ...]
    renamed: tuple[Renamed, ...]
    commands: tuple[str, ...]
    secrets: str
    warnings: tuple[str, ...]
    paths: MachinePaths = field(default_factory=machine_paths)

    def to_result(self) -> FirstRunResult:
        """The plan as the result of `--dry-run`: every step `planned`."""
        project = ProjectPaths(self.answers.directory)
        ports = {**self.settings.default_ports(), **remembered_ports(project)}
        return FirstRunResult(
            self.settings.name,
            self.answers.directory,
            self.settings.url(ports),
            tuple(self.bases()),
            tuple(StepResult(name, "planned", 0.0) for name in step_names(start=self.answers.start)),
            tuple(replace(file, status="planned") if file.status == "written" else file for file in self.all_files),
            self.warnings,
            self.renamed,
        )

    @property
    def differences(self) -> tuple[str, ...]:
        """What changes in files that are there, as unified diffs; .env is left out, for it holds secrets."""
        path = ProjectPaths(self.answers.directory).settings
        old = path.read_text(encoding="utf-8") if path.is_file() else None
        named = "" if old is None else difference(path.name, old, settings_text(old, self.settings))
        diffs = (*(file.diff for file in self.files if file.old is not None), named)
        return tuple(diff for diff in diffs if diff)

    @property
    def all_files(self) -> tuple[FileResult, ...]:
        """Every file that would be written, kept or merged."""
        return (*(FileResult(file.path, file.status, file.backup) for file in self.files), *self.own_files)

    def bases(self) -> list[ProvidedImage]:
        """The base images, and where they would come from."""
        return planned_images(
            image_keys(self.settings),
            mode=self.answers.images,
            php_version=self.settings.php.version,
            node_version=self.settings.node.version,
        )


def plan_first_run(answers: Answers) -> FirstRunPlan:
    """Settings, files and commands of a first run; UsageError for what cannot be used. Writes nothing."""
    directory = _usable_directory(answers.directory)
    answers = replace(answers, directory=directory)
    paths = machine_paths()
    existing = detect(directory)
    if existing.kind == "other":
        raise UsageError(
            f"{directory} is not empty and holds no Laravel application ({', '.join(existing.found[:3])} …)",
            "name an empty or a new directory, or one with artisan and composer.json",
        )
    settings = settings_from_answers(answers, existing)
    if ProjectPaths(directory).settings.exists():
        refuse_name_of_another(paths, settings.name, directory)
    else:
        settings = settings.with_(name=_free_name(paths, answers, settings.name, directory))
    settings, left_out = _to_be_had(answers, settings, existing)
    files = plan_project(directory, settings, existing)
    planned = [file.path for file in files]
    delivery = plan_delivery(directory, settings, existing, answers.delivery or (), planned)
    _check_places(ProjectPaths(directory))
    return FirstRunPlan(
        answers,
        settings,
        existing,
        (*files, *delivery.files),
        tuple(own_files(ProjectPaths(directory), settings)),
        tuple(in_the_way(directory, existing)),
        tuple(commands(answers, settings, existing)),
        secrets_from(ProjectPaths(directory), settings, os.environ),
        (
            *left_out,
            *above_settings(settings.secrets, os.environ),
            *warnings(existing, files),
            *_left_behind(directory, settings, files),
            *delivery.warnings,
        ),
        paths,
    )


def _left_behind(directory: Path, settings: Settings, files: Sequence[PlannedFile]) -> list[str]:
    """On adoption the notes speak of the former data."""
    return data_left_behind(settings.name, files) if ProjectPaths(directory).settings.exists() else []


def run_first_run(plan: FirstRunPlan, consent: Consent, report: Reporter) -> FirstRunResult:
    """Do what the plan says. Interrupted anywhere and called again, it goes on; errors pass through.

    One run at a time works on a directory. The plan is made anew before anything is done: since it was shown, another
    run may have been through, or a person has edited a file.
    """
    with project_lock(ProjectPaths(plan.answers.directory), "init", report.warning, create=True):
        return _run(plan_first_run(plan.answers), consent, report)


def _run(plan: FirstRunPlan, consent: Consent, report: Reporter) -> FirstRunResult:
    paths, warned = ProjectPaths(plan.answers.directory), _Warnings(report)
    for warning in plan.warnings:
        warned(warning)
    engine = EngineStep(Preflight(plan.answers, plan.settings.name, plan.paths, consent, warned))
    files = ProjectFiles(paths, plan.settings, plan.files, plan.renamed, plan.paths)
    results: list[StepResult] = []
    with secrets_masked(paths):
        run_steps([engine.step()], report, results)
        project = Project(paths, plan.settings, engine.docker)
        first = FirstSecrets(os.environ, report.say, plan.answers.token, keep=plan.answers.keep_token)
        stack = StackSteps(project, plan.paths, warned, plan.answers.images, secrets=first)
        run_steps(steps_before_start(stack, files), report, results)
        if plan.answers.start:
            run_steps(steps_of_start(stack, plan.existing, warned), report, results)
    return FirstRunResult(
        plan.settings.name,
        plan.answers.directory,
        stack.url,
        stack.bases,
        tuple(results),
        tuple(_as_it_came(file, stack.changed.get(file.path)) for file in plan.all_files),
        tuple(warned.kept),
        plan.renamed,
    )


class _Warnings:
    """Keeps each warning for the result, and shows it once."""

    def __init__(self, report: Reporter) -> None:
        self.kept: list[str] = []
        self._report = report

    def __call__(self, text: str) -> None:
        if text not in self.kept:
            self.kept.append(text)
            self._report.warning(text)


def _as_it_came(file: FileResult, changed: bool | None) -> FileResult:
    """The planned file after the run; `changed` is what its step found, None where there was nothing to find out."""
    if changed is None or changed == (file.status != "kept"):
        return file
    return replace(file, status="written" if changed else "kept")


def _free_name(paths: MachinePaths, answers: Answers, name: str, directory: Path) -> str:
    free = free_name(paths, name, directory)
    if name in (answers.name, answers.sets.get("project.name")) and free != name:
        raise UsageError(f"{known_projects(paths)[name]} is the project {name}", f"choose another name, such as {free}")
    return free


def _usable_directory(directory: Path) -> Path:
    """The directory, absolute and with links followed; UsageError where nothing can be written to it."""
    try:
        resolved = directory.expanduser().resolve()
        parent = next(path for path in (resolved, *resolved.parents) if path.exists())
    except (OSError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UsageError(f"{str(directory)[:80]} cannot be used: {reason}", "name another directory") from error
    if not parent.is_dir():
        raise UsageError(f"{parent} is a file", "name a directory")
    if not os.access(parent, os.W_OK | os.X_OK):
        raise UsageError(f"{parent} is not writable", "name a directory of yours, or change its permissions")
    if ":" in str(resolved) or "\n" in str(resolved) or "\r" in str(resolved):
        raise UsageError(
            f"the path {str(resolved)!r} cannot be mounted into a container",
            "Docker takes no colon and no line break in it: use another directory",
        )
    if any(len(part.encode()) > 255 for part in resolved.parts) or len(str(resolved).encode()) > 4000:
        raise UsageError("the directory's name is too long", "use at most 255 bytes a name")
    return resolved


def _to_be_had(answers: Answers, settings: Settings, existing: Existing) -> tuple[Settings, list[str]]:
    """The settings without detected services whose package cannot be had, and a warning for each of them.

    UsageError for one that was asked for. What devkit.toml says stays.
    """
    asked = {*(answers.services or ()), *answers.sets.get("services.with", "").split(",")}
    is_project = ProjectPaths(answers.directory).settings.is_file()
    names = [name for name in settings.services if name in asked or not is_project]
    missing = without_package(names, existing.packages, packagist_answers=packagist_answers)
    for name, why in missing.items():
        if name in asked:
            raise UsageError(f"{SERVICES[name].title} cannot be had: {why}", f"leave {name} out, or connect first")
    kept = tuple(name for name in settings.services if name not in missing)
    return settings.with_(services=kept), [f"left out {SERVICES[name].title}: {why}" for name, why in missing.items()]


def _check_places(paths: ProjectPaths) -> None:
    """What the steps write besides the scaffold's files has to have its place too, before the first file is written."""
    for path in (paths.settings, paths.override, paths.state / "generated" / "file"):
        check_place(paths.root, path.relative_to(paths.root).as_posix())
    check_place(paths.root, paths.env.name, may_lead_out=True)
