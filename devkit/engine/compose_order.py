"""The services that a Compose file declares, in its order: what Compose itself says of them is sorted by name."""

from __future__ import annotations

from dataclasses import dataclass

from devkit.project.errors import UsageError


@dataclass(frozen=True)
class Declared:
    """A service of a Compose file; one with `profiles` starts only when one of them, or itself, is named."""

    name: str
    profiles: tuple[str, ...] = ()


def declared_services(text: str, file: str = "compose.yaml") -> tuple[Declared, ...]:
    """The services of a Compose file's text, without those that it includes; UsageError where it is no YAML.

    Only its structure is read: variables need no values, and tags such as `!reset` no meaning.
    """
    import yaml  # imported here: few need it

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        root = yaml.compose(text, Loader=loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        raise UsageError(f"{file} is no YAML{where}", "docker compose config says more") from error
    return tuple(Declared(name, _profiles(service)) for name, service in _entries(_entry(root, "services")))


def _entries(node: object) -> list[tuple[str, object]]:
    """The keys and values of a mapping; none of anything else."""
    import yaml

    if not isinstance(node, yaml.MappingNode):
        return []
    return [(str(key.value), value) for key, value in node.value if isinstance(key, yaml.ScalarNode)]


def _entry(node: object, name: str) -> object:
    return next((value for key, value in _entries(node) if key == name), None)


def _profiles(service: object) -> tuple[str, ...]:
    import yaml

    found = _entry(service, "profiles")
    if not isinstance(found, yaml.SequenceNode):
        return ()
    return tuple(str(item.value) for item in found.value if isinstance(item, yaml.ScalarNode))
