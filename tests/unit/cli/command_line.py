"""Runs devkit as a process of its own, with an environment that has neither CI nor an agent in it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from devkit.cli.context import AGENT_VARIABLES


def plain_environment(**more: str) -> dict[str, str]:
    hidden = {"CI", "NO_COLOR", *AGENT_VARIABLES}
    return {**{key: value for key, value in os.environ.items() if key not in hidden}, "LC_ALL": "C.UTF-8", **more}


def devkit(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "devkit.entry", *arguments],
        cwd=cwd,
        env=plain_environment(**environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
