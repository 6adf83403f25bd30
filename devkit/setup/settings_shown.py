"""Settings shown, with where each value came from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from devkit.project.paths import ProjectPaths
from devkit.project.settings_file import keys_in, read_settings


@dataclass(frozen=True)
class SettingShown:
    """One setting, its value and its source: `default` or `devkit.toml`."""

    key: str
    value: Any
    source: str


def settings_list(paths: ProjectPaths) -> list[SettingShown]:
    """Every setting of the project, in the order of devkit.toml; what the file does not name is a default.

    UsageError for a devkit.toml that is broken. No engine is needed.
    """
    settings = read_settings(paths.settings)
    named = keys_in(paths.settings.read_text(encoding="utf-8"))
    rows: tuple[tuple[str, Any], ...] = (
        ("project.name", settings.name),
        ("project.https", settings.https),
        ("php.version", settings.php.version),
        ("php.mode", settings.php.mode),
        ("php.workers", settings.php.workers),
        ("php.jit", settings.php.jit),
        ("php.watch", settings.php.watch),
        ("php.extensions", list(settings.php.extensions)),
        ("php.packages", list(settings.php.packages)),
        ("node.version", settings.node.version),
        ("node.package_manager", settings.node.package_manager),
        ("secrets.source", settings.secrets.source),
        ("secrets.project", settings.secrets.project),
        ("secrets.config", settings.secrets.config),
        ("secrets.runtime", settings.secrets.runtime),
        ("deploy.load", settings.deploy.load),
        ("deploy.contexts", dict(settings.deploy.contexts)),
        ("services.database", settings.database),
        ("services.with", list(settings.services)),
        *((f"ports.{name}", port) for name, port in settings.ports.items()),
        *((f"hooks.{name}", list(lines)) for name, lines in settings.hooks.items()),
        *((f"commands.{name}", command) for name, command in settings.commands.items()),
    )
    return [SettingShown(key, value, "devkit.toml" if key in named else "default") for key, value in rows]
