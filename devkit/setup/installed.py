"""Whether vendor/ holds what composer.lock says: a pull brings a newer one, and vendor/ is in no repository."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any


def lock_is_installed(root: Path) -> bool:
    """True where every package of composer.lock is in vendor/ by version and commit, and without a composer.lock.

    A lock or a list that cannot be read is no match: Composer itself says what is wrong with it.
    """
    lock = root / "composer.lock"
    if not lock.is_file():
        return True
    try:
        locked = json.loads(lock.read_bytes())
        present = json.loads((root / "vendor" / "composer" / "installed.json").read_bytes())
        wanted = _versions(locked["packages"])
        if present.get("dev", True):  # installed without --no-dev
            wanted |= _versions(locked.get("packages-dev") or ())
        return wanted == _versions(present["packages"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def _versions(packages: Iterable[dict[str, Any]]) -> set[tuple[str, str, str | None]]:
    found = set()
    for package in packages:
        origin = package.get("dist") or package.get("source") or {}
        found.add((package["name"], package["version"], origin.get("reference")))
    return found
