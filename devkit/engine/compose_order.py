"""The services that Compose files declare, in their order: what Compose itself says of them is sorted by name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from devkit.project.errors import UsageError

_FILE = "compose.yaml"
_OVERRIDE = "compose.override.yaml"


@dataclass(frozen=True)
class Declared:
    """A service of a Compose file; one with `profiles` starts only when one of them, or itself, is named."""

    name: str
    profiles: tuple[str, ...] = ()


def compose_files(directory: Path) -> tuple[Path, ...]:
    """A project's Compose files, there or not: compose.yaml, what it includes, its override."""
    return (*_with_included(directory / _FILE, set()), directory / _OVERRIDE)


def declared_in(files: Iterable[Path]) -> tuple[Declared, ...]:
    """The services of a project's Compose files.

    A file that is missing, cannot be read or is no YAML declares none: `devkit doctor` says why.
    """
    found: dict[str, tuple[str, ...]] = {}
    for path in files:
        for service in _declared(path):
            found[service.name] = tuple(dict.fromkeys((*found.get(service.name, ()), *service.profiles)))
    return tuple(Declared(name, profiles) for name, profiles in found.items())


def declared_services(text: str, file: str = _FILE) -> tuple[Declared, ...]:
    """The services of a Compose file's text, without those that it includes; UsageError where it is no YAML.

    Only its structure is read: variables need no values, and tags such as `!reset` no meaning.
    """
    services = _entry(_root(text, file), "services")
    return tuple(Declared(name, tuple(_texts(_entry(service, "profiles")))) for name, service in _entries(services))


def _declared(path: Path) -> tuple[Declared, ...]:
    try:
        return declared_services(path.read_text(encoding="utf-8"), path.name)
    except (OSError, ValueError, UsageError):
        return ()


def _with_included(path: Path, seen: set[Path]) -> Iterator[Path]:
    """A file and the files that it includes, which name others relative to where they lie themselves."""
    if path in seen:
        return
    seen.add(path)
    yield path
    try:
        root = _root(path.read_text(encoding="utf-8"), path.name)
    except (OSError, ValueError, UsageError):
        return
    for name in _included(_entry(root, "include")):
        yield from _with_included(path.parent / name, seen)


def _included(node: object) -> list[str]:
    """`include:` is a list of paths, or of objects with one or several of them as `path`."""
    names = _texts(node)
    for item in _items(node):
        path = _entry(item, "path")
        names += [*_text(path), *_texts(path)]
    return names


def _root(text: str, file: str) -> object:
    import yaml  # imported here: few need it

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return yaml.compose(text, Loader=loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        raise UsageError(f"{file} is no YAML{where}", "docker compose config says more") from error


def _entries(node: object) -> list[tuple[str, object]]:
    """The keys and values of a mapping; none of anything else."""
    import yaml

    if not isinstance(node, yaml.MappingNode):
        return []
    return [(str(key.value), value) for key, value in node.value if isinstance(key, yaml.ScalarNode)]


def _entry(node: object, name: str) -> object:
    return next((value for key, value in _entries(node) if key == name), None)


def _items(node: object) -> list[object]:
    import yaml

    return list(node.value) if isinstance(node, yaml.SequenceNode) else []


def _text(node: object) -> list[str]:
    import yaml

    return [str(node.value)] if isinstance(node, yaml.ScalarNode) else []


def _texts(node: object) -> list[str]:
    """The texts of a list; what else stands in it is left out."""
    return [text for item in _items(node) for text in _text(item)]
