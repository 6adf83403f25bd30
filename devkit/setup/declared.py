"""The services that a project's Compose files declare, remembered until one of the files changes.

YAML takes longer to load and to read than the engine takes to say what runs: the first rows of the UI wait for neither.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from devkit.engine.compose_order import Declared, compose_files, declared_in
from devkit.project.paths import ProjectPaths
from devkit.project.state import remember

_FILE = "services.json"

Stamps = dict[str, list[int]]
"""Path -> size and time of the last change in nanoseconds; nothing for a file that is not there."""


def declared_services_of(paths: ProjectPaths) -> tuple[Declared, ...]:
    """The services in the files' order, those of profiles among them."""
    with suppress(OSError, ValueError, KeyError, TypeError, AttributeError):  # lost or edited: the files are read
        known = json.loads((paths.state / _FILE).read_text(encoding="utf-8"))
        if known["files"] == _stamps(map(Path, known["files"])):
            return tuple(Declared(str(name), tuple(map(str, profiles))) for name, profiles in known["services"])
    files = compose_files(paths.root)
    stamps = _stamps(files)
    services = declared_in(files)
    with suppress(OSError):
        content = {"files": stamps, "services": [[service.name, service.profiles] for service in services]}
        remember(paths, _FILE, json.dumps(content) + "\n")
    return services


def _stamps(files: Iterable[Path]) -> Stamps:
    stamps: Stamps = {}
    for path in files:
        try:
            found = path.stat()
            stamps[str(path)] = [found.st_size, found.st_mtime_ns]
        except OSError:
            stamps[str(path)] = []
    return stamps
