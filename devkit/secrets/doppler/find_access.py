"""With what Doppler is asked for a project: whose token, which project and config, at which address.

Doppler's own variables are honoured as its CLI does (https://docs.doppler.com/docs/cli), and stand above devkit.toml.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from devkit.project.errors import SecretsError
from devkit.project.settings import SecretsSettings
from devkit.secrets.doppler.access import API_HOST, Access, Token
from devkit.secrets.doppler.address import address_of, check_slug
from devkit.secrets.doppler.cli_login import chosen_config, login_token
from devkit.secrets.doppler.keyring_store import kept_token


def find_host(environ: Mapping[str, str]) -> str:
    """The API's base URL: DOPPLER_API_HOST, else Doppler's own. UsageError for what is no http or https URL."""
    return address_of(environ.get("DOPPLER_API_HOST", "").strip() or API_HOST).base_url


def find_token(environ: Mapping[str, str], root: Path, *, ask_others: bool) -> Token | None:
    """The token: DOPPLER_TOKEN; with `ask_others` then devkit's own in the keyring, then that of the CLI's login.

    None where nobody has one. SecretsError where nobody else has one and the keyring does not open.
    """
    named = environ.get("DOPPLER_TOKEN", "").strip()
    if named:
        return Token(named, "DOPPLER_TOKEN")
    if not ask_others:
        return None
    shut: SecretsError | None = None
    try:
        kept = kept_token(find_host(environ))
    except SecretsError as error:
        kept, shut = None, error
    if kept:
        return Token(kept, "keyring")
    login = login_token(environ, root)
    if login:
        return Token(login, "doppler CLI")
    if shut is not None:
        raise shut
    return None


def find_access(
    environ: Mapping[str, str],
    settings: SecretsSettings,
    root: Path,
    *,
    config: str = "",
    token: Token | None = None,
    ask_others: bool,
) -> Access | None:
    """Token, project, config and address; None without a token, a project or a config may be left open.

    `config` stands above all, then DOPPLER_PROJECT, DOPPLER_CONFIG and DOPPLER_API_HOST, then the settings, and with
    `ask_others` what `doppler setup` chose. `token` is taken where a person has given one, and no other is looked for.
    UsageError for a name or an address that cannot be one.
    """
    host = find_host(environ)
    token = token or find_token(environ, root, ask_others=ask_others)
    if token is None:
        return None
    project = environ.get("DOPPLER_PROJECT", "").strip() or settings.project
    config = config or environ.get("DOPPLER_CONFIG", "").strip() or settings.config
    if ask_others and not token.is_service_token and not (project and config):
        chosen_project, chosen = chosen_config(environ, root)
        if not project or project == chosen_project:  # a config is another one in another project
            project, config = chosen_project, config or chosen
    for what, slug in (("project", project), ("config", config)):
        if slug:
            check_slug(what, slug)
    return Access(token, project, config, host)
