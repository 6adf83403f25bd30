"""The secrets of a first run: fetched once, before .env is brought in line with the stack."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from devkit.secrets.doppler.access import Token
from devkit.setup.environment_sync import first_pull
from devkit.setup.project import Project
from devkit.setup.pulled import last_pull


@dataclass(frozen=True)
class FirstSecrets:
    """With which variables, and with which token if one was typed, Doppler is asked."""

    environ: Mapping[str, str]
    token: Token | None = None

    def are_due(self, project: Project) -> bool:
        """Whether Doppler is the source, and what it has was never fetched, or is gone with .env."""
        chosen = project.settings.secrets.source == "doppler"
        return chosen and (last_pull(project.paths) is None or not project.paths.env.exists())

    def fetch(self, project: Project, on_line: Callable[[str], None], warn: Callable[[str], None]) -> None:
        """Pull, where it is due. A failure is a warning: the application runs without."""
        if not self.are_due(project):
            return
        on_line("asking Doppler")
        done = first_pull(project.paths, project.settings, self.environ, self.token, warn)
        if done is not None:
            number = len(done.drift.added) + len(done.drift.changed)
            on_line(f"{number} secrets from {done.project}/{done.config}")
