"""Secrets followed: each change at Doppler is pulled, and the application takes it up."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from devkit.project.errors import DevkitError, SecretsError
from devkit.project.paths import ProjectPaths
from devkit.project.settings_file import read_settings
from devkit.secrets.doppler.access import Access
from devkit.setup.doppler_source import fetched
from devkit.setup.environment_sync import Pull, pull
from devkit.setup.environment_taken_up import after_pull


@dataclass(frozen=True)
class Told:
    """Where it is said what happens; a door shows it."""

    pulled: Callable[[Pull], None]
    """Each pull that changed .env, and the first one."""
    line: Callable[[str], None]
    outcome: Callable[[str, bool], None]
    """What came of it in the application, and whether that failed."""
    warning: Callable[[str], None]


def watch(paths: ProjectPaths, access: Access, changes: Iterable[None], told: Told) -> None:
    """Pull with each of `changes` (devkit.secrets.doppler.watch), until they end; the first comes at once.

    A pull that fails is told, and tried again with the next change; the first one has to succeed.
    """
    first = True
    for _ in changes:
        try:
            _pull(paths, access, told, first=first)
            first = False
        except SecretsError as error:
            if first:
                raise
            told.warning(f"{error.message} ({error.hint})" if error.hint else error.message)


def _pull(paths: ProjectPaths, access: Access, told: Told, *, first: bool) -> None:
    settings = read_settings(paths.settings)  # anew: it may have been changed meanwhile
    done = pull(paths, settings, fetched(paths, access), told.warning)
    if done.written or first:
        told.pulled(done)
    if not done.written:
        return
    try:
        taken = after_pull(paths, settings, time.time(), told.line)
    except DevkitError as error:
        told.outcome(error.message, True)
        return
    if taken is not None:
        told.outcome(f"{taken.outcome} after {taken.seconds:.2f} s", taken.failed)
