"""All checks in order: the machine first, then the project's files, then its stack."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from devkit.doctor.check import Check, Examined, apply_fix
from devkit.doctor.preflight import DEFAULT_PORT_FREE, DISK, examine_engine, version_checks
from devkit.doctor.project_checks import FILE_QUESTIONS
from devkit.doctor.running_checks import CLOCK
from devkit.doctor.stack_checks import COMPOSE_FILES, FILE_EVENTS, STACK_QUESTIONS
from devkit.engine.compose import Compose
from devkit.engine.docker import Docker
from devkit.project.errors import DevkitError, NotAProjectError, UsageError
from devkit.project.lock import project_lock
from devkit.project.paths import find_project
from devkit.project.services import APP
from devkit.project.settings import Settings
from devkit.project.settings_file import read_settings


def run_checks(directory: Path, on_check: Callable[[Check], None] = lambda _check: None) -> list[Check]:
    """Every check for a directory; `on_check` gets each as it is known. Outside a project: the machine's only.

    Nothing is changed, and no check that fails to be made stops the others.
    """
    return list(_told(_checks(directory), on_check))


def apply_fixes(directory: Path, checks: Iterable[Check], on_wait: Callable[[str], None]) -> None:
    """Put right what these checks found, with the project's lock; errors as `apply_fix`'s, and of the lock."""
    with project_lock(find_project(directory), "doctor --fix", on_wait):
        for check in checks:
            apply_fix(check)


def preflight(directory: Path, docker: Docker) -> list[Check]:
    """What the first run needs of a machine besides an engine, asked before anything is written."""
    examined = Examined(directory, docker)
    return [question.check(examined) for question in (DISK, FILE_EVENTS)]


def _told(checks: Iterable[Check], on_check: Callable[[Check], None]) -> Iterable[Check]:
    for check in checks:
        on_check(check)
        yield check


def _machine(directory: Path) -> tuple[Docker | None, Iterable[Check]]:
    docker, answers = examine_engine()
    examined = Examined(directory, docker)

    def checks() -> Iterable[Check]:
        yield answers
        yield from version_checks(docker)
        yield DISK.check(examined)
        yield CLOCK.check(examined)

    return docker, checks()


def _checks(directory: Path) -> Iterable[Check]:
    docker, machine = _machine(directory)
    yield from machine
    try:
        paths = find_project(directory.absolute())
    except NotAProjectError:
        yield DEFAULT_PORT_FREE.check(Examined(directory, docker))
        return
    settings, readable = _settings(paths.settings)
    yield readable
    examined = _examined(paths.root, docker, settings)
    for question in FILE_QUESTIONS:
        yield question.check(examined)
    unknown = "devkit.toml cannot be read" if settings is None else ""
    if not unknown:
        files = COMPOSE_FILES.check(examined)
        yield files
        if files.status == "problem":  # every Compose command would fail by the same, and quote .env in doing so
            unknown = "Compose does not accept the project's files"
    for question in STACK_QUESTIONS:
        yield Check(question.id, question.title, "skipped", unknown) if unknown else question.check(examined)


def _settings(path: Path) -> tuple[Settings | None, Check]:
    try:
        return read_settings(path), Check("settings", "devkit.toml", "ok")
    except UsageError as error:
        return None, Check("settings", "devkit.toml", "problem", error.message, error.hint)
    except OSError as error:
        return None, Check("settings", "devkit.toml", "problem", str(error), "make the file readable")


def _examined(root: Path, docker: Docker | None, settings: Settings | None) -> Examined:
    if docker is None or settings is None:
        return Examined(root, docker, settings)
    compose = Compose(docker, root, settings.name)
    try:
        app = any(state.name == APP and state.state == "running" for state in compose.services())
    except DevkitError:
        app = False
    return Examined(root, docker, settings, compose, app)
