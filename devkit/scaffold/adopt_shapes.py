"""Whether a Compose file has the shapes that Compose takes: what reads it further can rely on them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from devkit.project.errors import UsageError

_Types = tuple[type, ...]
_TOP: Mapping[str, _Types] = {
    **dict.fromkeys(("services", "volumes", "networks", "secrets", "configs"), (dict,)),
    "include": (list,),
}
_SERVICE: Mapping[str, _Types] = {
    "image": (str,),
    **dict.fromkeys(("command", "entrypoint", "env_file"), (str, list)),
    **dict.fromkeys(("build", "extends"), (str, dict)),
    **dict.fromkeys(("environment", "depends_on", "networks"), (list, dict)),
    **dict.fromkeys(("ports", "volumes", "secrets", "configs"), (list,)),
}
_ENTRY: Mapping[str, _Types] = {
    "ports": (str, int, float, dict),
    **dict.fromkeys(("volumes", "secrets", "configs", "env_file"), (str, dict)),
    **dict.fromkeys(("depends_on", "networks"), (str,)),
}
_SAID: Mapping[type, str] = {dict: "mapping", list: "list", str: "text", int: "number"}


def check_shapes(document: Mapping[str, Any], file: str) -> None:
    """UsageError naming the first place that is no Compose file's; what is empty may stand anywhere."""
    _check_ends(document, file, "", (), set())
    for key, types in _TOP.items():
        _check(document.get(key), types, file, key)
    for name, service in (document.get("services") or {}).items():
        _check(service, (dict,), file, f"services.{name}")
        for key, types in _SERVICE.items():
            value = (service or {}).get(key)
            _check(value, types, file, f"services.{name}.{key}")
            if isinstance(value, list) and key in _ENTRY:
                for number, entry in enumerate(value):
                    _check(entry, _ENTRY[key], file, f"services.{name}.{key}[{number}]")


def _check(value: Any, types: _Types, file: str, place: str) -> None:
    if value is not None and (not isinstance(value, types) or isinstance(value, bool)):
        expected = " or ".join(dict.fromkeys(_SAID[kind] for kind in types if kind in _SAID))
        raise UsageError(f"{file} cannot be used: {place} is no {expected}", "correct the file, then try again")


def _check_ends(value: Any, file: str, place: str, above: tuple[int, ...], whole: set[int]) -> None:
    """An alias (`&a [*a]`) may hold itself, and whoever walks through it never comes back.

    `whole` are the parts that were walked through already: aliases of aliases would be walked very often.
    """
    if id(value) in above:
        raise UsageError(f"{file} cannot be used: {place} holds itself", "take the alias out, then try again")
    if not isinstance(value, (dict, list)) or id(value) in whole:
        return
    entries = value.items() if isinstance(value, dict) else enumerate(value)
    for key, entry in entries:
        inside = f"{place}[{key}]" if isinstance(value, list) else f"{place}.{key}".lstrip(".")
        _check_ends(entry, file, inside, (*above, id(value)), whole)
    whole.add(id(value))
