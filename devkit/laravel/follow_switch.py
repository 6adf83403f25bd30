"""Whether containers follow their files here: one switch for this project on this machine, on unless it is turned off.

It is a file of .devkit/, so that docker/watch in the container sees it too.
"""

from __future__ import annotations

from devkit.project.paths import ProjectPaths
from devkit.project.state import remember

OFF_FILE = "follow.off"
"""There while it is off; docker/watch looks for it."""


def is_on(paths: ProjectPaths) -> bool:
    """Whether a save is followed."""
    return not (paths.state / OFF_FILE).exists()


def turn(paths: ProjectPaths, *, on: bool) -> None:
    """Turn it on or off, for whoever follows this project's files; OSError where .devkit/ cannot be written."""
    if on:
        (paths.state / OFF_FILE).unlink(missing_ok=True)
    elif is_on(paths):
        remember(paths, OFF_FILE, "saves are not followed while this file is here; f in devkit's Workers tab\n")


def off_since(paths: ProjectPaths) -> float | None:
    """When it was turned off, in seconds since the epoch; None while it is on."""
    try:
        return (paths.state / OFF_FILE).stat().st_mtime
    except OSError:
        return None
