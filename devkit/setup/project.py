"""A project with its place in the engine: what every command begins with."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from devkit.engine.belongings import image_repository
from devkit.engine.docker import Docker, find_docker
from devkit.project.errors import CommandError
from devkit.project.paths import ProjectPaths, find_project
from devkit.project.remembered_ports import remembered_ports
from devkit.project.services import APP
from devkit.project.settings import Settings
from devkit.project.settings_file import read_settings

if TYPE_CHECKING:
    from devkit.engine.compose import Compose


@dataclass(frozen=True)
class Project:
    """A project on this machine: its files, its settings and its place in the engine."""

    paths: ProjectPaths
    settings: Settings
    docker: Docker

    @property
    def compose(self) -> Compose:
        """Compose, for this project's directory and name."""
        from devkit.engine.compose import Compose

        return Compose(self.docker, self.paths.root, self.settings.name)

    @property
    def url(self) -> str:
        """The address of the application on this machine."""
        return self.settings.url(remembered_ports(self.paths))

    @property
    def image(self) -> str:
        """The development image, that every service of the application runs."""
        return f"{image_repository(self.settings.name)}:development"

    @cached_property
    def service_names(self) -> tuple[str, ...]:
        """Every service of the compose files, which are the person's: the app first, then devkit's, then others.

        Where Compose does not accept the files it is those of the settings, for there may be containers of them.
        """
        ours = (APP, *self.settings.all_services)
        try:
            names = self.compose.service_names()
        except CommandError:
            return ours
        return (*(name for name in ours if name in names), *(name for name in names if name not in ours))

    @property
    def awaited_services(self) -> tuple[str, ...]:
        """The services whose health is waited for where none is named: devkit's own, as far as the files have them.

        A person's own may have an image's health check that it never meets, as a worker on a web server's image does.
        """
        ours = (APP, *self.settings.all_services)
        return tuple(name for name in self.service_names if name in ours)


def open_project(directory: Path) -> Project:
    """The project that `directory` lies in. Does not talk to the engine.

    NotAProjectError, UsageError for a broken devkit.toml, EngineError where no docker command is found.
    """
    paths = find_project(directory)
    return Project(paths, read_settings(paths.settings), find_docker())
