"""What git does not keep in a directory."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

_SECONDS = 20.0


def git_ignored(directory: Path) -> list[str]:
    """Files, and directories with a `/` behind, that git ignores there; none without git, or outside a repository."""
    git = shutil.which("git")
    if git is None:
        return []
    listing = ["ls-files", "--others", "--ignored", "--exclude-standard", "--directory", "-z"]
    try:
        done = subprocess.run(
            [git, "-C", str(directory), *listing],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return []
    if done.returncode != 0:
        return []
    return [name for name in done.stdout.decode("utf-8", "surrogateescape").split("\0") if name]
