"""What a person answered (by flags, by a file or to the wizard), turned into settings with detected defaults."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, TypeVar

from devkit.project.errors import UsageError
from devkit.project.paths import ProjectPaths, project_name
from devkit.project.services import APP, CACHES, PORT_VARIABLES, SERVICES, Kind, check_services
from devkit.project.settings import DeploySettings, NodeSettings, PhpSettings, SecretsSettings, Settings, check_port
from devkit.project.settings_file import read_settings
from devkit.scaffold.adopt import Existing
from devkit.secrets.doppler.access import Token
from devkit.setup.secrets_offer import with_names

ImageMode = Literal["auto", "registry", "local"]
Table = TypeVar("Table", PhpSettings, NodeSettings, SecretsSettings, DeploySettings)


@dataclass(frozen=True)
class Answers:
    """Answers to the questions of the first run; None takes the detected default."""

    directory: Path
    name: str | None = None
    database: str | None = None
    services: tuple[str, ...] | None = None
    php: str | None = None
    mode: str | None = None
    port: int | None = None
    https: bool | None = None
    images: ImageMode = "auto"
    install_docker: bool = False
    start: bool = True
    doppler: bool | None = None
    """Whether Doppler is the source of secrets; None leaves that to devkit.toml."""
    doppler_project: str = ""
    doppler_config: str = ""
    token: Token | None = None
    """Doppler's, as it was found or typed before anything was done."""
    keep_token: bool = False
    """Whether it is kept in the system's keyring, as soon as something is done at all."""
    sets: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    delivery: tuple[str, ...] | None = None
    """The files of delivery that are wanted, by the words of DELIVERIES; None where nobody was asked: none."""


def settings_from_answers(answers: Answers, existing: Existing) -> Settings:
    """Settings: the answers first, then devkit.toml where there is one, then what was detected.

    UsageError for a value that cannot be used; nothing is written here.
    """
    path = ProjectPaths(answers.directory).settings
    base = read_settings(path) if path.is_file() else _detected(answers.directory, existing)
    services, database = _services(answers, base)
    php_changes: dict[str, Any] = {}
    if answers.php is not None:
        php_changes["version"] = answers.php
    if answers.mode is not None:
        php_changes["mode"] = answers.mode
    ports = dict(base.ports)
    if answers.port is not None:
        ports[APP] = check_port(APP, answers.port)
    settings = Settings(
        name=answers.name or base.name,
        database=database,
        services=services,
        php=replace(base.php, **php_changes),
        node=base.node,
        secrets=_secrets(answers, base.secrets),
        deploy=base.deploy,
        https=base.https if answers.https is None else answers.https,
        ports=ports,
        hooks=base.hooks,
        commands=base.commands,
    )
    if not path.is_file():
        settings = settings.with_(ports={**_former_ports(existing.env, settings), **settings.ports})
    for key, value in answers.sets.items():
        settings = with_setting(settings, key, value)
    return settings


def with_setting(settings: Settings, key: str, value: str) -> Settings:
    """The settings with one key of devkit.toml changed, given as text (`php.workers`, `8`)."""
    table, _, name = key.partition(".")
    match table, name:
        case "project", "name":
            return settings.with_(name=value)
        case "project", "https":
            return settings.with_(https=_boolean(key, value))
        case "php", "version" | "mode" | "jit" | "watch":
            return settings.with_(php=_changed(settings.php, name, value))
        case "php", "workers":
            return settings.with_(php=_changed(settings.php, name, _number(key, value)))
        case "php", "extensions" | "packages":
            return settings.with_(php=_changed(settings.php, name, _list(value)))
        case "node", "version" | "package_manager":
            return settings.with_(node=_changed(settings.node, name, value))
        case "services", "database":
            return settings.with_(database=value)
        case "services", "with":
            return settings.with_(services=check_services(_list(value)))
        case "ports", port if port:
            ports = {**settings.ports, port: check_port(port, _number(key, value))}
            return settings.with_(ports=ports)
        case "commands", command if command:
            return settings.with_(commands={**settings.commands, command: value})
        case "hooks", hook if hook:
            return settings.with_(hooks={**settings.hooks, hook: (value,)})
        case "secrets", "source" | "project" | "config":
            return settings.with_(secrets=_changed(settings.secrets, name, value))
        case "secrets", "runtime":
            return settings.with_(secrets=_changed(settings.secrets, name, _boolean(key, value)))
        case "deploy", "load":
            return settings.with_(deploy=_changed(settings.deploy, name, value))
    raise UsageError(f"unknown setting {key!r}", f"the settings are: {', '.join(SETTING_KEYS)}")


