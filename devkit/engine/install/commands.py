"""Programs of the system, started for the installation: their lines as they come, and their errors."""

from __future__ import annotations

import os
import subprocess
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from devkit.engine.children import close_pipes
from devkit.project.errors import CommandError

OnLine = Callable[[str], None]

# What apt and dpkg say must be readable by this program, and they must never ask.
PLAIN = {"LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"}
KEPT_LINES = 30


def run_lines(
    argv: Sequence[str],
    on_line: OnLine,
    *,
    hint: str = "",
    cwd: Path | None = None,
    pass_fds: Sequence[int] = (),
) -> None:
    """Run a program and hand every line of its output to `on_line`; CommandError with its own complaint.

    The program ends with this one, whatever exception gets in between.
    """
    kept: deque[str] = deque(maxlen=KEPT_LINES)
    try:
        process = subprocess.Popen(
            list(argv),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=cwd,
            env=os.environ | PLAIN,
            pass_fds=tuple(pass_fds),
        )
    except OSError as error:
        raise CommandError(f"{argv[0]} could not be started: {error.strerror}", hint, returncode=127) from error
    try:
        assert process.stdout is not None
        for raw in process.stdout:
            line = raw.decode(errors="replace").rstrip()
            if line:
                kept.append(line)
                on_line(line)
        status = process.wait()
    finally:
        if process.poll() is None:
            with suppress(PermissionError):  # sudo is root's: a Ctrl-C reaches it and what it started by the terminal
                process.terminate()
            process.wait()
        close_pipes(process)
    if status:
        output = "\n".join(kept)
        raise CommandError(
            f"{_shown(argv)} ended with status {status}: {complaint(kept)}",
            hint,
            returncode=status,
            detail=output,
        )


def capture(argv: Sequence[str], *, timeout: float = 60) -> str:
    """What a program prints, or nothing where it is missing or fails."""
    try:
        done = subprocess.run(
            list(argv),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=timeout,
            check=False,
            env=os.environ | PLAIN,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode(errors="replace") if done.returncode == 0 else ""


def complaint(lines: Sequence[str]) -> str:
    """The line that says why: apt's first `E:`, else the last one."""
    errors = [line for line in lines if line.startswith(("E:", "Err:"))]
    return errors[0] if errors else (lines[-1] if lines else "it said nothing")


def _shown(argv: Sequence[str]) -> str:
    """A command as a person knows it: without sudo and without options."""
    words = [word for word in argv if "=" not in word]
    return " ".join(word for word in words if not word.startswith("-") and word not in ("sudo", "env"))[:80]
