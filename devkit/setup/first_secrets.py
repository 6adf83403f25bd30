"""The secrets of a first run: fetched once, before .env is brought in line with the stack."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from devkit.project.errors import DevkitError
from devkit.secrets.doppler.access import Token
from devkit.secrets.doppler.find_access import find_host
from devkit.secrets.doppler.keyring_store import keep_token
from devkit.setup.environment_sync import first_pull, first_pull_is_due
from devkit.setup.project import Project


@dataclass(frozen=True)
class FirstSecrets:
    """With which variables, and with which token if one was typed, Doppler is asked; `say` is told what came.

    With `keep` a person has agreed that the token is kept in the system's keyring.
    """

    environ: Mapping[str, str]
    say: Callable[[str], None]
    token: Token | None = None
    keep: bool = False

    def are_due(self, project: Project) -> bool:
        """Whether there is something to keep or to fetch."""
        return self.keep or first_pull_is_due(project.paths, project.settings)

    def fetch(self, project: Project, on_line: Callable[[str], None], warn: Callable[[str], None]) -> bool:
        """Keep the token, then pull where that is due; whether .env became another.

        A failure is a warning: the application runs without.
        """
        if self.keep and self.token is not None:
            self._keep(self.token, warn)
        if not first_pull_is_due(project.paths, project.settings):
            return False
        on_line("asking Doppler")
        done = first_pull(project.paths, project.settings, self.environ, self.token, warn)
        if done is None:
            return False
        names = "1 name" if len(done.names) == 1 else f"{len(done.names)} names"
        self.say(f"  .env gets {names} from Doppler, {done.project}/{done.config}")
        return done.written

    def _keep(self, token: Token, warn: Callable[[str], None]) -> None:
        try:
            keep_token(find_host(self.environ), token.value)
        except DevkitError as error:
            warn(str(error))
        else:
            self.say("  the token is kept in this machine's keyring")
