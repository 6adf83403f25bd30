"""What of a former Compose file does not come along on adoption, in words: names and paths, never a value."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from devkit.scaffold.adopt_ports import interpolated, port_parts

_OF_SAIL = re.compile(r"WWW(?:USER|GROUP)|LARAVEL_SAIL|XDEBUG_.*|IGNITION_LOCAL_SITES_PATH|SUPERVISOR_.*|PHP_.*")
"""Variables of Sail's own container."""

_PROJECT = re.compile(r"\.|\./|\$\{?PWD\}?")
_SERVED = frozenset({"80", "443", "8000", "8080", "8443", "9000", "5173"})
"""Ports inside a former web container that devkit's app and Vite have anyway; 9000 is PHP-FPM's."""


def left_out(document: Mapping[str, Any], replaced: tuple[str, ...], known: Mapping[str, str]) -> Iterator[str]:
    """A line for `include:`, one for every service that devkit's `app` takes the place of, and one for each of
    devkit's own services whose former one had files mounted. `known` maps former names to devkit's.
    """
    included = [_path(entry) for entry in document.get("include") or ()]
    if included:
        yield f"include is not carried over: {', '.join(included)}; add it to compose.yaml if it is still wanted"
    for name in replaced:
        service = document["services"][name]
        variables = [key for key in _names(service.get("environment")) if not _OF_SAIL.fullmatch(key)]
        lost = {
            "environment": variables,
            "env_file": [path for path in _env_files(service) if path not in (".env", "./.env")],
            "volumes": [mount for mount in _pairs(service.get("volumes"), "source") if not _is_project(mount)],
            "ports": [port for port in _pairs(service.get("ports"), "published") if _inside(port) not in _SERVED],
        }
        said = [f"{key} ({', '.join(items)})" for key, items in lost.items() if items]
        yield f"devkit's app takes the place of {name}" + (f"; not carried over: {', '.join(said)}" if said else "")
    for name, mapped in known.items():
        mounts = _pairs(document["services"][name].get("volumes"), "source")
        own = [mount for mount in mounts if mount.startswith((".", "/")) and not _is_project(mount)]
        own = [mount for mount in own if "vendor/laravel/sail/" not in mount]
        if own:
            yield f"devkit's {mapped} takes the place of {name}; not carried over: volumes ({', '.join(own)})"


def _path(entry: Any) -> str:
    paths = entry.get("path") if isinstance(entry, dict) else entry
    return ", ".join(map(str, paths)) if isinstance(paths, list) else str(paths)


def _names(value: Any) -> list[str]:
    return [str(entry).partition("=")[0] for entry in value or ()]


def _env_files(service: Mapping[str, Any]) -> list[str]:
    value = service.get("env_file") or []
    return [_path(entry) for entry in (value if isinstance(value, list) else [value])]


def _pairs(entries: Any, outside: str) -> list[str]:
    """Volumes or ports in the short form: outside and inside, a colon between them."""
    return [
        f"{entry.get(outside, '')}:{entry.get('target', '')}" if isinstance(entry, dict) else str(entry)
        for entry in entries or ()
    ]


def _is_project(mount: str) -> bool:
    return bool(_PROJECT.fullmatch(port_parts(mount)[0])) if mount else True


def _inside(port: str) -> str:
    return interpolated(port_parts(port)[-1], {}).partition("/")[0] if port_parts(port) else ""
