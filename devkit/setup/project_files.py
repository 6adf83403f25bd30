"""The files that a first run writes for its settings: the scaffold, then devkit.toml."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from devkit.project.paths import MachinePaths, ProjectPaths
from devkit.project.settings import Settings
from devkit.project.settings_file import read_settings, write_settings
from devkit.scaffold.plan import PlannedFile, apply_plan, refuse_conflicts
from devkit.setup.known_projects import named
from devkit.setup.rendering import make_room
from devkit.setup.result import FileResult, Renamed


@dataclass(frozen=True)
class ProjectFiles:
    """What is planned for a directory, and the settings that it is made of."""

    paths: ProjectPaths
    settings: Settings
    files: tuple[PlannedFile, ...]
    renamed: tuple[Renamed, ...]
    machine: MachinePaths

    def are_written(self) -> bool:
        """Whether nothing is left to be written."""
        if not self.paths.settings.is_file() or read_settings(self.paths.settings) != self.settings:
            return False
        return all(file.status in ("kept", "conflict") for file in self.files)

    def write(self, on_line: Callable[[str], None]) -> None:
        """devkit.toml last: until it is there the directory is not a project, and adoption begins again.

        FailedError, with nothing written, where a file cannot follow a change of the settings.
        """
        if self.paths.settings.is_file() and read_settings(self.paths.settings) != self.settings:
            refuse_conflicts(self.files)
        self.paths.root.mkdir(parents=True, exist_ok=True)
        make_room(self.paths.root, self.renamed)
        for moved in self.renamed:
            on_line(f"renamed {moved.path} to {moved.to}")
        apply_plan(self.paths.root, self.files)
        with named(self.machine, self.settings.name, self.paths.root):
            write_settings(self.paths.settings, self.settings)
        for file in self.files:
            if file.status != "kept":
                on_line(FileResult(file.path, file.status, file.backup).in_words)
