""".env and Doppler: what differs, and a pull that takes over what is there and loses nothing of what is here."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from devkit.project.env_file import resolve_env
from devkit.project.errors import DevkitError
from devkit.project.lock import project_lock
from devkit.project.paths import ProjectPaths
from devkit.project.remembered_ports import remembered_ports
from devkit.project.settings import Settings
from devkit.secrets.doppler.access import Fetched, Token
from devkit.secrets.doppler.find_access import find_access
from devkit.secrets.dotenv import set_values
from devkit.secrets.drift import Drift, drift_between
from devkit.secrets.readings import other_readings
from devkit.setup.doppler_source import settled
from devkit.setup.environment import Written, ensure_env_file, read_written, silenced_with, values_with
from devkit.setup.pulled import Pulled, last_pull, remember_pull


@dataclass(frozen=True)
class Pull:
    """A pull that was done: where from, what differed before, and whether .env became another."""

    project: str
    config: str
    drift: Drift
    written: bool
    names: frozenset[str] = frozenset()
    """Those of .env whose values came from there."""
    warnings: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The object of `devkit env pull --json`: names, never values."""
        named = {"source": "doppler", "project": self.project, "config": self.config, "written": self.written}
        return {**named, **self.drift.to_json(), "warnings": list(self.warnings)}


def difference(paths: ProjectPaths, settings: Settings, found: Fetched) -> Drift:
    """What a pull would change in .env, and what it would leave. What another config never had is not gone from it."""
    last = last_pull(paths)
    same = last is not None and (last.project, last.config) == (found.project, found.config)
    return _compared(paths, settings, found, read_written(paths), last if same else None)[2]


def pull(paths: ProjectPaths, settings: Settings, found: Fetched, on_wait: Callable[[str], None]) -> Pull:
    """Take over what was fetched: every name there gets its value, local names stay, what is gone there goes.

    What the stack of this machine sets itself stays too. Under the project's lock; OSError, or an error of the file,
    leaves .env as it was.
    """
    with project_lock(paths, "env pull", on_wait):
        return pull_under_lock(paths, settings, found)


def pull_under_lock(paths: ProjectPaths, settings: Settings, found: Fetched) -> Pull:
    """The same, for who has the project's lock already."""
    existed = paths.env.exists()
    ensure_env_file(paths)
    written = read_written(paths)
    local, values, drift = _compared(paths, settings, found, written, last_pull(paths))
    silenced = silenced_with(written, paths, settings, values, found.values)
    changed = {name: value for name, value in values.items() if local.get(name) != value or name in silenced}
    changes = set_values(paths.env, changed, comment_out=silenced, remove=drift.removed)
    names = frozenset(found.values) - set(drift.kept)
    remember_pull(paths, Pulled(found.project, found.config, time.time(), names))
    return Pull(found.project, found.config, drift, changes or not existed, names, _warnings(local, found, drift))


def first_pull_is_due(paths: ProjectPaths, settings: Settings) -> bool:
    """Whether Doppler is the source, and what it has was never fetched, or is gone with .env."""
    return settings.secrets.source == "doppler" and (last_pull(paths) is None or not paths.env.exists())


def first_pull(
    paths: ProjectPaths,
    settings: Settings,
    environ: Mapping[str, str],
    token: Token | None,
    warn: Callable[[str], None],
) -> Pull | None:
    """A first pull; a failure is a warning, for the application runs without.

    `token` is one that a person typed a moment ago. The caller has the project's lock.
    """
    from devkit.secrets.doppler.client import Doppler  # imported here: it costs a tenth of a second

    try:
        access = settled(find_access(environ, settings.secrets, paths.root, token=token, ask_others=True))
        done = pull_under_lock(paths, settings, Doppler(access).secrets())
    except DevkitError as error:
        warn(f"secrets were not fetched, and .env is made without them: {error}; then: devkit env pull")
        return None
    for warning in done.warnings:
        warn(warning)
    return done


def _compared(
    paths: ProjectPaths, settings: Settings, found: Fetched, written: Written, last: Pulled | None
) -> tuple[dict[str, str], dict[str, str], Drift]:
    """What .env has, what it gets, and the difference; names of the pull before (`last`) may be gone since.

    A value is what Laravel has of it: a person's `"${APP_NAME}"` stays where it comes to the same.
    """
    local, ports = resolve_env(paths.env), remembered_ports(paths)
    values = values_with(written, settings, settings.url(ports), ports, found.values)
    own = {name for name in {*values, *found.values} if values.get(name) != found.values.get(name)}
    drift = drift_between(local, found.values, restricted=found.restricted, pulled=last.names if last else (), own=own)
    return local, values, drift


def _warnings(local: Mapping[str, str], found: Fetched, drift: Drift) -> tuple[str, ...]:
    """What a person should know of what was taken over, by names; `local` is what .env had."""
    said = []
    taken = {name: value for name, value in found.values.items() if name not in drift.kept}
    if drift.kept:
        said.append(f"kept, for this machine's stack sets them: {', '.join(drift.kept)}")
    for names, what in (
        ([name for name in drift.restricted if name in local], "their local values stay"),
        ([name for name in drift.restricted if name not in local], ".env has no value of them"),
    ):
        if names:
            said.append(f"restricted in Doppler, and not to be read with this token; {what}: {', '.join(names)}")
    compose = sorted(name for name in taken if name.startswith("COMPOSE_"))
    if compose:
        said.append(f"Docker Compose takes these from .env as its own settings: {', '.join(compose)}")
    said += [f"{one.name}: {one.why}" for one in other_readings(taken)]
    return tuple(said)
