"""Whether what is saved on the host is seen as an event inside the app's container."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from devkit.engine.compose import Compose
from devkit.project.services import APP

PROJECT_IN_CONTAINER = PurePosixPath("/app")

_WITHOUT_EVENTS = re.compile(
    r"9p|drvfs|v9fs|fuse(?:\..*|blk)?|virtiofs|grpcfuse|osxfs|nfs4?|cifs|smb[0-9]?|vboxsf|prl_fs"
)


@dataclass(frozen=True)
class Mount:
    """A mount as /proc/mounts tells it: where, and of which file system type."""

    target: PurePosixPath
    file_system: str

    @property
    def delivers_events(self) -> bool:
        """Whether inotify sees what the other side of the mount writes; network and VM shares do not."""
        return _WITHOUT_EVENTS.fullmatch(self.file_system) is None


def parse_mounts(text: str) -> tuple[Mount, ...]:
    """The lines of /proc/mounts (octal escapes as in fstab(5)); others are left out."""
    found = []
    for line in text.splitlines():
        fields = line.split(" ")
        if len(fields) >= 3:
            target = re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), fields[1])
            found.append(Mount(PurePosixPath(target), fields[2]))
    return tuple(found)


def mount_of(path: PurePosixPath, mounts: tuple[Mount, ...]) -> Mount | None:
    """The mount that `path` lies on: the longest target, and of equal ones the last, which covers the others."""
    best: Mount | None = None
    for mount in mounts:
        if path.is_relative_to(mount.target) and (best is None or len(mount.target.parts) >= len(best.target.parts)):
            best = mount
    return best


def project_mount(compose: Compose, path: PurePosixPath = PROJECT_IN_CONTAINER) -> Mount | None:
    """What the project is mounted by, seen from inside the app; CommandError where the app does not run."""
    answer = compose.exec(APP, "cat", "/proc/mounts", timeout=15.0)
    return mount_of(path, parse_mounts(answer.stdout.decode("utf-8", errors="replace")))


def delivers_events(compose: Compose, path: PurePosixPath = PROJECT_IN_CONTAINER) -> bool:
    """Whether docker/watch in the container sees edits; where it does not, the host has to watch (host_watcher)."""
    mount = project_mount(compose, path)
    return mount is None or mount.delivers_events


def on_slow_mount(path: Path, mounts: Path = Path("/proc/mounts")) -> bool:
    """Whether even the host gets no events for `path` (a Windows drive in WSL, a network share)."""
    if not mounts.is_file():  # macOS: FSEvents come for every local volume
        return False
    found = mount_of(PurePosixPath(path.resolve()), parse_mounts(mounts.read_text(errors="replace")))
    return found is not None and not found.delivers_events
