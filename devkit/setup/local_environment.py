""".env as it is on this machine, beside the names that the stack sets in it, for whoever shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

from devkit.project.env_file import line_ends, pieces_of, read_env, read_text
from devkit.project.errors import DevkitError
from devkit.project.settings_file import read_settings
from devkit.scaffold.environment import environment_values, password_names
from devkit.secrets.masking import Masker
from devkit.setup.project import Project


@dataclass(frozen=True)
class LocalEnvironment:
    """Names and values as they were read; `stack` are names that the stack sets, whether .env has them or not."""

    exists: bool = False
    values: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    stack: frozenset[str] = frozenset()

    @cached_property
    def masker(self) -> Masker:
        """Takes every value but plain ones out of texts that are shown."""
        return Masker(self.values.items())


def local_environment(project: Project) -> LocalEnvironment:
    """Read it now. UsageError for a line that cannot be read, never with what stands there; OSError."""
    values = read_env(project.paths.env)
    try:
        settings = read_settings(project.paths.settings)
    except (DevkitError, OSError):  # somebody is at it; which names the stack sets changes seldom
        settings = project.settings
    passwords = dict.fromkeys(password_names(settings), "")
    stack = environment_values(settings, passwords, project.url, present=values)
    return LocalEnvironment(project.paths.env.exists(), MappingProxyType(values), frozenset(stack))


def line_of(path: Path, name: str) -> int | None:
    """The line, from 1, that gives `name` its value; None where none does. Errors as of `read_env`."""
    line, found = 1, None
    for piece in pieces_of((read_text(path) or "").removeprefix("\ufeff"), path.name):
        if piece.key == name:
            lead = len(piece.text) - len(piece.text.lstrip())
            found = line + len(line_ends(piece.text[:lead]))
        line += len(line_ends(piece.text))
    return found
