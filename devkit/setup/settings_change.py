"""Settings shown with where each value came from, and changed together with the files made of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from devkit.project.settings import Settings
from devkit.project.settings_file import write_settings
from devkit.scaffold.adopt import detect
from devkit.scaffold.plan import PlannedFile, apply_plan
from devkit.setup.answers import with_setting
from devkit.setup.rendering import plan_project
from devkit.setup.stack import Project


@dataclass(frozen=True)
class SettingShown:
    """One setting, its value and its source: `default` or `devkit.toml`."""

    key: str
    value: Any
    source: str


def settings_list(project: Project) -> list[SettingShown]:
    """Every setting of the project, in the order of devkit.toml."""
    settings, default = project.settings, Settings(project.settings.name)
    shown = []
    rows: tuple[tuple[str, Any, Any], ...] = (
        ("project.name", settings.name, None),
        ("project.https", settings.https, default.https),
        ("php.version", settings.php.version, default.php.version),
        ("php.mode", settings.php.mode, default.php.mode),
        ("php.workers", settings.php.workers, default.php.workers),
        ("php.jit", settings.php.jit, default.php.jit),
        ("php.watch", settings.php.watch, default.php.watch),
        ("php.extensions", list(settings.php.extensions), []),
        ("php.packages", list(settings.php.packages), []),
        ("node.version", settings.node.version, default.node.version),
        ("node.package_manager", settings.node.package_manager, default.node.package_manager),
        ("services.database", settings.database, default.database),
        ("services.with", list(settings.services), []),
        *((f"ports.{name}", port, None) for name, port in settings.ports.items()),
        *((f"hooks.{name}", list(lines), None) for name, lines in settings.hooks.items()),
        *((f"commands.{name}", command, None) for name, command in settings.commands.items()),
    )
    for key, value, usual in rows:
        shown.append(SettingShown(key, value, "default" if value == usual else "devkit.toml"))
    return shown


def plan_change(project: Project, key: str, value: str) -> tuple[Settings, list[PlannedFile]]:
    """The settings with one changed, and what that does to the files; UsageError for a bad key or value."""
    settings = with_setting(project.settings, key, value)
    root = project.paths.root
    return settings, [file for file in plan_project(root, settings, detect(root)) if file.status != "kept"]


def apply_change(project: Project, settings: Settings, files: list[PlannedFile]) -> None:
    """Write the files and devkit.toml. The running stack takes it up with the next `devkit up`."""
    apply_plan(project.paths.root, files)
    write_settings(project.paths.settings, settings)
