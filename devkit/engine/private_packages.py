"""What private packages ask for: Composer's and npm's settings and logins, the SSH agent and the hosts it may talk to.

They reach builds as secrets and development containers as mounts: never a layer, never an argument.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from devkit.project.errors import UsageError

_OVER_SSH = re.compile(r'"url": *"(?:ssh:|git\+ssh:|[^"/@:]+@[^"/:]+:)')
_NPM_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\??\}")
_NPM_REGISTRIES = ("NPM_CONFIG_REGISTRY", "npm_config_registry")
_ALL_KNOWN_HOSTS = Path("/etc/ssh/ssh_known_hosts")


def composer_auth(root: Path, environ: Mapping[str, str] | None = None, home: Path | None = None) -> str | None:
    """Composer's credentials as one auth.json, or None where there are none.

    In Composer's order: the person's file, the project's auth.json, COMPOSER_AUTH; a host that is named again
    takes the place of the one before. UsageError for one that is no JSON object; it says no value.
    """
    environment = os.environ if environ is None else environ
    persons = _composers(environment, home, "auth.json")
    merged: dict[str, Any] = {}
    for what, text in (
        (str(persons), read_text(persons)),
        ("auth.json", read_text(root / "auth.json")),
        ("COMPOSER_AUTH", environment.get("COMPOSER_AUTH", "")),
    ):
        for section, hosts in _object(what, text).items():
            known = merged.get(section)
            merged[section] = {**known, **hosts} if isinstance(known, dict) and isinstance(hosts, dict) else hosts
    return _json(merged) if merged else None


def composer_config(environ: Mapping[str, str] | None = None, home: Path | None = None) -> str | None:
    """The repositories (a mirror of Packagist, for one) that the person's Composer is set to, as its config.json.

    None where there are none. Directories of this machine are left out: a container has other ones.
    """
    path = _composers(os.environ if environ is None else environ, home, "config.json")
    document = _object(str(path), read_text(path))
    repositories = document.get("repositories")
    if isinstance(repositories, dict):
        repositories = {name: entry for name, entry in repositories.items() if not _is_local(entry)}
    elif isinstance(repositories, list):
        repositories = [entry for entry in repositories if not _is_local(entry)]
    if not repositories:
        return None
    settings = document.get("config")
    plain = isinstance(settings, dict) and settings.get("secure-http") is False
    return _json({"repositories": repositories, **({"config": {"secure-http": False}} if plain else {})})


def user_npmrc(environ: Mapping[str, str] | None = None, home: Path | None = None) -> str | None:
    """The person's .npmrc with its variables filled in, and the registry that the environment names; None for neither.

    A container has the file, and not the environment that it speaks of.
    """
    environment = os.environ if environ is None else environ
    path = Path(environment.get("NPM_CONFIG_USERCONFIG") or (home or Path.home()) / ".npmrc")
    text = filled(read_text(path), environment)
    registry = next((environment[name] for name in _NPM_REGISTRIES if environment.get(name)), None)
    if registry:
        text = f"{text.rstrip()}\nregistry={registry}\n".lstrip()
    return text or None


def project_npmrc(root: Path, environ: Mapping[str, str] | None = None) -> str | None:
    """The project's .npmrc with its variables filled in, or None."""
    return filled(read_text(root / ".npmrc"), os.environ if environ is None else environ) or None


def npm_variables(root: Path, environ: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """The variables that the project's .npmrc takes from the environment, as far as they are set."""
    environment = os.environ if environ is None else environ
    names = dict.fromkeys(_NPM_VARIABLE.findall(read_text(root / ".npmrc")))
    return tuple(name for name in names if name in environment)


def filled(text: str, environ: Mapping[str, str]) -> str:
    """npm's `${NAME}` replaced by what is set; others stay, for npm to complain about."""
    return _NPM_VARIABLE.sub(lambda match: environ.get(match[1], match[0]), text)


def needs_ssh(root: Path) -> bool:
    """Whether a package comes over SSH: only then is the agent asked for, which another terminal may not have."""
    return any(_OVER_SSH.search(read_text(root / name)) for name in ("composer.lock", "composer.json"))


def known_hosts(home: Path | None = None) -> str | None:
    """The keys of the hosts that this person's and this machine's SSH know, or None: no other host is trusted."""
    texts = [read_text(path).strip() for path in ((home or Path.home()) / ".ssh" / "known_hosts", _ALL_KNOWN_HOSTS)]
    return "\n".join([*filter(None, texts), ""]) or None


def read_text(path: Path | None) -> str:
    """A settings file's text; "" where it is missing or cannot be read."""
    try:
        return path.read_text(encoding="utf-8", errors="replace") if path else ""
    except OSError:
        return ""


def _composers(environ: Mapping[str, str], home: Path | None, name: str) -> Path | None:
    """A file of the person's Composer, in the first of its homes that has it."""
    user = home or Path.home()
    configuration = Path(environ.get("XDG_CONFIG_HOME") or user / ".config")
    named = environ.get("COMPOSER_HOME")
    homes = [Path(named)] if named else [configuration / "composer", user / ".composer"]
    return next((path / name for path in homes if (path / name).is_file()), None)


def _is_local(repository: object) -> bool:
    return isinstance(repository, dict) and repository.get("type") in ("path", "artifact")


def _json(document: Mapping[str, Any]) -> str:
    return json.dumps(document, indent=4) + "\n"


def _object(what: str, text: str) -> dict[str, Any]:
    if not text.strip():
        return {}
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise UsageError(f"{what} cannot be read: it is no JSON object", "correct it, then try again") from None
    return found
