"""Whether a file can be written where it belongs: nothing that stands there is in its way, or leads elsewhere."""

from __future__ import annotations

from pathlib import Path

from devkit.project.errors import UsageError


def check_place(root: Path, path: str, *, may_lead_out: bool = False) -> None:
    """UsageError where writing `path` would leave the project or fail half-way. Nothing is written.

    `may_lead_out` is for a file that people share between directories by a link, as they do with .env: the file that
    the link points to is written. A directory never may.
    """
    inside = root.resolve()
    place = root
    for name in Path(path).parts[:-1]:
        place = place / name
        shown = place.relative_to(root)
        _check_link(place, inside, str(shown))
        if not place.is_dir() and (place.exists() or place.is_symlink()):
            raise UsageError(f"{shown} is no directory, and devkit has to write {path}", "move it away, then try again")
    file = root / path
    if file.is_dir():
        raise UsageError(f"{path} is a directory, and devkit has to write a file there", "move it away, then try again")
    if not may_lead_out:
        _check_link(file, inside, path)
    if file.exists() and not file.is_file():
        raise UsageError(f"{path} is no ordinary file", "move it away, then try again")


def _check_link(place: Path, inside: Path, shown: str) -> None:
    if place.is_symlink() and not place.resolve().is_relative_to(inside):
        raise UsageError(
            f"{shown} is a link that leads out of the project, to {place.resolve()}, and devkit has to write there",
            "put what it points to in its place, then try again",
        )
