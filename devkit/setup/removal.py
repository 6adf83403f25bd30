"""`devkit delete`: what the engine has of one project is listed, then taken away. The sources are never touched.

By the engine's labels and not by Compose: a project whose files are broken can be deleted all the same.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import Any

from devkit.engine.belongings import image_repository, project_label
from devkit.engine.docker import Docker
from devkit.engine.machine_trust import forget_trust
from devkit.project.paths import MachinePaths, ProjectPaths
from devkit.setup.known_projects import forget_project
from devkit.setup.log_directory import aside
from devkit.setup.machine_projects import stop_project
from devkit.setup.stack import OnLine, OnWait

_REMEMBERED = ("started.json", "events.json", "migrated.sha256", "build.sha256", "ports.json", "xdebug.json")
"""What .devkit/ says of containers that are gone, besides their lines; the base of the next merge stays."""


@dataclass(frozen=True)
class Inventory:
    """What the engine has of a project, by name."""

    project: str
    containers: tuple[str, ...]
    volumes: tuple[str, ...]
    networks: tuple[str, ...]
    images: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to delete."""
        return not (self.containers or self.volumes or self.networks or self.images)

    def to_json(self) -> dict[str, Any]:
        """The object of `devkit delete --json`."""
        return {
            "project": self.project,
            "containers": list(self.containers),
            "volumes": list(self.volumes),
            "networks": list(self.networks),
            "images": list(self.images),
        }


def inventory(docker: Docker, project: str) -> Inventory:
    """All that `delete` takes away; EngineError where no engine answers."""
    docker.ping()
    label = f"label={project_label(project)}"

    def names(*command: str) -> tuple[str, ...]:
        return tuple(sorted(set(docker.run(*command).stdout.decode().split())))

    reference = f"reference={image_repository(project)}"
    left_over = names("image", "ls", "--filter", label, "--filter", "dangling=true", "--format", "{{.ID}}")
    return Inventory(
        project,
        containers=names("ps", "--all", "--filter", label, "--format", "{{.Names}}"),
        volumes=names("volume", "ls", "--filter", label, "--format", "{{.Name}}"),
        networks=names("network", "ls", "--filter", label, "--format", "{{.Name}}"),
        images=(*names("image", "ls", "--filter", reference, "--format", "{{.Repository}}:{{.Tag}}"), *left_over),
    )


def delete(
    docker: Docker, machine: MachinePaths, paths: ProjectPaths, found: Inventory, *, on_line: OnLine, on_wait: OnWait
) -> None:
    """Take away what was listed, and forget the project. CommandError where the engine refuses: then run again."""
    on_line(f"stopping {found.project}")
    stop_project(docker, found.project, paths, "delete", on_wait)
    for command, names in (
        (("rm", "--force", "--volumes"), found.containers),
        (("volume", "rm", "--force"), found.volumes),
        (("network", "rm", "--force"), found.networks),
        (("image", "rm", "--force"), found.images),
    ):
        if names:
            on_line(f"docker {' '.join(command)}")
            docker.run(*command, *names)
    for name in _REMEMBERED:
        (paths.state / name).unlink(missing_ok=True)
    for directory in (paths.state / "logs", aside(paths, machine)):
        shutil.rmtree(directory, ignore_errors=True)
    forget_trust(paths.root, machine)
    forget_project(machine, found.project)
