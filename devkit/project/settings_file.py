"""devkit.toml: settings read and written. What a person wrote around them (comments, order) stays."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from devkit.project.errors import UsageError
from devkit.project.files import write_atomically
from devkit.project.paths import SETTINGS_FILE
from devkit.project.services import DATABASES
from devkit.project.settings import DeploySettings, NodeSettings, PhpSettings, SecretsSettings, Settings

SCHEMA = 1

_TABLES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "project": frozenset({"name", "https"}),
        "php": frozenset({"version", "mode", "workers", "jit", "watch", "extensions", "packages"}),
        "node": frozenset({"version", "package_manager"}),
        "services": frozenset({"database", "with"}),
        "secrets": frozenset({"source", "project", "config", "runtime"}),
        "deploy": frozenset({"load", "contexts"}),
    }
)
_OPEN_TABLES = frozenset({"ports", "hooks", "commands"})


def read_settings(path: Path) -> Settings:
    """Read devkit.toml. UsageError names the line or the key that is wrong; OSError passes through."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise _unreadable(path.name, error) from error
    return parse_settings(text, source=path.name)


def settings_from(document: Mapping[str, Any], *, source: str) -> Settings:
    """Settings from a parsed devkit.toml; `source` is named in errors."""
    schema = document.get("schema", SCHEMA)
    if schema != SCHEMA:
        raise UsageError(f"{source} has schema {schema!r}", f"this devkit reads schema {SCHEMA}; update devkit")
    for table, value in document.items():
        if table == "schema":
            continue
        if table not in _TABLES and table not in _OPEN_TABLES:
            known = ", ".join(sorted({*_TABLES, *_OPEN_TABLES}))
            raise UsageError(f"{source}: unknown setting [{table}]", f"the tables are: {known}")
        if not isinstance(value, dict):
            raise UsageError(f"{source}: {table} is not a table", f"write it as [{table}]")
        unknown = sorted(set(value) - _TABLES[table]) if table in _TABLES else []
        if unknown:
            known = ", ".join(sorted(_TABLES[table]))
            raise UsageError(f"{source}: unknown setting {table}.{unknown[0]}", f"[{table}] takes: {known}")
    project, services = document.get("project", {}), document.get("services", {})
    if "name" not in project:
        raise UsageError(f"{source}: project.name is missing", 'add name = "..." under [project]')
    try:
        return Settings(
            name=_typed(project, "project.name", str),
            https=_typed(project, "project.https", bool, default=False),
            database=_database(services),
            services=_strings(services, "services.with"),
            php=_php(document.get("php", {})),
            node=_node(document.get("node", {})),
            secrets=_secrets(document.get("secrets", {})),
            deploy=_deploy(document.get("deploy", {})),
            ports=dict(document.get("ports", {})),
            hooks={name: _commands(name, value) for name, value in document.get("hooks", {}).items()},
            commands={name: _command(name, value) for name, value in document.get("commands", {}).items()},
        )
    except UsageError as error:
        raise UsageError(f"{source}: {error.message}", error.hint) from error


def parse_settings(text: str, *, source: str) -> Settings:
    """The settings that a text of devkit.toml holds; `source` is named in the UsageError for one that is broken."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _unreadable(source, error) from error
    return settings_from(document, source=source)


def _unreadable(source: str, error: ValueError) -> UsageError:
    return UsageError(f"{source} cannot be read: {error}", "correct the file, then try again")


def keys_in(text: str) -> frozenset[str]:
    """The settings (`php.workers`) that a text of devkit.toml names; none of a text that is broken."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return frozenset()
    tables = {name: value for name, value in document.items() if isinstance(value, dict)}
    return frozenset(f"{table}.{key}" for table, entries in tables.items() for key in entries)


def write_settings(path: Path, settings: Settings) -> bool:
    """Write devkit.toml, keeping comments and unknown order; False if nothing had to change."""
    old = path.read_text(encoding="utf-8") if path.exists() else None
    new = settings_text(old, settings)
    if new == old:
        return False
    write_atomically(path, new)
    return True


