"""Doppler as this project's source of secrets: whether it is one, and what it holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from devkit.project.errors import SecretsError
from devkit.project.paths import ProjectPaths
from devkit.project.settings import SecretsSettings
from devkit.secrets.doppler.access import Access, Fetched
from devkit.secrets.doppler.find_access import find_access
from devkit.setup.pulled import age_in_words


def doppler_access(
    paths: ProjectPaths, settings: SecretsSettings, environ: Mapping[str, str], *, config: str = ""
) -> Access | None:
    """How Doppler is asked for this project's secrets; None where they are local.

    A DOPPLER_TOKEN together with a project and a config, by whatever names them, makes Doppler the source for anybody;
    else devkit.toml has to say so. Then SecretsError says what is missing. `config` names another one for this time.
    """
    chosen = settings.source == "doppler"
    access = find_access(environ, settings, paths.root, config=config, ask_others=chosen)
    if access is not None and access.names_a_config:
        return access
    if not chosen:
        return None
    with env_kept(paths):
        return settled(access)


def settled(access: Access | None) -> Access:
    """Give back what names a token and a config; SecretsError says what is missing."""
    if access is None:
        raise SecretsError("there is no Doppler token", "export DOPPLER_TOKEN, or log in: doppler login")
    if access.names_a_config:
        return access
    missing = [name for name, value in (("project", access.project), ("config", access.config)) if not value]
    raise SecretsError(
        f"no Doppler {' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} named",
        "devkit config set secrets.project NAME, and secrets.config; or export DOPPLER_PROJECT and DOPPLER_CONFIG",
    )


def fetched(paths: ProjectPaths, access: Access, *, meanwhile: Callable[[], object] = lambda: None) -> Fetched:
    """The secrets of the config; SecretsError, with .env's age, where they cannot be had.

    `meanwhile` is done, in another thread, while the answer is waited for.
    """
    from devkit.secrets.doppler.client import Doppler  # imported here: it costs a tenth of a second

    with env_kept(paths):
        return Doppler(access, meanwhile=meanwhile).secrets()


@contextmanager
def env_kept(paths: ProjectPaths) -> Iterator[None]:
    """A SecretsError that leaves the block says that .env is as it was, and how old that is."""
    try:
        yield
    except SecretsError as error:
        raise SecretsError(f"{error.message}; {age_in_words(paths)}", error.hint) from error
