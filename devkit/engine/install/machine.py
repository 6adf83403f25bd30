"""Which system this is, and whether it may be changed without a password."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

OS_RELEASE = Path("/etc/os-release")


@dataclass(frozen=True)
class Distribution:
    """A release of Debian, of Ubuntu, or of what is made from one of them."""

    family: str  # "debian" or "ubuntu": whose packages fit
    codename: str  # as in apt's sources: bookworm, noble
    title: str  # for people


@dataclass(frozen=True)
class Rights:
    """How a command is run as root: `prefix` stands before it."""

    prefix: tuple[str, ...]

    @property
    def is_root(self) -> bool:
        """Whether this process is root itself, without sudo."""
        return not self.prefix

    def command(self, *words: str) -> list[str]:
        """`words` as root. sudo drops the environment: what matters is handed over by `env`."""
        if not self.prefix:
            return list(words)
        return [*self.prefix, "env", "LC_ALL=C.UTF-8", "DEBIAN_FRONTEND=noninteractive", *words]


def distribution(path: Path = OS_RELEASE) -> Distribution | None:
    """The Debian or Ubuntu that runs here, or None for anything else (os-release(5))."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    fields: dict[str, str] = {}
    for line in text.splitlines():
        key, separator, value = line.partition("=")
        if separator:
            fields[key.strip()] = value.strip().strip("\"'")
    names = [fields.get("ID", ""), *fields.get("ID_LIKE", "").split()]
    title = fields.get("PRETTY_NAME", fields.get("ID", "Linux"))
    if "ubuntu" in names:
        codename = fields.get("UBUNTU_CODENAME") or fields.get("VERSION_CODENAME", "")
        return Distribution("ubuntu", codename, title)
    if "debian" in names:
        codename = fields.get("DEBIAN_CODENAME") or fields.get("VERSION_CODENAME", "")
        return Distribution("debian", codename, title)
    return None


def rights() -> Rights | None:
    """Root's rights where they come without a question, else None."""
    if os.geteuid() == 0:
        return Rights(())
    sudo = shutil.which("sudo")
    if sudo is None:
        return None
    asked = subprocess.run([sudo, "-n", "true"], stdin=subprocess.DEVNULL, capture_output=True, check=False)
    return Rights((sudo, "-n")) if asked.returncode == 0 else None


def can_install() -> bool:
    """Whether devkit can install an engine here: Debian or Ubuntu, and root or sudo without a password."""
    return distribution() is not None and shutil.which("apt-get") is not None and rights() is not None
