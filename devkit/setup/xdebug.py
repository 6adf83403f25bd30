"""Breakpoints: Xdebug on and off, in classic mode only, and what an IDE has to be told.

XDEBUG_MODE is read when PHP starts, so a switch makes the containers anew. In worker mode breakpoints go stale
(php/frankenphp#931), so `on` goes to classic mode, and `off` back to the mode that was before.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, get_args

from devkit.engine.image_inspection import image_id
from devkit.laravel.mounts import PROJECT_IN_CONTAINER
from devkit.project.errors import FailedError
from devkit.project.remembered_ports import remembered_ports
from devkit.project.settings import Mode
from devkit.project.state import remember
from devkit.setup.machine import XDEBUG_FILE, xdebug_file
from devkit.setup.project import Project

PORT = 9003
"""Where Xdebug 3 connects to, on the host (docker/php/20-development.ini)."""

_SECONDS = 60.0


@dataclass(frozen=True)
class PathMappings:
    """What VS Code's launch.json and PhpStorm's server are told: where the container has the project's files."""

    server: str
    host: str
    port: int
    remote: str
    local: str

    def vscode(self) -> dict[str, Any]:
        """A configuration for .vscode/launch.json (extension xdebug.php-debug)."""
        return {
            "name": f"devkit: {self.server}",
            "type": "php",
            "request": "launch",
            "port": PORT,
            "pathMappings": {self.remote: "${workspaceFolder}"},
        }

    def phpstorm(self) -> dict[str, Any]:
        """The fields of Settings, PHP, Servers."""
        return {
            "name": self.server,
            "host": self.host,
            "port": self.port,
            "debugger": "Xdebug",
            "pathMappings": {self.local: self.remote},
        }


def mappings(project: Project) -> PathMappings:
    """The mappings of this project on this machine."""
    port = project.settings.port(remembered_ports(project.paths))
    return PathMappings(project.settings.name, "localhost", port, str(PROJECT_IN_CONTAINER), str(project.paths.root))


def is_on(project: Project) -> bool:
    """Whether breakpoints are on."""
    return xdebug_file(project.paths).is_file()


def check_there(project: Project) -> None:
    """FailedError where the development image's PHP has no Xdebug; nothing was changed then."""
    project.docker.ping()
    if image_id(project.docker, project.image) is None:
        raise FailedError("the development image is not built yet: nothing was changed", "devkit up builds it")
    said = project.docker.run("run", "--rm", "--entrypoint", "php", project.image, "-m", timeout=_SECONDS).stdout
    if b"xdebug" not in said.lower():
        raise FailedError(
            "this image's PHP has no Xdebug (stand-ins built on this machine have none): nothing was changed",
            "with the official image of a registry: devkit init --images registry, then devkit up --build",
        )


def remember_on(project: Project) -> None:
    """Write down that breakpoints are on from now on, and which mode is gone back to."""
    if not is_on(project):
        text = json.dumps({"before": project.settings.php.mode})
        remember(project.paths, XDEBUG_FILE, text + "\n")


def mode_before(project: Project) -> Mode:
    """The mode to go back to; the present one where none is known."""
    try:
        before = json.loads(xdebug_file(project.paths).read_text(encoding="utf-8"))["before"]
    except (OSError, ValueError, KeyError, TypeError):
        before = ""
    return before if before in get_args(Mode) else project.settings.php.mode


def forget(project: Project) -> None:
    """Breakpoints are off from now on."""
    xdebug_file(project.paths).unlink(missing_ok=True)
