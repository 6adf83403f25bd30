"""What the Doppler CLI knows for a directory: its login (`doppler login`), and the project and config set up there.

The CLI is asked rather than its file read: it knows which directory's entry counts, and where a token is in a keyring.
"""

from __future__ import annotations

import json
import os
import select
import shutil
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from devkit.engine.children import end_children

SECONDS = 3.0
"""For one answer. The CLI takes 70 ms, and longer where it reports its own use over a network that is not there."""

_LONGEST = 64 * 1024


def login_token(environ: Mapping[str, str], directory: Path, *, seconds: float = SECONDS) -> str | None:
    """The token of the CLI's login for this directory; None without the CLI, without a login, and where it hangs."""
    said = _ask(["token", "--plain"], environ, directory, seconds)
    return said.strip() or None


def chosen_config(environ: Mapping[str, str], directory: Path, *, seconds: float = SECONDS) -> tuple[str, str]:
    """Project and config that `doppler setup` chose for this directory; both empty where it did not."""
    said = _ask(["enclave.project", "enclave.config", "--json"], environ, directory, seconds)
    try:
        values = json.loads(said)
        project, config = values["enclave.project"], values["enclave.config"]
    except (ValueError, TypeError, KeyError):
        return "", ""
    return (project, config) if isinstance(project, str) and isinstance(config, str) else ("", "")


def _ask(options: Sequence[str], environ: Mapping[str, str], directory: Path, seconds: float) -> str:
    """The line that `doppler configure get` prints; empty without one.

    Once the line is there, the program is ended: the rest of its time goes into reporting its use to Doppler. What it
    says on stderr may hold anything, and is read by nobody.
    """
    program = shutil.which("doppler", path=environ.get("PATH", os.defpath))
    if program is None:
        return ""
    command = [program, "configure", "get", *options, "--scope", str(directory), "--no-check-version"]
    try:
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=dict(environ),
            process_group=0,
        )
    except OSError:  # not for this machine, or no program at all
        return ""
    assert child.stdout is not None
    try:
        return _line(child.stdout.fileno(), seconds)
    finally:
        child.stdout.close()
        end_children([child], 1.0)


def _line(descriptor: int, seconds: float) -> str:
    """The first line, if it is whole in time."""
    end = time.monotonic() + seconds
    read = b""
    while b"\n" not in read and len(read) < _LONGEST:
        ready, _, _ = select.select([descriptor], [], [], max(0.0, end - time.monotonic()))
        part = os.read(descriptor, 4096) if ready else b""
        if not part:
            break
        read += part
    line, newline, _ = read.partition(b"\n")
    return line.decode("utf-8", "replace") if newline else ""
