"""What happens when a file is saved: the one table, for `devkit reload --watch` and whoever else follows files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import PurePosixPath

from devkit.project.watch_list import is_temporary, is_watched


class Reaction(Enum):
    """What is done. They are done in this order where one save asks for several."""

    PACKAGES = "composer install"
    FRONT_END = "front end packages installed"
    PHP_SETTINGS = "PHP restarted"
    CADDYFILE = "Caddyfile reloaded"
    CODE = "new code"
    REBUILD = "a rebuild"


@dataclass(frozen=True)
class _Row:
    patterns: tuple[str, ...]
    reaction: Reaction


REBUILD_FILES = ("Dockerfile", ".dockerignore", "docker/entrypoint", "docker/healthcheck", "compose.yaml")
"""What an image is built or a container is made of: a save is taken up by new ones only."""

_TABLE = (
    _Row(("composer.lock",), Reaction.PACKAGES),
    _Row(
        ("package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml", "yarn.lock", "bun.lock", "bun.lockb"),
        Reaction.FRONT_END,
    ),
    _Row(("docker/php/*.ini", "docker/watch"), Reaction.PHP_SETTINGS),
    _Row(("docker/Caddyfile", "docker/*.caddyfile"), Reaction.CADDYFILE),
    _Row(REBUILD_FILES, Reaction.REBUILD),
)
"""The first row that matches counts; whatever is on the watch list and in no row is code."""

FOLDERS = ("docker", "docker/php")
"""Directories, besides those of the watch list and the project's root, that hold files of the table."""


def reaction_to(path: PurePosixPath) -> Reaction | None:
    """What a change of `path`, relative to the project, asks for; None for a file that concerns no container."""
    if not path.parts or is_temporary(path):
        return None
    for row in _TABLE:
        if any(_matches(path, pattern) for pattern in row.patterns):
            return row.reaction
    return Reaction.CODE if is_watched(path) else None


def reactions_to(paths: Iterable[str]) -> Mapping[Reaction, tuple[str, ...]]:
    """Each reaction that some of `paths` ask for, in the order in which they are to be done, with its files."""
    found: dict[Reaction, list[str]] = {}
    for name in paths:
        reaction = reaction_to(PurePosixPath(name))
        if reaction is not None:
            found.setdefault(reaction, []).append(name)
    return {reaction: tuple(found[reaction]) for reaction in Reaction if reaction in found}


def _matches(path: PurePosixPath, pattern: str) -> bool:
    return len(path.parts) == len(PurePosixPath(pattern).parts) and path.match(pattern)
