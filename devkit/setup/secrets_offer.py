"""What is known of a project's secrets before anybody is asked, and what Doppler offers to choose from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from devkit.project.errors import SecretsError, UsageError
from devkit.project.settings import SecretsSettings
from devkit.secrets.doppler.access import Access, Token
from devkit.secrets.doppler.address import check_slug
from devkit.secrets.doppler.cli_login import chosen_config
from devkit.secrets.doppler.find_access import find_host, find_token

if TYPE_CHECKING:
    from devkit.secrets.doppler.client import Doppler as Client

SETUP_FILE = "doppler.yaml"
"""Where `doppler setup` finds project and config (https://docs.doppler.com/docs/cli#doppleryaml-repo-config)."""

_FILES = (SETUP_FILE, "doppler-template.yaml")
"""Files of Doppler's in a repository; of the second `doppler import` makes projects (pkg/cmd/import.go of its CLI)."""

_FIRST_CONFIG = "dev"


@dataclass(frozen=True)
class Named:
    """A project and a config of Doppler, as far as something names them."""

    project: str = ""
    config: str = ""

    @property
    def shown(self) -> str:
        """Both, for a person."""
        return "/".join(part for part in (self.project, self.config) if part)

    def or_else(self, other: Named) -> Named:
        """What is missing is taken from another one, unless that speaks of another project."""
        if self.project and other.project not in ("", self.project):
            return self
        return Named(self.project or other.project, self.config or other.config)


def doppler_is_likely(directory: Path, environ: Mapping[str, str]) -> bool:
    """Whether a person who is asked where secrets come from will say: from Doppler. Nobody else is asked for it."""
    has_files = any((directory / name).is_file() for name in _FILES)
    return has_files or bool(environ.get("DOPPLER_TOKEN", "").strip())


def named_by_variables(environ: Mapping[str, str]) -> Named:
    """What Doppler's own variables name: they stand above devkit.toml wherever secrets are fetched."""
    return Named(environ.get("DOPPLER_PROJECT", "").strip(), environ.get("DOPPLER_CONFIG", "").strip())


def suggested(directory: Path, environ: Mapping[str, str]) -> Named:
    """What doppler.yaml says, or else what `doppler setup` chose for the directory: a person may want another one."""
    written = _of_doppler_yaml(directory / SETUP_FILE)
    return written if written.project else Named(*chosen_config(environ, directory))


def with_names(
    secrets: SecretsSettings, directory: Path, environ: Mapping[str, str], *, project: str = "", config: str = ""
) -> SecretsSettings:
    """The settings with Doppler as the source.

    A name that was neither chosen nor is in the settings is taken from Doppler's variables, else from doppler.yaml.
    """
    named = Named(project or secrets.project, config or secrets.config)
    named = named.or_else(named_by_variables(environ)).or_else(_of_doppler_yaml(directory / SETUP_FILE))
    return replace(secrets, source="doppler", project=named.project, config=named.config)


def above_settings(secrets: SecretsSettings, environ: Mapping[str, str]) -> list[str]:
    """For each of Doppler's variables that names another than devkit.toml does, one line that says so."""
    by_variables = named_by_variables(environ)
    pairs = (("PROJECT", by_variables.project, secrets.project), ("CONFIG", by_variables.config, secrets.config))
    return [
        f"DOPPLER_{what} names {here}, and stands above the {there} of devkit.toml: unset it to use that"
        for what, here, there in pairs
        if secrets.source == "doppler" and here and there and here != there
    ]


def token_for(directory: Path, environ: Mapping[str, str]) -> Token | None:
    """The token that somebody has: DOPPLER_TOKEN, devkit's in the keyring, or the CLI's login. None without one."""
    return find_token(environ, directory, ask_others=True)


def typed_token(text: str) -> Token | None:
    """What a person typed; None for nothing."""
    return Token(text.strip(), "typed") if text.strip() else None


class Doppler:
    """What a token may choose from. Each question goes to the API, and raises SecretsError where it has no answer.

    UsageError for an address in the environment that is none.
    """

    def __init__(self, token: Token, environ: Mapping[str, str]) -> None:
        self._access = Access(token, host=find_host(environ))

    def own_config(self, wanted: Named) -> Named | None:
        """The config that a service token opens, without what it holds; None for a token that opens several.

        Its names are empty where Doppler does not say them. SecretsError where another one is wanted.
        """
        if not self._access.token.is_service_token:
            return None
        own = Named(*self._client().opened())
        if own.shown and Named(wanted.project or own.project, wanted.config or own.config) != own:
            raise SecretsError(
                f"the token from {self._access.token.origin_in_words} opens {own.shown} alone, not {wanted.shown}",
                f"use a token of {wanted.shown}, or name {own.shown}",
            )
        return own

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


def likely_project(projects: Sequence[str], likely: Named, name: str) -> str:
    """The project to begin with: a likely one, else one that is called as this one (`name`), else the first."""
    return next((one for one in (likely.project, name) if one in projects), projects[0])


def likely_config(configs: Sequence[str], project: str, likely: Named) -> str:
    """The config to begin with: the likely one of this project, else dev, else the first."""
    named = Named(project).or_else(likely).config
    return next((one for one in (named, _FIRST_CONFIG) if one in configs), configs[0])


def _of_doppler_yaml(path: Path) -> Named:
    """`setup: {project, config}`, or the entry of `setup: [{project, config, path}]` that is for this directory.

    Nothing of a file that is broken, or names what cannot be a name.
    """
    import yaml

    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError, yaml.YAMLError):
        return Named()
    setup = document.get("setup") if isinstance(document, dict) else None
    entries = [entry for entry in (setup if isinstance(setup, list) else [setup]) if isinstance(entry, dict)]
    entry = next((one for one in entries if str(one.get("path") or ".").rstrip("/") == "."), {})
    return Named(_slug("project", entry.get("project")), _slug("config", entry.get("config")))


def _slug(what: str, value: object) -> str:
    try:
        check_slug(what, value if isinstance(value, str) else "")
    except UsageError:
        return ""
    return str(value)