def settings_text(old: str | None, settings: Settings) -> str:
    """The text of devkit.toml for these settings; `old` (None: there is none) as it is where it says the same."""
    import tomlkit  # imported here: reading settings must stay cheap

    if old is not None and parse_settings(old, source=SETTINGS_FILE) == settings:
        return old
    document = tomlkit.parse(old) if old is not None else _fresh_document()
    document["schema"] = SCHEMA
    values: dict[str, dict[str, Any]] = {
        "project": {"name": settings.name, "https": settings.https},
        "php": {
            "version": settings.php.version,
            "mode": settings.php.mode,
            "workers": settings.php.workers,
            "jit": settings.php.jit,
            "watch": settings.php.watch,
            "extensions": list(settings.php.extensions),
            "packages": list(settings.php.packages),
        },
        "node": {"version": settings.node.version, "package_manager": settings.node.package_manager},
        "services": {"database": settings.database, "with": list(settings.services)},
        "secrets": _secrets_table(settings.secrets, asked="secrets" in document),
        "deploy": _deploy_table(settings.deploy),
        "ports": dict(settings.ports),
        "hooks": {name: list(lines) for name, lines in settings.hooks.items()},
        "commands": dict(settings.commands),
    }
    for table, entries in values.items():
        if not entries and table not in document:
            continue
        target: Any = document.get(table)
        if target is None:
            target = document[table] = tomlkit.table()
        for key, value in entries.items():
            if target.get(key) != value:
                target[key] = value
        if table in _OPEN_TABLES or table in ("secrets", "deploy"):
            for key in [key for key in target if key not in entries]:
                del target[key]
    return tomlkit.dumps(document)


def _fresh_document() -> Any:
    import tomlkit

    document = tomlkit.document()
    document.add(tomlkit.comment("Settings of this project for devkit; `devkit config` changes them."))
    return document


def _database(table: Mapping[str, Any]) -> str:
    """The database: where none is named, one that stands among the services."""
    named = [name for name in _strings(table, "services.with") if name in DATABASES]
    text: str = _typed(table, "services.database", str, default=named[0] if named else "sqlite")
    return text


def _php(table: Mapping[str, Any]) -> PhpSettings:
    default = PhpSettings()
    return PhpSettings(
        version=_typed(table, "php.version", str, default=default.version),
        mode=_typed(table, "php.mode", str, default=default.mode),
        workers=_typed(table, "php.workers", int, default=default.workers),
        jit=_typed(table, "php.jit", str, default=default.jit),
        watch=_typed(table, "php.watch", str, default=default.watch),
        extensions=_strings(table, "php.extensions"),
        packages=_strings(table, "php.packages"),
    )


def _node(table: Mapping[str, Any]) -> NodeSettings:
    default = NodeSettings()
    return NodeSettings(
        version=_typed(table, "node.version", str, default=default.version),
        package_manager=_typed(table, "node.package_manager", str, default=default.package_manager),
    )


def _secrets(table: Mapping[str, Any]) -> SecretsSettings:
    default = SecretsSettings()
    return SecretsSettings(
        source=_typed(table, "secrets.source", str, default=default.source),
        project=_typed(table, "secrets.project", str, default=default.project),
        config=_typed(table, "secrets.config", str, default=default.config),
        runtime=_typed(table, "secrets.runtime", bool, default=default.runtime),
    )


def _secrets_table(secrets: SecretsSettings, *, asked: bool) -> dict[str, Any]:
    """What is written: nothing where nobody chose anything, and Doppler's names only where they are known."""
    if secrets == SecretsSettings() and not asked:
        return {}
    named = {"project": secrets.project, "config": secrets.config}
    return {"source": secrets.source, **{key: name for key, name in named.items() if name}, "runtime": secrets.runtime}


def _deploy(table: Mapping[str, Any]) -> DeploySettings:
    contexts = _typed(table, "deploy.contexts", dict, default={})
    return DeploySettings(
        load=_typed(table, "deploy.load", str, default=""),
        contexts={name: _typed(contexts, f"deploy.contexts.{name}", str) for name in contexts},
    )


def _deploy_table(deploy: DeploySettings) -> dict[str, Any]:
    """Nothing where nobody chose anything."""
    contexts = {"contexts": dict(deploy.contexts)} if deploy.contexts else {}
    return {**({"load": deploy.load} if deploy.load else {}), **contexts}


def _typed(table: Mapping[str, Any], key: str, kind: type, *, default: Any = None) -> Any:
    value = table.get(key.rpartition(".")[2], default)
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        names = {str: "a text in quotes", bool: "true or false", int: "a whole number", dict: "a table"}
        raise UsageError(f"{key} is {value!r}", f"give {names[kind]}")
    return value


def _strings(table: Mapping[str, Any], key: str) -> tuple[str, ...]:
    value = table.get(key.rpartition(".")[2], [])
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise UsageError(f"{key} is {value!r}", 'give a list of texts, such as ["gd", "intl"]')
    return tuple(value)


def _commands(name: str, value: object) -> tuple[str, ...]:
    lines = [value] if isinstance(value, str) else value
    if not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
        raise UsageError(f"hooks.{name} is {value!r}", "give a command, or a list of commands")
    return tuple(lines)


def _command(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise UsageError(f"commands.{name} is {value!r}", "give a command as a text")
    return value
