"""A page in the person's browser, by whatever opens addresses on this machine; never one inside the terminal."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path


def open_in_browser(url: str) -> bool:
    """Open it; False where this machine has nothing that does. It may take three seconds."""
    opener = find_opener(sys.platform, _os_release(), shutil.which)
    return opener is not None and _start([*opener, url])


def find_opener(platform: str, kernel: str, which: Callable[[str], str | None]) -> tuple[str, ...] | None:
    """The program that opens an address here: `open` on macOS, wslview or explorer in WSL, else xdg-open."""
    if platform == "darwin":
        names: Mapping[str, tuple[str, ...]] = {"open": ("open",)}
    elif "microsoft" in kernel.lower():
        names = {"wslview": ("wslview",), "explorer.exe": ("explorer.exe",), "xdg-open": ("xdg-open",)}
    else:
        names = {"xdg-open": ("xdg-open",)}
    return next((command for name, command in names.items() if which(name)), None)


def _start(command: Sequence[str]) -> bool:
    """Start it and wait shortly: openers hand the address on and end; one that stays is the browser itself."""
    try:
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError:
        return False
    try:
        # explorer.exe answers 1 even when it opened the address
        return child.wait(timeout=3) == 0 or command[0] == "explorer.exe"
    except subprocess.TimeoutExpired:
        return True


def _os_release() -> str:
    try:
        return Path("/proc/sys/kernel/osrelease").read_text()
    except OSError:
        return ""
