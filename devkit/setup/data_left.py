"""What is said before files are written that would have a service begin without its data."""

from __future__ import annotations

from collections.abc import Sequence

from devkit.engine.docker import Docker, find_docker
from devkit.project.errors import CommandError, EngineError
from devkit.scaffold.moved_volumes import moved_volumes
from devkit.scaffold.plan import PlannedFile


def data_left_behind(project: str, files: Sequence[PlannedFile], docker: Docker | None = None) -> list[str]:
    """A line for each service of the project whose data would stay in a volume that it does not use any more.

    Volumes that were never made are not spoken of, as far as an engine can be asked.
    """
    moved = moved_volumes(project, files)
    if not moved:
        return []
    try:
        said = (docker or find_docker()).run("volume", "ls", "--format", "{{.Name}}").stdout
        there = set(said.decode().split())
    except (EngineError, CommandError):
        there = {one.before for one in moved}
    return [
        f"{one.service} gets another volume, and begins empty: its data stay in {one.before};"
        f" to keep them, write in compose.yaml, below volumes: {one.declared}: {{name: {one.before}}}"
        for one in moved
        if one.before in there
    ]
