"""One command on the host with the project's secrets in its environment: nothing is written anywhere."""

from __future__ import annotations

from collections.abc import Mapping

from devkit.project.env_file import resolve_env
from devkit.project.errors import FailedError
from devkit.project.paths import ProjectPaths

_KEPT = ("PATH", "PS1", "HOME")
"""What the Doppler CLI does not take from Doppler either (3.77, `doppler run`): the command could not be found."""

_LONGEST = 128 * 1024
"""Bytes of one NAME=value with its end, that Linux gives to a program (MAX_ARG_STRLEN)."""


def environment_with(environ: Mapping[str, str], secrets: Mapping[str, str]) -> dict[str, str]:
    """The present environment with the secrets, which win; FailedError for one that no environment can hold."""
    taken = {name: value for name, value in secrets.items() if name not in _KEPT}
    for name, value in taken.items():
        if "\0" in value or not name or "=" in name:
            raise FailedError(f"{name or 'a secret without a name'} cannot stand in an environment", "leave it out")
        if len(f"{name}={value}".encode("utf-8", "surrogateescape")) >= _LONGEST:
            raise FailedError(f"{name} is too long for an environment", "keep it in a file instead")
    return {**environ, **taken}


def local_secrets(paths: ProjectPaths) -> dict[str, str]:
    """What .env holds, where secrets are local; FailedError where there is none."""
    if not paths.env.exists():
        raise FailedError("there is no .env", "devkit up makes it")
    return resolve_env(paths.env)
