"""Runs devkit with an environment that has neither CI nor an agent in it: as a process of its own, or in this one."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
from pathlib import Path
from unittest import mock

from devkit import entry
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


def devkit_here(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """The same in this process, for the many calls whose own start is not what is looked at."""
    out, err = io.StringIO(), io.StringIO()
    with (
        contextlib.chdir(cwd),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        mock.patch.dict(os.environ, plain_environment(**environment), clear=True),
    ):
        status = entry.main(arguments)
    return subprocess.CompletedProcess(arguments, status, out.getvalue(), err.getvalue())
