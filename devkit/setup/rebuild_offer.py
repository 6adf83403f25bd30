"""Which files ask for another image or other containers: saved since `devkit up` has last taken them up."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from devkit.laravel.reactions import REBUILD_FILES
from devkit.project.paths import ProjectPaths
from devkit.project.state import remember

_FILE = "taken-up.json"


def remember_taken_up(paths: ProjectPaths) -> None:
    """Write down what the files are now: call it when image and containers were made of them."""
    remember(paths, _FILE, json.dumps(_digests(paths.root)) + "\n")


def files_to_take_up(paths: ProjectPaths) -> tuple[str, ...]:
    """The files whose text is another than the running containers were made of; none where that is not known."""
    try:
        known = dict(json.loads((paths.state / _FILE).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return ()
    return tuple(name for name, digest in _digests(paths.root).items() if known.get(name, digest) != digest)


def is_known(paths: ProjectPaths) -> bool:
    """Whether anything has been written down."""
    return (paths.state / _FILE).is_file()


def _digests(root: Path) -> dict[str, str]:
    return {name: _digest(root / name) for name in REBUILD_FILES}


def _digest(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return "-"
