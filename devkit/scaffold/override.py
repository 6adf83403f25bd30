"""compose.override.yaml: what belongs to one machine. Docker Compose reads it by itself; git ignores it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from devkit.project.services import APP, SERVICES
from devkit.project.settings import Settings
from devkit.scaffold.context import Machine

HEADER = """\
# Written by devkit for this machine alone (git ignores it); written anew by `devkit up`, so edits are lost.
# Docker Compose merges it into compose.yaml by itself.
"""

CA_BUNDLE = "/etc/ssl/certs/ca-certificates.crt"
"""Where Debian's programs, PHP and Composer look for certificate authorities; Node is told by a variable."""

_COMPOSER_FILES = {
    "ca": CA_BUNDLE,
    "composer_auth": "/config/composer/auth.json",
    "composer_config": "/config/composer/config.json",
    # Every user's: SSH looks for a person's own below the home that /etc/passwd names.
    "known_hosts": "/etc/ssh/ssh_known_hosts",
}
NODE_FILES = {"ca": CA_BUNDLE, "npmrc": "/tmp/.npmrc"}
"""Where containers have the files that builds get as secrets. The project's own .npmrc is there with the sources."""

PROXY_VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")
_NO_PROXY = ("NO_PROXY", "no_proxy")
_NEAR = ("localhost", "127.0.0.1", "::1", "host.docker.internal")


class _Replaced(list[str]):
    """A list that takes the place of compose.yaml's instead of being appended to it."""


def machine_override(settings: Settings, machine: Machine) -> str:
    """The text of compose.override.yaml. Proxies are named without values: Compose reads them when it runs."""
    services: dict[str, Any] = {APP: _app(machine, settings)}
    for name in settings.all_services:
        service = _service(name, settings, machine)
        if service:
            services[name] = service
    document: dict[str, Any] = {"services": services}
    if machine.trust.secrets:
        document["secrets"] = {name: {"file": _literal(path)} for name, path in machine.trust.secrets.items()}
    return HEADER + _dump(document)


def _app(machine: Machine, settings: Settings) -> dict[str, Any]:
    arguments: dict[str, Any] = {"USER_ID": str(machine.uid), "GROUP_ID": str(machine.gid)}
    for key, argument in (("frankenphp", "FRANKENPHP_IMAGE"), ("node", "NODE_IMAGE")):
        if key in machine.bases:
            arguments[argument] = machine.bases[key]
    if machine.trust.proxies:
        arguments.update(dict.fromkeys((*PROXY_VARIABLES, *_NO_PROXY)))
    build: dict[str, Any] = {"args": arguments}
    if machine.trust.secrets:
        build["secrets"] = list(machine.trust.secrets)
    if machine.trust.ssh_agent:
        build["ssh"] = ["default"]
    targets = {APP: 8080, **({"https": 8443} if settings.https else {})}
    ports = [_port(machine.ports[key], target) for key, target in targets.items() if key in machine.ports]
    return {"build": build, **_trusting(machine, settings, composer=True), **_published(ports)}


def _service(name: str, settings: Settings, machine: Machine) -> dict[str, Any]:
    service: dict[str, Any] = {}
    if SERVICES[name].process is not None:
        service.update(_trusting(machine, settings, composer=True))
    elif name == "vite":
        service.update(_trusting(machine, settings, composer=False))
        port = machine.ports.get("vite")
        extra: dict[str, Any] = {} if port is None else {"VITE_PORT": str(port)}
        if machine.polling:
            extra["CHOKIDAR_USEPOLLING"] = "true"
        if extra:
            service["environment"] = {**service.get("environment", {}), **extra}
    image = SERVICES[name].image
    if image is not None and image in machine.bases:
        service["image"] = machine.bases[image]
    published = settings.published_ports()
    ports = []
    for key in SERVICES[name].ports:
        if key in machine.ports:
            # Vite's port is the same inside: public/hot names it.
            target = machine.ports[key] if key == "vite" else published[key]
            ports.append(_port(machine.ports[key], target))
    return {**service, **_published(ports)}


def _trusting(machine: Machine, settings: Settings, *, composer: bool) -> dict[str, Any]:
    """User, and what this machine trusts and how it reaches out, for a development container."""
    trust = machine.trust
    volumes: list[Any] = [
        _mount(trust.secrets[name], target)
        for name, target in (_COMPOSER_FILES if composer else NODE_FILES).items()
        if name in trust.secrets
    ]
    environment: dict[str, Any] = {}
    if trust.ca is not None:
        environment["NODE_EXTRA_CA_CERTS"] = CA_BUNDLE
    if trust.proxies:
        environment.update(_proxies(settings))
    if not composer:
        environment.update(dict.fromkeys(trust.npm_variables))
    if composer and machine.xdebug:
        environment["XDEBUG_MODE"] = "debug"
    if composer and trust.ssh_agent:
        volumes.append("${SSH_AUTH_SOCK:-/dev/null}:/run/ssh-agent.sock")
        environment["SSH_AUTH_SOCK"] = "/run/ssh-agent.sock"
    service: dict[str, Any] = {"user": f"{machine.uid}:{machine.gid}"}
    if environment:
        service["environment"] = environment
    if volumes:
        service["volumes"] = volumes
    return service


def _proxies(settings: Settings) -> dict[str, str | None]:
    """A proxy is for the outside: the stack's own services are reached without it."""
    near = ",".join((*_NEAR, APP, *settings.all_services))
    # Programs read one spelling and not the other, so each holds what the machine says in either.
    exempt = "".join([near, *(f"${{{name}:+,${name}}}" for name in _NO_PROXY)])
    return {**dict.fromkeys(PROXY_VARIABLES), **dict.fromkeys(_NO_PROXY, exempt)}


def _published(ports: list[str]) -> dict[str, Any]:
    return {"ports": _Replaced(ports)} if ports else {}


def _mount(source: Path, target: str) -> dict[str, Any]:
    """A file of the host, read-only. The long form: the short one splits at every colon of a path."""
    return {"type": "bind", "source": _literal(source), "target": target, "read_only": True}


def _port(host: int, target: int) -> str:
    return f"127.0.0.1:{host}:{target}"


def _literal(path: Path) -> str:
    """A path that Compose reads as it stands: `$` starts an interpolation, so it is doubled."""
    return str(path).replace("$", "$$")


def _dump(document: dict[str, Any]) -> str:
    import yaml  # imported here: only writing needs it

    class Dumper(yaml.SafeDumper):
        pass

    def replaced(dumper: yaml.SafeDumper, value: _Replaced) -> yaml.Node:
        return dumper.represent_sequence("!override", list(value))

    def nothing(dumper: yaml.SafeDumper, _: None) -> yaml.Node:
        return dumper.represent_scalar("tag:yaml.org,2002:null", "")

    Dumper.add_representer(_Replaced, replaced)
    Dumper.add_representer(type(None), nothing)
    text: str = yaml.dump(document, Dumper=Dumper, sort_keys=False, width=10_000, allow_unicode=True)
    return text
