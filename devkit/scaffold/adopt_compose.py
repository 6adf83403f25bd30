"""An existing Compose set-up, Sail's above all: what devkit has a service for, and what is carried over."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from devkit.project.errors import UsageError
from devkit.project.services import SERVICES
from devkit.scaffold.adopt_left_out import left_out
from devkit.scaffold.adopt_ports import local_port
from devkit.scaffold.adopt_shapes import check_shapes

COMPOSE_FILES = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")
"""In the order in which Compose looks for them; it takes the first."""

OVERRIDE_FILES = (
    "compose.override.yml",
    "compose.override.yaml",
    "docker-compose.override.yml",
    "docker-compose.override.yaml",
)

ADOPTED_FILE = "docker/compose.adopted.yaml"
"""Services that a project had before devkit and that devkit has none for."""

ADOPTED_HEADER = """\
# Written by devkit once, from the former Compose file: services that devkit has none of its own for. Yours to change.
# Paths are relative to this file's directory.
"""

_BY_IMAGE: Mapping[str, str] = {
    **dict.fromkeys(("mysql", "mysql-server", "percona", "percona-server"), "mysql"),
    "mariadb": "mariadb",
    **dict.fromkeys(("postgres", "postgresql"), "pgsql"),
    **dict.fromkeys(("redis", "redis-stack-server"), "redis"),
    "valkey": "valkey",
    "memcached": "memcached",
    "rabbitmq": "rabbitmq",
    **dict.fromkeys(("mailpit", "mailhog", "mailcatcher"), "mailpit"),
    "meilisearch": "meilisearch",
    "typesense": "typesense",
    **dict.fromkeys(("minio", "rustfs"), "s3"),
    **dict.fromkeys(("mongo", "mongodb", "mongodb-atlas-local", "mongodb-community-server"), "mongodb"),
    **dict.fromkeys(("standalone-chrome", "standalone-chromium", "standalone-firefox", "seleniarm"), "selenium"),
    "soketi": "reverb",
}
_WEB_IMAGES = ("nginx", "apache", "httpd", "caddy", "php", "frankenphp", "composer", "traefik", "node")
_PROCESSES = (
    (re.compile(r"queue:(?:work|listen)|\bhorizon\b"), "queue"),
    (re.compile(r"schedule:(?:work|run)"), "scheduler"),
    (re.compile(r"reverb:start"), "reverb"),
    (re.compile(r"(?:npm|pnpm|yarn|bun)\s+(?:run\s+)?dev\b|\bvite\b"), "vite"),
)


@dataclass(frozen=True)
class ComposeFacts:
    """`services` are devkit's names; `foreign` is kept as it stands; `replaced` are what devkit's `app` does;
    `left_out` says what does not come along.
    """

    file: str
    sail: bool = False
    php_version: str | None = None
    services: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()
    foreign: tuple[str, ...] = ()
    adopted_text: str | None = None
    left_out: tuple[str, ...] = ()


def read_compose(root: Path, files: tuple[str, ...]) -> ComposeFacts | None:
    """None if there is no file; UsageError with the line for one that is broken.

    `files` are the Compose files of the person (devkit's own left out), overrides after what they override.
    """
    documents = [read_yaml(root / name) for name in files]
    if not documents:
        return None
    for name, document in zip(files, documents, strict=True):
        check_shapes(document, name)
    merged: dict[str, Any] = {}
    for document in documents:
        _merge(merged, document)
    services = {str(name): service for name, service in _table(merged, "services").items() if isinstance(service, dict)}
    known: dict[str, str] = {}
    replaced: list[str] = []
    for name, service in services.items():
        process = _process(service)
        mapped = process or _BY_IMAGE.get(_image_name(service))
        if mapped:
            known[name] = mapped
        elif _is_application(name, service):
            replaced.append(name)
    foreign = {name: service for name, service in services.items() if name not in {*known, *replaced}}
    runtimes = re.findall(r"sail/runtimes/(\d\.\d)", str([service.get("build") for service in services.values()]))
    return ComposeFacts(
        file=files[0],
        sail="laravel.test" in services or bool(runtimes),
        php_version=runtimes[0] if runtimes else None,
        services=tuple(name for name in SERVICES if name in known.values()),
        replaced=tuple(replaced),
        foreign=tuple(foreign),
        adopted_text=_adopted(merged, foreign, known) if foreign else None,
        left_out=tuple(left_out(merged, tuple(replaced), known)),
    )


def read_yaml(path: Path) -> dict[str, Any]:
    """The mapping in a YAML file, as `parse_yaml` reads it."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"{path.name} cannot be read: {error}", "correct the file, then try again") from None
    return parse_yaml(text, path)


def parse_yaml(text: str, path: Path) -> dict[str, Any]:
    """The mapping in a YAML text, Compose's own tags (`!reset`) ignored; UsageError with the line if broken."""
    import yaml  # imported here: most projects have nothing to adopt

    class Loader(yaml.SafeLoader):
        """Reads what a person wrote; an unknown tag counts as its plain value."""

    def plain(loader: yaml.SafeLoader, _suffix: str, node: yaml.Node) -> Any:
        if isinstance(node, yaml.MappingNode):
            return loader.construct_mapping(node, deep=True)
        if isinstance(node, yaml.SequenceNode):
            return loader.construct_sequence(node, deep=True)
        return loader.construct_scalar(node) if isinstance(node, yaml.ScalarNode) else None

    Loader.add_multi_constructor("!", plain)
    try:
        document = yaml.load(text, Loader=Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"line {mark.line + 1}: " if mark else ""
        raise UsageError(
            f"{path.name} cannot be read: {where}{error.problem}", "correct the file, then try again"
        ) from None
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise UsageError(
            f"{path.name} cannot be read: {str(error).splitlines()[0]}", "correct the file, then try again"
        ) from None
    if document is None:
        return {}
    if not isinstance(document, dict):
        raise UsageError(f"{path.name} cannot be read: line 1 is no mapping", "correct the file, then try again")
    return document


def _merge(base: dict[str, Any], other: Mapping[str, Any]) -> None:
    for key, value in other.items():
        present = base.get(key)
        if isinstance(present, dict) and isinstance(value, dict):
            _merge(present, value)
        elif isinstance(present, list) and isinstance(value, list):
            base[key] = [*present, *(item for item in value if item not in present)]
        else:
            base[key] = value


def _table(document: Mapping[str, Any], key: str) -> dict[str, Any]:
    value = document.get(key)
    return value if isinstance(value, dict) else {}


def _image_name(service: Mapping[str, Any]) -> str:
    """The last part of the image's name: `${DB_IMAGE:-mysql/mysql-server:8.0}` is `mysql-server`."""
    image = re.sub(r"\$\{\w+(?::?[-+?]([^}]*))?\}", r"\1", str(service.get("image", "")))
    return re.split(r"[:@]", image.rsplit("/", 1)[-1])[0].lower()


def _process(service: Mapping[str, Any]) -> str | None:
    text = " ".join(_words(service.get("entrypoint")) + _words(service.get("command")))
    return next((name for pattern, name in _PROCESSES if pattern.search(text)), None)


def _words(value: Any) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else [str(value)] if value else []


def _is_application(name: str, service: Mapping[str, Any]) -> bool:
    """Whether it serves the project's own sources, which devkit's `app` does from now on."""
    if name == "laravel.test" or "laravel/sail" in str(service.get("build")):
        return True
    sources = [str(item.get("source") if isinstance(item, dict) else item) for item in service.get("volumes") or ()]
    mounts_project = any(re.match(r"(?:\.|\./|\$\{?PWD\}?)(?::|$)", source) for source in sources)
    image = _image_name(service)
    return mounts_project and ("build" in service or any(web in image for web in _WEB_IMAGES))


def _adopted(document: Mapping[str, Any], foreign: Mapping[str, Any], known: Mapping[str, str]) -> str:
    """compose.adopted.yaml: the foreign services and the volumes, networks, secrets and configs that they name."""
    import yaml

    class Dumper(yaml.SafeDumper):
        """Writes every value out: an anchor would tie services together that were not."""

        def ignore_aliases(self, _data: Any) -> bool:
            return True

    names = {name: _free_name(name) for name in foreign}
    everyone = {**known, **names}
    services = {names[name]: _kept(service, everyone) for name, service in foreign.items()}
    result: dict[str, Any] = {"services": services}
    for section in ("volumes", "networks", "secrets", "configs"):
        declared = _table(document, section)
        used = {used for service in services.values() for used in _used(service, section)}
        kept = {name: _declared(declared[name]) for name in declared if name in used}
        if kept:
            result[section] = kept
    return ADOPTED_HEADER + yaml.dump(result, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=110)


def _declared(value: Any) -> Any:
    """A declaration; the file of a secret or a config is a path too."""
    return {**value, "file": _moved(value["file"], bare=True)} if isinstance(value, dict) and "file" in value else value


def _free_name(name: str) -> str:
    """The name without dots (they break builds in newer Compose), and none that a devkit service has."""
    plain = name.replace(".", "-")
    return f"{plain}-adopted" if plain == "app" or plain in SERVICES else plain


def _kept(service: Mapping[str, Any], everyone: Mapping[str, str]) -> dict[str, Any]:
    kept = dict(service)
    if "ports" in kept:
        kept["ports"] = [local_port(entry) for entry in kept["ports"] or ()]
    _move_paths(kept)
    needs = kept.pop("depends_on", None)
    if isinstance(needs, dict):
        needs = {everyone[name]: how for name, how in needs.items() if name in everyone}
    elif isinstance(needs, list):
        needs = list(dict.fromkeys(everyone[name] for name in needs if name in everyone))
    if needs:
        kept["depends_on"] = needs
    networks = kept.pop("networks", None)
    if isinstance(networks, dict):
        networks = {name: how for name, how in networks.items() if name != "sail"}
        kept.update({"networks": {"default": None, **networks}} if networks else {})
    elif networks and (others := [name for name in networks if name != "sail"]):
        # devkit's own services are on the default network, and have to reach it.
        kept["networks"] = list(dict.fromkeys(["default", *others]))
    return kept


def _move_paths(service: dict[str, Any]) -> None:
    """Relative paths as they read from docker/: `include` resolves them against the file that names them."""
    build = service.get("build")
    if isinstance(build, dict):
        service["build"] = {**build, "context": _moved(build.get("context", "."), bare=True)}
    elif build is not None:
        service["build"] = _moved(build, bare=True)
    if service.get("volumes"):
        service["volumes"] = [_moved_volume(entry) for entry in service["volumes"]]
    files = service.get("env_file")
    if isinstance(files, list):
        service["env_file"] = [
            {**entry, "path": _moved(entry.get("path"), bare=True)}
            if isinstance(entry, dict)
            else _moved(entry, bare=True)
            for entry in files
        ]
    elif files:
        service["env_file"] = _moved(files, bare=True)
    extends = service.get("extends")
    if isinstance(extends, dict) and "file" in extends:
        service["extends"] = {**extends, "file": _moved(extends["file"], bare=True)}


def _moved_volume(entry: Any) -> Any:
    if isinstance(entry, dict):
        return {**entry, "source": _moved(entry["source"])} if entry.get("type") == "bind" else entry
    return _moved(entry)


def _moved(path: Any, *, bare: bool = False) -> str:
    """`./conf` is `../conf` from docker/; with `bare` also `conf`. Absolute ones, URLs and variables stay."""
    text = str(path)
    if re.match(r"/|~|\$|\w+://|git@", text):
        return text
    if re.match(r"\.{1,2}(?:/|:|$)", text):
        return "../" + (text[2:] if text.startswith("./") else text)
    return f"../{text}" if bare else text


def _used(service: Mapping[str, Any], section: str) -> set[str]:
    entries = service.get(section) or ()
    used = set()
    for entry in entries:
        source = entry.get("source") if isinstance(entry, dict) else entry
        used.add(str(source).split(":", 1)[0] if section == "volumes" else str(source))
    return used
