"""What the last look-up found, in a flat file below .devkit: the engine's address, and each service's container.

    devkit 1
    engine    ADDRESS   VARIABLES
    file      PATH      STAMP                      a file that the address was read from
    project   STAMP                                of devkit.toml
    service   NAME      CONTAINER   SHELL   HOST DIRECTORY   DIRECTORY INSIDE   …

Fields are parted by tabs. Nothing here has to be true: a stamp that differs, or an engine that does not know the
container, and it is looked up again.
"""

from __future__ import annotations

import posix

from devkit.engine.exec.command import SHELL
from devkit.engine.exec.endpoint import stamp, variables

FILE = b"/.devkit/exec"
_FIRST = b"devkit 1"
_MOST = 65536


class Place:
    """A service's container, the shell that starts its commands, and which directories of the host are where."""

    __slots__ = ("container", "directories", "shell")

    def __init__(self, container: str, directories: list[tuple[bytes, bytes]], shell: str = SHELL) -> None:
        self.container = container
        self.shell = shell
        self.directories = directories

    def inside(self, directory: bytes) -> bytes:
        """Where a directory of the host is in the container; empty where it is not."""
        best = (b"", b"")
        for host, here in self.directories:
            if (directory == host or directory.startswith(host.rstrip(b"/") + b"/")) and len(host) >= len(best[0]):
                best = (host, here)
        if not best[1]:
            return b""
        rest = directory[len(best[0]) :].strip(b"/")
        return best[1].rstrip(b"/") + b"/" + rest if rest else best[1]


class Remembered:
    """The file's content: `host` is the engine's address; `files` are those that it was read from, with stamps."""

    __slots__ = ("files", "host", "places", "settings")

    def __init__(self, settings: bytes, host: str = "", files: dict[bytes, bytes] | None = None) -> None:
        self.settings = settings
        self.host = host
        self.files = files or {}
        self.places: dict[str, Place] = {}


def recall(root: bytes) -> Remembered | None:
    """What is remembered for the project in `root`, if all of it still holds."""
    try:
        descriptor = posix.open(root + FILE, posix.O_RDONLY | posix.O_CLOEXEC)
    except OSError:
        return None
    try:
        content = posix.read(descriptor, _MOST)
    except OSError:
        return None
    finally:
        posix.close(descriptor)
    lines = content.split(b"\n")
    if lines[0] != _FIRST or lines[-1] != b"":
        return None
    found = Remembered(settings_stamp(root))
    for line in lines[1:-1]:
        kind, *fields = line.split(b"\t")
        if kind == b"project" and fields == [found.settings]:
            continue
        if kind == b"engine" and fields[1:] == [variables()]:
            found.host = fields[0].decode("utf-8", "surrogateescape")
        elif kind == b"file" and len(fields) == 2 and stamp(fields[0]) == fields[1]:
            found.files[fields[0]] = fields[1]
        elif kind == b"service" and len(fields) >= 3 and len(fields) % 2 == 1:
            name, container, shell = [field.decode("utf-8", "replace") for field in fields[:3]]
            found.places[name] = Place(container, list(zip(fields[3::2], fields[4::2], strict=True)), shell)
        else:
            return None
    return found if found.host else None


def settings_stamp(root: bytes) -> bytes:
    """The stamp of the project's devkit.toml, whose name for the project the containers carry."""
    return stamp(root + b"/devkit.toml")


def remember(root: bytes, found: Remembered) -> None:
    """Write the file anew, in one step. Where that cannot be done the next command looks up again."""
    from pathlib import Path

    from devkit.project.files import write_atomically
    from devkit.project.paths import give_to_owner

    lines = [[b"engine", found.host.encode("utf-8", "surrogateescape"), variables()]]
    lines += [[b"file", path, was] for path, was in found.files.items()]
    lines.append([b"project", found.settings])
    for name, place in found.places.items():
        pairs = [part for pair in place.directories for part in pair]
        lines.append([b"service", name.encode(), place.container.encode(), place.shell.encode(), *pairs])
    if any(b"\t" in field or b"\n" in field for line in lines for field in line):
        return  # a directory with such a name: it is looked up each time
    content = b"\n".join([_FIRST, *(b"\t".join(line) for line in lines), b""])
    path = Path((root + FILE).decode("utf-8", "surrogateescape"))
    try:
        path.parent.mkdir(exist_ok=True)
        give_to_owner(path.parent, path.parent.parent)
        write_atomically(path, content)
    except OSError:
        return
