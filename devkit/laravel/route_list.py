"""The application's routes, kept in .devkit/ until its files change: artisan takes half a second to list them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from devkit.engine.container_exec import run_in
from devkit.engine.docker import Docker
from devkit.laravel.looks import looks_of
from devkit.laravel.routes import Route, parse
from devkit.project.errors import FailedError
from devkit.project.paths import ProjectPaths
from devkit.project.state import remember

SECONDS = 60.0
"""What `artisan route:list` gets."""

_COMMAND = ("php", "artisan", "route:list", "--json", "--no-ansi")
_SCHEMA = 1
_FILE = "routes.json"
_SOURCES = ("composer.lock", "bootstrap/app.php", "bootstrap/providers.php")
_TREES = ("routes", "app/Providers")


async def read_routes(docker: Docker, container: str, root: Path) -> tuple[Route, ...]:
    """The routes that were kept where they are up to date, else those that artisan lists in this container.

    Without a container it is what is known. FailedError where artisan fails, EngineError where the engine goes.
    """
    source, known = await asyncio.to_thread(lambda: (fingerprint(root), kept(root)))
    if known is not None and (known[1] == source or not container):
        return known[0]
    if not container:
        return ()
    done = await run_in(docker, container, _COMMAND, timeout=SECONDS)
    if done.status != 0:
        raise FailedError("artisan route:list failed", "devkit artisan route:list shows why")
    routes = parse(done.stdout.decode(errors="replace"))
    await asyncio.to_thread(keep, root, routes, source)
    return routes


def fingerprint(root: Path) -> str:
    """What the files look like that routes come from: a list of another look is out of date."""
    return looks_of(root, _SOURCES, _TREES)


def keep(root: Path, routes: Iterable[Route], source: str) -> None:
    """Write them to .devkit/, with what their files looked like; OSError passes through."""
    body = {"schema": _SCHEMA, "source": source, "routes": [list(vars(route).values()) for route in routes]}
    remember(ProjectPaths(root), _FILE, json.dumps(body, ensure_ascii=False, separators=(",", ":")))


def kept(root: Path) -> tuple[tuple[Route, ...], str] | None:
    """The routes that were kept last, and what their files looked like; None where there are none of this devkit."""
    try:
        body: dict[str, Any] = json.loads((ProjectPaths(root).state / _FILE).read_bytes())
        if body["schema"] != _SCHEMA:
            return None
        return tuple(Route(tuple(methods), *rest) for methods, *rest in body["routes"]), str(body["source"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
