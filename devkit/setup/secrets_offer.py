"""What is known of a project's secrets before anybody is asked, and what Doppler offers to choose from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from devkit.project.errors import SecretsError
from devkit.project.settings import SecretsSettings
from devkit.secrets.doppler.access import Access, Token
from devkit.secrets.doppler.find_access import find_host, find_token

if TYPE_CHECKING:
    from devkit.secrets.doppler.client import Doppler as Client

CLI_FILE = "doppler.yaml"
"""What `doppler setup` reads its project and config from (https://docs.doppler.com/docs/cli#doppleryaml-repo-config)."""

_FIRST_CONFIG = "dev"


@dataclass(frozen=True)
class Named:
    """A project and a config of Doppler, as far as something names them."""

    project: str = ""
    config: str = ""


def doppler_is_likely(directory: Path, environ: Mapping[str, str]) -> bool:
    """Whether a person who is asked where secrets come from will say: from Doppler."""
    return bool(environ.get("DOPPLER_TOKEN", "").strip()) or (directory / CLI_FILE).is_file()


def named_config(directory: Path, environ: Mapping[str, str], settings: SecretsSettings) -> Named:
    """What Doppler's variables name, else the settings, else doppler.yaml."""
    written = _of_doppler_yaml(directory / CLI_FILE)
    return Named(
        environ.get("DOPPLER_PROJECT", "").strip() or settings.project or written.project,
        environ.get("DOPPLER_CONFIG", "").strip() or settings.config or written.config,
    )


def with_names(
    secrets: SecretsSettings, directory: Path, environ: Mapping[str, str], *, project: str = "", config: str = ""
) -> SecretsSettings:
    """The settings with Doppler as the source; names that were not chosen are those that something names."""
    named = named_config(directory, environ, secrets)
    return replace(secrets, source="doppler", project=project or named.project, config=config or named.config)


def token_for(directory: Path, environ: Mapping[str, str]) -> Token | None:
    """The token that somebody has: DOPPLER_TOKEN, devkit's in the keyring, or the CLI's login. None without one."""
    return find_token(environ, directory, ask_others=True)


def typed_token(text: str) -> Token:
    """What a person typed."""
    return Token(text.strip(), "typed")


def keep_typed(token: Token, environ: Mapping[str, str]) -> None:
    """Keep it in the system's keyring; SecretsError where there is none."""
    from devkit.secrets.doppler.keyring_store import keep_token

    keep_token(find_host(environ), token.value)


class Doppler:
    """What a token may choose from. Each question goes to the API, and raises SecretsError where it has no answer."""

    def __init__(self, token: Token, environ: Mapping[str, str]) -> None:
        self._access = Access(token, host=find_host(environ))

    def own_config(self) -> Named | None:
        """The config that a service token names itself; None where there is a choice."""
        if not self._access.token.is_service_token:
            return None
        found = self._client().secrets(may_be_empty=True)
        return Named(found.project, found.config)

    def projects(self) -> list[str]:
        """Every project; SecretsError where there is none."""
        found = self._client().projects()
        if not found:
            raise SecretsError("this token sees no project of Doppler", "make one at Doppler, or give another token")
        return found

    def configs(self, project: str) -> list[str]:
        """Every config of a project; SecretsError where there is none."""
        found = self._client().configs(project)
        if not found:
            raise SecretsError(f"the project {project} has no config", "make one at Doppler, or choose another project")
        return found

    def _client(self) -> Client:
        from devkit.secrets.doppler.client import Doppler as Client  # imported here: most never ask

        return Client(self._access)


def likely_project(projects: list[str], named: Named, name: str) -> str:
    """The project to begin with: what something names, else one that is called as this one, else the first."""
    return next((one for one in (named.project, name) if one in projects), projects[0])


def likely_config(configs: list[str], named: Named) -> str:
    """The config to begin with: what something names, else dev, else the first."""
    return next((one for one in (named.config, _FIRST_CONFIG) if one in configs), configs[0])


def _of_doppler_yaml(path: Path) -> Named:
    """`setup: {project, config}`, or the first of `setup: [{project, config, path}]`; nothing of a broken file."""
    import yaml

    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        return Named()
    setup = document.get("setup") if isinstance(document, dict) else None
    entry = setup[0] if isinstance(setup, list) and setup else setup
    if not isinstance(entry, dict):
        return Named()
    return Named(str(entry.get("project") or ""), str(entry.get("config") or ""))
