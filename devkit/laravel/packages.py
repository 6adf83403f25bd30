"""The packages that a project has by its composer.lock."""

from __future__ import annotations

import json
from pathlib import Path


def locked_packages(root: Path) -> list[str]:
    """Their names, sorted, those for development too; none where there is no lock, or one that cannot be read."""
    try:
        lock = json.loads((root / "composer.lock").read_bytes())
        return sorted(entry["name"] for key in ("packages", "packages-dev") for entry in lock.get(key) or ())
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return []
