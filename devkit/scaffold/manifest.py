"""What devkit wrote last: `.devkit/generated/<path>` holds each file's text, the base of the next merge."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from devkit.project.files import write_atomically
from devkit.project.paths import ProjectPaths, give_to_owner


@dataclass(frozen=True)
class Manifest:
    """The generated texts of one project. Losing them is no harm: files without a base are never overwritten."""

    root: Path

    @property
    def directory(self) -> Path:
        """Where the texts are kept."""
        return ProjectPaths(self.root).state / "generated"

    def base_of(self, path: str) -> str | None:
        """The text that devkit wrote last to `path`, or None if it never wrote there."""
        file = self.directory / path
        if not file.is_file():
            return None
        return file.read_bytes().decode("utf-8", "surrogateescape")

    def record(self, path: str, text: str) -> None:
        """Remember `text` as what devkit wrote to `path`."""
        if self.base_of(path) == text:
            return
        file = self.directory / path
        make_directory(file.parent, self.root)
        write_atomically(file, text.encode("utf-8", "surrogateescape"))

    def paths(self) -> list[str]:
        """Every path that devkit wrote, sorted."""
        if not self.directory.is_dir():
            return []
        found = (file for file in self.directory.rglob("*") if file.is_file())
        return sorted(file.relative_to(self.directory).as_posix() for file in found)


def make_directory(directory: Path, root: Path) -> None:
    """Make `directory` and those above it up to `root`; they belong to the owner of `root` also when root runs this."""
    if directory == root or directory.is_dir():
        return
    make_directory(directory.parent, root)
    directory.mkdir(exist_ok=True)
    give_to_owner(directory, root)
