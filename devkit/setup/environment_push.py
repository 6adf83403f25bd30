"""Values of .env given to Doppler, by name: looked at first, then written."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from devkit.project.env_file import resolve_env
from devkit.project.errors import UsageError
from devkit.project.paths import ProjectPaths
from devkit.secrets.doppler.access import Access
from devkit.secrets.doppler.answers import is_doppler_own

_NAME = re.compile(r"[A-Z_][A-Z0-9_]*")
"""What Doppler takes as a name (https://docs.doppler.com/docs/secrets)."""


@dataclass(frozen=True)
class Push:
    """What would be written where: `added` are not there yet, `changed` have another value, `same` need nothing."""

    project: str
    config: str
    added: tuple[str, ...]
    changed: tuple[str, ...]
    same: tuple[str, ...]
    values: Mapping[str, str] = field(repr=False)

    @property
    def is_one(self) -> bool:
        """Whether there is anything to write."""
        return bool(self.values)

    def to_json(self) -> dict[str, Any]:
        """The object of `devkit env push --json`: names, never values."""
        return {
            "project": self.project,
            "config": self.config,
            "added": list(self.added),
            "changed": list(self.changed),
            "same": list(self.same),
        }


def plan_push(paths: ProjectPaths, access: Access, names: Sequence[str]) -> Push:
    """Compare these names of .env with the config. UsageError for a name that .env has not or Doppler does not take."""
    from devkit.secrets.doppler.client import Doppler

    local = resolve_env(paths.env)
    for name in names:
        _check(name, local)
    found = Doppler(access).secrets(may_be_empty=True)
    there = {*found.values, *found.restricted}
    wanted = {name: local[name] for name in dict.fromkeys(names)}
    same = {name for name, value in wanted.items() if found.values.get(name) == value}
    return Push(
        found.project,
        found.config,
        tuple(sorted(wanted.keys() - there)),
        tuple(sorted((wanted.keys() & there) - same)),
        tuple(sorted(same)),
        {name: value for name, value in wanted.items() if name not in same},
    )


def push(access: Access, plan: Push) -> tuple[str, ...]:
    """Write what was planned; the names that Doppler reads as something else, for they hold references."""
    from devkit.secrets.doppler.client import Doppler

    return tuple(sorted(Doppler(access).update(plan.values)))


def _check(name: str, local: Mapping[str, str]) -> None:
    if name not in local:
        raise UsageError(f".env has no {name}", "name what .env has; devkit env diff lists what only it has")
    if not _NAME.fullmatch(name):
        raise UsageError(f"Doppler takes no name such as {name}", "use capital letters, digits and _")
    if is_doppler_own(name):
        raise UsageError(f"{name} is Doppler's own name", "leave it out")
