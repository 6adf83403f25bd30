"""The engine's programs as they lie on this machine, with their versions."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from devkit.engine.connection import config_directory
from devkit.engine.install.commands import capture
from devkit.engine.versions import OLDEST, PLUGIN_DIRECTORIES

Version = tuple[int, ...]


@dataclass(frozen=True)
class Programs:
    """Versions of what is there; None for what is missing."""

    engine: Version | None
    client: Version | None
    compose: Version | None
    buildx: Version | None

    @property
    def suffice(self) -> bool:
        """Whether devkit can work with them as they are."""
        return (
            self.client is not None
            and at_least(self.engine, OLDEST["engine"])
            and at_least(self.compose, OLDEST["compose"])
            and at_least(self.buildx, OLDEST["buildx"])
        )


def parse_version(text: str) -> Version | None:
    """The first version in a text: `5:26.1.5+dfsg1-9` is (26, 1, 5); a Debian epoch does not count."""
    found = re.search(r"(?:^|[\sv:])(\d+(?:\.\d+)+)", text)
    return tuple(int(part) for part in found.group(1).split(".")) if found else None


def at_least(version: Version | None, oldest: Version) -> bool:
    """Whether `version` is there and is `oldest` or newer."""
    return version is not None and version >= oldest


def engine_path(engine: Path) -> str:
    """A PATH with devkit's own engine first, and the system's directories for runc and iptables behind."""
    own = [str(engine / "usr/sbin"), str(engine / "usr/bin")]
    given = os.environ.get("PATH", "").split(os.pathsep)
    system = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"]
    return os.pathsep.join(dict.fromkeys(part for part in (*own, *given, *system) if part))


def plugin_directories(engine: Path) -> tuple[Path, ...]:
    """All directories in which the docker client, or devkit for it, finds plugins; the first one wins."""
    return (config_directory() / "cli-plugins", *PLUGIN_DIRECTORIES, engine / "usr/libexec/docker/cli-plugins")


def capture_version(program: str) -> Version | None:
    """The version that a program gives of itself."""
    return parse_version(capture([program, "--version"], timeout=20))


def plugin_version(path: Path) -> Version | None:
    """The version in what a client plugin tells the docker client about itself."""
    try:
        told = json.loads(capture([str(path), "docker-cli-plugin-metadata"], timeout=20))
    except ValueError:
        return None
    return parse_version(str(told.get("Version"))) if isinstance(told, dict) else None


def find_programs(engine: Path) -> Programs:
    """What this machine has, as devkit and the docker client find it; devkit's own engine included."""
    return _look(engine_path(engine), plugin_directories(engine))


def programs_in(engine: Path) -> Programs:
    """What an unpacked engine directory itself holds."""
    return _look(
        os.pathsep.join((str(engine / "usr/sbin"), str(engine / "usr/bin"))),
        (engine / "usr/libexec/docker/cli-plugins",),
    )


def _look(path: str, plugins: Sequence[Path]) -> Programs:
    def version_of(program: str) -> Version | None:
        found = shutil.which(program, path=path)
        return capture_version(found) if found else None

    def plugin(name: str) -> Version | None:
        found = next((directory / name for directory in plugins if (directory / name).exists()), None)
        return plugin_version(found) if found else None

    return Programs(version_of("dockerd"), version_of("docker"), plugin("docker-compose"), plugin("docker-buildx"))
