"""Where in the code a line of a log points to, and which file of this machine that is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from devkit.engine.containers import Bind

_SUFFIXES = "php|phtml|inc|js|mjs|cjs|jsx|ts|mts|cts|tsx|vue|svelte|css|scss|sass|less|json|ya?ml|xml|env|sql|sh|py"
_PLACE = re.compile(
    rf"(?P<path>(?:file://)?(?:/|\./|\b)[\w@.+/-]*[\w@+-]\.(?:{_SUFFIXES}))"
    r"(?: on line |\(|:)(?P<line>\d{1,7})(?!\d)"
)
"""`/app/app/A.php:3`, `app/A.php(3)`, `/app/app/A.php on line 3`, `resources/js/app.js:3:5`."""

PROJECT = PurePosixPath("/app")
"""Where the project lies in containers of the application."""


@dataclass(frozen=True)
class Place:
    """A file as the log names it, and a line of it."""

    path: PurePosixPath
    line: int

    @property
    def is_own(self) -> bool:
        """Whether it is the project's own code, and not a package's or PHP's."""
        path = self.path.relative_to(PROJECT) if self.path.is_relative_to(PROJECT) else self.path
        return not path.is_absolute() and path.parts[0] not in ("vendor", "node_modules")

    def __str__(self) -> str:
        path = self.path.relative_to(PROJECT) if self.path.is_relative_to(PROJECT) else self.path
        return f"{path}:{self.line}"


def places(lines: Iterable[str]) -> Iterator[Place]:
    """Every place that the lines name, in their order, each once."""
    seen: set[Place] = set()
    for line in lines:
        for match in _PLACE.finditer(line):
            place = Place(PurePosixPath(match["path"].removeprefix("file://").removeprefix("./")), int(match["line"]))
            if place not in seen:
                seen.add(place)
                yield place


def place_to_open(lines: Iterable[str]) -> Place | None:
    """The first of the project's own code, else the first of all; None where there is none."""
    first = None
    for place in places(lines):
        if place.is_own:
            return place
        first = first or place
    return first


def file_of(place: Place, root: Path, binds: Sequence[Bind] = ()) -> Path | None:
    """The file of this machine: below the project at `root`, else where a mount has it from; None if it is neither."""
    path = place.path
    if not path.is_absolute():
        return _file(root, path)
    if path.is_relative_to(PROJECT) and (found := _file(root, path.relative_to(PROJECT))) is not None:
        return found
    for bind in sorted(binds, key=lambda bind: len(bind.target.parts), reverse=True):
        if (
            path.is_relative_to(bind.target)
            and (found := _file(bind.source, path.relative_to(bind.target))) is not None
        ):
            return found
    return _file(Path("/"), path.relative_to("/")) if path.is_relative_to(root) else None


def _file(base: Path, path: PurePosixPath) -> Path | None:
    if ".." in path.parts:
        return None
    found = base / path if path.parts else base
    return found if found.is_file() else None
