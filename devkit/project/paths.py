"""Where things are: the project's directory and devkit's own directories on this machine."""

from __future__ import annotations

import os
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from devkit.project.errors import NotAProjectError

SETTINGS_FILE = "devkit.toml"


@dataclass(frozen=True)
class ProjectPaths:
    """The files of a project that devkit itself reads and writes."""

    root: Path

    @property
    def settings(self) -> Path:
        """devkit.toml."""
        return self.root / SETTINGS_FILE

    @property
    def env(self) -> Path:
        """Laravel's .env."""
        return self.root / ".env"

    @property
    def state(self) -> Path:
        """.devkit/: what devkit remembers of this project; safe to delete, ignored by git."""
        return self.root / ".devkit"

    @property
    def override(self) -> Path:
        """compose.override.yaml: what belongs to this machine."""
        return self.root / "compose.override.yaml"


def find_project(start: Path) -> ProjectPaths:
    """The project that `start` lies in: the nearest directory upwards with a devkit.toml."""
    for directory in (start, *start.parents):
        if (directory / SETTINGS_FILE).is_file():
            return ProjectPaths(directory)
    raise NotAProjectError(
        f"{start} is not in a devkit project: no {SETTINGS_FILE} here or above",
        "go to the project's directory, or make one with: devkit init",
    )


def project_name(directory: Path) -> str:
    """A Compose project name made of a directory's name: `Mein Café` becomes `mein-cafe`.

    Compose takes [a-z0-9][a-z0-9_-]* (https://docs.docker.com/compose/how-tos/project-name/).
    """
    plain = unicodedata.normalize("NFKD", directory.name).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:50].strip("-")
    return slug or "app"


@dataclass(frozen=True)
class MachinePaths:
    """devkit's own directories of this user: programs and engine, caches, and what it remembers."""

    data: Path
    cache: Path
    state: Path

    @property
    def engine(self) -> Path:
        """Engine programs that devkit unpacked (usr/bin, usr/sbin, usr/libexec below it)."""
        return self.data / "engine"


def machine_paths() -> MachinePaths:
    """The directories by platformdirs' rules (XDG variables included)."""
    import platformdirs  # imported here: the scripted path does without it

    return MachinePaths(
        Path(platformdirs.user_data_dir("devkit", appauthor=False)),
        Path(platformdirs.user_cache_dir("devkit", appauthor=False)),
        Path(platformdirs.user_state_dir("devkit", appauthor=False)),
    )


def person_file() -> Path:
    """config.toml: what this person likes, in every project (devkit.project.person reads and writes it)."""
    import platformdirs

    return Path(platformdirs.user_config_dir("devkit", appauthor=False)) / "config.toml"


def owner_of(directory: Path) -> tuple[int, int]:
    """UID and GID that files of a project belong to: the directory's owner."""
    status = os.stat(directory)  # noqa: PTH116
    return status.st_uid, status.st_gid


def give_to_owner(path: Path, root: Path) -> None:
    """What root makes in somebody's project belongs to that person."""
    if os.geteuid() == 0:
        os.chown(path, *owner_of(root))


def scaffolds_directory() -> Path:
    """The templates: inside the wheel, or beside the package in a checkout."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "scaffolds"
    return inside if inside.is_dir() else package.parent / "scaffolds"
