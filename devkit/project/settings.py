"""The settings of a project: what the wizard asked and devkit.toml keeps. Every value is checked here."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Literal, get_args

from devkit.project.errors import UsageError
from devkit.project.services import APP, CACHES, DATABASES, SERVICES, Kind, check_services

Mode = Literal["worker", "classic"]
Jit = Literal["off", "function", "tracing"]
Watch = Literal["auto", "container", "host"]
"""Who sees in worker mode that code was saved: docker/watch in the container, and where its mount delivers no events a
watcher on the host (auto); only the one, or only the other."""
PackageManager = Literal["npm", "pnpm", "yarn", "bun"]

SecretsSource = Literal["local", "doppler"]
"""Where the values of .env come from: this machine alone, or Doppler."""

PHP_VERSIONS = ("8.2", "8.3", "8.4", "8.5")
"""What the official FrankenPHP images have (https://hub.docker.com/r/dunglas/frankenphp)."""

HOOKS = ("before-up", "after-up", "after-pull")
"""Where a team's own command lines run: around `devkit up`, and after secrets were fetched."""

DEFAULT_PHP = "8.4"
DEFAULT_NODE = "24"
DEFAULT_PORT = 8000

_NAME = re.compile(r"(?=.{1,63}\Z)[a-z0-9]+(?:(?:_|__|-+)[a-z0-9]+)*")
"""What both Compose takes as a project's name, and an image as a part of its own
(https://docs.docker.com/reference/cli/docker/image/tag/).
"""
DOPPLER_NAME = re.compile(r"[A-Za-z0-9_-]{1,100}")
"""What Doppler takes as the name of a project or a config."""
_COMMAND = re.compile(r"[a-z0-9][a-z0-9:._-]{0,62}")
_EXTENSION = re.compile(r"[a-z0-9_]{1,40}(-[a-z0-9.^@]{1,40})?")
_PACKAGE = re.compile(r"[a-z0-9][a-z0-9+.-]{1,80}")
_NODE = re.compile(r"\d{1,2}(\.\d{1,3}){0,2}")
_PHP = re.compile(r"\d\.\d(\.\d{1,2})?")

PORT_KEYS = (APP, "https", *(key for service in SERVICES.values() for key in service.ports))
"""Keys that `[ports]` in devkit.toml may have."""


@dataclass(frozen=True)
class PhpSettings:
    """`[php]`: version, mode, number of workers, JIT, who watches, and what the image holds besides the defaults."""

    version: str = DEFAULT_PHP
    mode: Mode = "worker"
    workers: int = 4
    jit: Jit = "off"
    watch: Watch = "auto"
    extensions: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        branch = ".".join(self.version.split(".")[:2])
        if not _PHP.fullmatch(self.version) or branch not in PHP_VERSIONS:
            raise UsageError(f"PHP {self.version!r} is not to be had", f"the versions are: {', '.join(PHP_VERSIONS)}")
        _one_of("php.mode", self.mode, get_args(Mode))
        _one_of("php.jit", self.jit, get_args(Jit))
        _one_of("php.watch", self.watch, get_args(Watch))
        if not 1 <= self.workers <= 128:
            raise UsageError(f"php.workers is {self.workers}", "give a number from 1 to 128")
        _all_match("php.extensions", self.extensions, _EXTENSION, "a PHP extension's name")
        _all_match("php.packages", self.packages, _PACKAGE, "a Debian package's name")


@dataclass(frozen=True)
class NodeSettings:
    """`[node]`: version and package manager of the front end."""

    version: str = DEFAULT_NODE
    package_manager: PackageManager = "npm"

    def __post_init__(self) -> None:
        if not _NODE.fullmatch(self.version):
            raise UsageError(f"node.version is {self.version!r}", "give a version such as 24 or 24.1")
        _one_of("node.package_manager", self.package_manager, get_args(PackageManager))


@dataclass(frozen=True)
class SecretsSettings:
    """`[secrets]`: where .env's values come from. `project` and `config` are Doppler's names; empty where unknown.

    `runtime` has the production image fetch them when it starts: it carries the Doppler CLI then.
    """

    source: SecretsSource = "local"
    project: str = ""
    config: str = ""
    runtime: bool = False

    def __post_init__(self) -> None:
        _one_of("secrets.source", self.source, get_args(SecretsSource))
        for key, value in (("secrets.project", self.project), ("secrets.config", self.config)):
            if value and not DOPPLER_NAME.fullmatch(value):
                raise UsageError(f"{key} is {value!r}", "give Doppler's own name: letters, digits, - and _")


@dataclass(frozen=True)
class DeploySettings:
    """`[deploy]`: which context is an environment's, and what brings images into a cluster that devkit does not know.

    `load` is a command that takes the stream of `docker save` on its stdin; `contexts` names kubectl's context for an
    environment. One without is released to the context in use.
    """

    load: str = ""
    contexts: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        try:
            words = shlex.split(self.load)
        except ValueError as error:
            raise UsageError(f"deploy.load is {self.load!r}: {error}", "close the quotes") from error
        if self.load and not words:
            raise UsageError("deploy.load is an empty command line", "give it one, or take it out")
        for environment, context in self.contexts.items():
            if not context.strip():
                raise UsageError(f"deploy.contexts.{environment} is empty", "kubectl config get-contexts lists them")
        object.__setattr__(self, "contexts", MappingProxyType(dict(self.contexts)))


@dataclass(frozen=True)
class Settings:
    """All settings of one project. `services` holds no database: that is `database`."""

    name: str
    database: str = "sqlite"
    services: tuple[str, ...] = ()
    php: PhpSettings = field(default_factory=PhpSettings)
    node: NodeSettings = field(default_factory=NodeSettings)
    secrets: SecretsSettings = field(default_factory=SecretsSettings)
    deploy: DeploySettings = field(default_factory=DeploySettings)
    https: bool = False
    ports: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    hooks: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    commands: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise UsageError(
                f"project name {self.name!r} cannot be used",
                "use lower-case letters and digits, with -, _ or __ between them, at most 63 in all",
            )
        _one_of("services.database", self.database, DATABASES)
        names = check_services(self.services)
        databases = [name for name in names if SERVICES[name].kind is Kind.DATABASE]
        if databases and databases != [self.database]:
            raise UsageError(
                f"two databases: {self.database} and {next(d for d in databases if d != self.database)}",
                "an application has one; leave the other out",
            )
        object.__setattr__(self, "services", tuple(name for name in names if name not in databases))
        if len([name for name in names if name in CACHES]) > 1:
            raise UsageError("two caches: redis and valkey", "choose one of them")
        by_port: dict[int, str] = {}
        for key, port in self.ports.items():
            check_port(key, port)
            if port in by_port:
                raise UsageError(f"ports.{by_port[port]} and ports.{key} are both {port}", "give each its own")
            by_port[port] = key
        object.__setattr__(self, "ports", MappingProxyType(dict(self.ports)))
        for name, lines in self.hooks.items():
            if name not in HOOKS:
                raise UsageError(f"unknown hook {name!r}", f"the hooks are: {', '.join(HOOKS)}")
            _no_empty_line(f"hooks.{name}", lines)
        for name, line in self.commands.items():
            if not _COMMAND.fullmatch(name):
                raise UsageError(
                    f"commands.{name} cannot be a command's name", "use lower-case letters, digits, :, ., _ and -"
                )
            _no_empty_line(f"commands.{name}", (line,))

    @property
    def all_services(self) -> tuple[str, ...]:
        """Every compose service besides `app`, the database's included, in catalogue order."""
        database = () if self.database == "sqlite" else (self.database,)
        return check_services((*database, *self.services))

    @property
    def cache(self) -> str | None:
        """The service that holds cache, session and queue: redis, valkey or None (the database does)."""
        return next((name for name in self.services if name in CACHES), None)

    def published_ports(self) -> dict[str, int]:
        """Every port key of this stack with the port inside the container that it stands for."""
        ports = {APP: 8080}
        if self.https:
            ports["https"] = 8443
        for name in self.all_services:
            ports.update(SERVICES[name].ports)
        return ports

    def default_ports(self) -> dict[str, int]:
        """The host port of every port key: what the settings say, else 8000 for the app, else the service's own."""
        defaults = {**self.published_ports(), APP: DEFAULT_PORT}
        return {**defaults, **{key: port for key, port in self.ports.items() if key in defaults}}

    def url(self, ports: Mapping[str, int]) -> str:
        """The application's address on this machine; `ports` are host ports by key, as far as they are settled."""
        known = {**self.ports, **ports}
        return f"https://localhost:{known['https']}" if self.https and "https" in known else self.plain_url(ports)

    def plain_url(self, ports: Mapping[str, int]) -> str:
        """The same without TLS, which always answers too."""
        return f"http://localhost:{self.port(ports)}"

    def port(self, ports: Mapping[str, int]) -> int:
        """The host port of the application, by HTTP."""
        return ports.get(APP, self.ports.get(APP, DEFAULT_PORT))

    def with_(self, **changes: object) -> Settings:
        """A copy with some fields changed, checked anew."""
        return replace(self, **changes)  # type: ignore[arg-type]


def check_port(key: str, port: int) -> int:
    """Give the port back; UsageError if the key is unknown or the number cannot be a port."""
    if key not in PORT_KEYS:
        raise UsageError(f"unknown port {key!r}", f"the keys are: {', '.join(PORT_KEYS)}")
    if isinstance(port, bool) or not isinstance(port, int) or not 1 <= port <= 65535:
        raise UsageError(f"port {port!r} for {key} cannot be used", "give a number from 1 to 65535")
    return port


def _one_of(key: str, value: object, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise UsageError(f"{key} is {value!r}", f"it takes: {', '.join(allowed)}")


def _no_empty_line(key: str, lines: tuple[str, ...]) -> None:
    if any(not line.strip().removeprefix("app:").strip() for line in lines):
        raise UsageError(f"{key} is an empty command line", "give it one, or take it out")


def _all_match(key: str, values: tuple[str, ...], pattern: re.Pattern[str], what: str) -> None:
    for value in values:
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise UsageError(f"{key} holds {value!r}", f"that is not {what}")
