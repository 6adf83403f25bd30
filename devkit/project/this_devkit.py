"""How this devkit is called again, as a process of its own."""

from __future__ import annotations

import sys
from pathlib import Path


def devkit_command(root: Path, *words: str) -> list[str]:
    """This devkit, called for a project, as it was itself started."""
    isolated = ["-I"] if sys.flags.isolated else []
    return [sys.executable, *isolated, "-m", "devkit.entry", "--project", str(root), *words]
