"""Where in the Dockerfile stands what a person looks at in the Build tab."""

from __future__ import annotations

from pathlib import Path

from devkit.delivery.dockerfile_place import line_of_step
from devkit.delivery.figures import Layer
from devkit.tui.build_runner import read_dockerfile
from devkit.tui.shown_build import ShownBuild, ShownStep


def line_to_open(path: Path, looked_at: ShownBuild | ShownStep | Layer | None) -> int | None:
    """The line of a step, of a layer, or that a failure names; None for the begin. It reads the file."""
    if looked_at is None or (dockerfile := read_dockerfile(path)) is None:
        return None
    match looked_at:
        case ShownBuild():
            return looked_at.line_named
        case ShownStep():
            return line_of_step(dockerfile, looked_at.stage, looked_at.number, looked_at.name)
        case Layer():
            return line_of_step(dockerfile, looked_at.stage, looked_at.number, looked_at.step)
