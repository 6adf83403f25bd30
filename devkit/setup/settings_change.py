"""Settings changed together with the files and the stack made of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from devkit.project.errors import EngineError, FailedError
from devkit.project.files import write_atomically
from devkit.project.lock import project_lock
from devkit.project.paths import SETTINGS_FILE, ProjectPaths, machine_paths
from devkit.project.settings import Settings
from devkit.project.settings_file import parse_settings, settings_text
from devkit.scaffold.adopt import detect
from devkit.scaffold.plan import PlannedFile, apply_plan, difference, refuse_conflicts
from devkit.setup.answers import with_setting
from devkit.setup.known_projects import remember_project
from devkit.setup.project import Project
from devkit.setup.rendering import plan_project
from devkit.setup.stack import OnChange, OnLine, OnWait, alone
from devkit.setup.up import up


@dataclass(frozen=True)
class Change:
    """What a change of settings does: devkit.toml's new text and difference, and the files that become others."""

    settings: Settings
    text: str
    difference: str
    files: tuple[PlannedFile, ...]

    @property
    def is_one(self) -> bool:
        """Whether anything becomes another."""
        return bool(self.difference or self.files)


Planner = Callable[[Project], Change]
"""Plans a change for the project as it is now; called again when its turn has come."""


def one_setting(key: str, value: str) -> Planner:
    """Plans the change of one setting, given as text; UsageError for a bad key or value."""
    return lambda project: _planned(project, with_setting(project.settings, key, value), None)


def whole_file(text: str) -> Planner:
    """Plans devkit.toml with this text; UsageError for one that is broken."""
    return lambda project: _planned(project, parse_settings(text, source=SETTINGS_FILE), text)


def _planned(project: Project, settings: Settings, text: str | None) -> Change:
    root = project.paths.root
    old = project.paths.settings.read_text(encoding="utf-8")
    new = settings_text(old, settings) if text is None else text
    files = tuple(file for file in plan_project(root, settings, detect(root)) if file.status != "kept")
    return Change(settings, new, difference(SETTINGS_FILE, old, new), files)


_MEANWHILE = "the project was changed meanwhile: nothing was written"
_LOOK_AGAIN = "run the same command again, and look again"


def replace_broken(paths: ProjectPaths, broken: str, text: str, *, on_wait: OnWait) -> None:
    """Write devkit.toml anew in the place of a text that cannot be read: no project can be opened before.

    UsageError for a text that cannot be read either, FailedError where another one stands there meanwhile.
    """
    parse_settings(text, source=SETTINGS_FILE)
    with project_lock(paths, "config", on_wait):
        if paths.settings.read_text(encoding="utf-8", errors="replace") != broken:
            raise FailedError(_MEANWHILE, _LOOK_AGAIN)
        write_atomically(paths.settings, text)


def apply_change(project: Project, plan: Planner, shown: Change, *, on_wait: OnWait) -> None:
    """Write devkit.toml and the files, and take away containers of services that are none any more.

    FailedError, with nothing written, where the change would do something else than was shown, and for a new name
    while containers have the old one.
    """
    with alone(project, "config", on_wait) as now:
        change = plan(now)
        if change != shown:
            raise FailedError(_MEANWHILE, _LOOK_AGAIN)
        refuse_conflicts(change.files)
        present = _present(now)
        if change.settings.name != now.settings.name and present:
            raise FailedError(
                f"the containers of {now.settings.name} are there, and would be left behind under the old name",
                "devkit down first; volumes stay with the old name, so export databases before",
            )
        gone = sorted(present & (set(now.settings.all_services) - set(change.settings.all_services)))
        if gone:
            now.compose.run("rm", "--stop", "--force", *gone)
        apply_plan(now.paths.root, change.files)
        write_atomically(now.paths.settings, change.text)
        remember_project(machine_paths(), change.settings.name, now.paths.root)


def take_up(project: Project, *, on_change: OnChange, on_line: OnLine, on_wait: OnWait) -> list[str] | None:
    """Bring the stack in line with the settings where it runs; the warnings, or None where nothing runs."""
    if not _present(project, running=True):
        return None
    return up(project, on_change=on_change, on_line=on_line, on_wait=on_wait)


def _present(project: Project, *, running: bool = False) -> set[str]:
    """Services that have a container (that runs); none where no engine answers."""
    try:
        project.docker.ping()
    except EngineError:
        return set()
    states = project.compose.services()
    return {state.name for state in states if state.container and (state.state == "running" or not running)}