def asked_ports(answers: Answers) -> tuple[int, ...]:
    """The host ports that were named, by --port and --set; UsageError for one that is none."""
    named = [_number(key, value) for key, value in answers.sets.items() if key.startswith("ports.")]
    return (*named, *([] if answers.port is None else [answers.port]))


SETTING_KEYS = (
    "project.name",
    "project.https",
    "php.version",
    "php.mode",
    "php.workers",
    "php.jit",
    "php.watch",
    "php.extensions",
    "php.packages",
    "node.version",
    "node.package_manager",
    "secrets.source",
    "secrets.project",
    "secrets.config",
    "secrets.runtime",
    "deploy.load",
    "services.database",
    "services.with",
    "ports.SERVICE",
    "hooks.NAME",
    "commands.NAME",
)
"""What `--set` and `devkit config set` take."""


def _secrets(answers: Answers, base: SecretsSettings) -> SecretsSettings:
    if answers.doppler is None:
        return base
    if not answers.doppler:
        return SecretsSettings(runtime=base.runtime)
    project, config = (answers.sets.get(f"secrets.{name}", "") for name in ("project", "config"))
    return with_names(
        base,
        answers.directory,
        os.environ,
        project=answers.doppler_project or project,
        config=answers.doppler_config or config,
    )


def _services(answers: Answers, base: Settings) -> tuple[tuple[str, ...], str]:
    """Services and database. A database in `--with` equals `--database`; two that differ are an error."""
    if answers.services is None:
        return base.services, answers.database or base.database
    named = check_services(answers.services)
    databases = [name for name in named if SERVICES[name].kind is Kind.DATABASE]
    chosen = {*databases, *([answers.database] if answers.database else [])}
    if len(chosen) > 1:
        raise UsageError(
            f"two databases: {' and '.join(sorted(chosen))}", "name the same in --with and --database, or one"
        )
    database = next(iter(chosen), None)
    return tuple(name for name in named if name not in databases), database or base.database


def _detected(directory: Path, existing: Existing) -> Settings:
    """Settings for a directory without devkit.toml: a new application's, or what an existing one shows."""
    services = [name for name in existing.services if SERVICES[name].kind is not Kind.DATABASE]
    caches = [name for name in services if name in CACHES]
    return Settings(
        name=project_name(directory),
        database=existing.database or "sqlite",
        services=tuple(name for name in services if name not in caches[1:]),
        php=PhpSettings(
            version=existing.php_version or PhpSettings().version, extensions=tuple(existing.php_extensions)
        ),
        node=NodeSettings(
            version=existing.node_version or NodeSettings().version,
            package_manager=existing.package_manager or "npm",
        ),
    )


def _former_ports(env: Mapping[str, str], settings: Settings) -> dict[str, int]:
    """Host ports that .env names (Sail's APP_PORT and FORWARD_…), where they can be ports and each is named once."""
    found: dict[str, int] = {}
    for key in settings.published_ports():
        text = next((env[name] for name in PORT_VARIABLES[key] if env.get(name)), "")
        if re.fullmatch(r"\d{1,5}", text) and 0 < int(text) <= 65535 and int(text) not in found.values():
            found[key] = int(text)
    return found


def _changed(table: Table, name: str, value: object) -> Table:
    fields: dict[str, Any] = {name: value}
    return replace(table, **fields)


def _boolean(key: str, value: str) -> bool:
    if value.lower() in {"true", "yes", "on", "1"}:
        return True
    if value.lower() in {"false", "no", "off", "0"}:
        return False
    raise UsageError(f"{key} is {value!r}", "give true or false")


def _number(key: str, value: str) -> int:
    try:
        return int(value)
    except ValueError:
        raise UsageError(f"{key} is {value!r}", "give a whole number") from None


def _list(value: str) -> tuple[str, ...]:
    return tuple(item.strip() for item in value.split(",") if item.strip())
