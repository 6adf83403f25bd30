"""The files of a development container: editors that read them work inside the service app (containers.dev)."""

from __future__ import annotations

from devkit.project.settings import Settings
from devkit.scaffold.context import RenderedFile
from devkit.scaffold.render import template

DEVCONTAINER = ".devcontainer/devcontainer.json"


def render_devcontainer(settings: Settings) -> dict[str, RenderedFile]:
    """The files by path."""
    text = template("devcontainer/devcontainer.json.j2", {"name": settings.name})
    return {DEVCONTAINER: RenderedFile(DEVCONTAINER, text)}
