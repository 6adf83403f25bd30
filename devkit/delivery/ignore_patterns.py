"""What .dockerignore keeps out of a build's context, by the rules of moby/patternmatcher.

`**` stands for any number of directories, `*`, `?` and `[…]` for signs of one name, `!` takes back; the last line that
fits counts, and a line that fits a directory fits all that is in it
(https://docs.docker.com/build/concepts/context/#dockerignore-files).
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path


@dataclass(frozen=True)
class _Pattern:
    text: str
    inverted: bool

    @cached_property
    def expression(self) -> re.Pattern[str]:
        return path_pattern(self.text)

    @property
    def fixed(self) -> str:
        """The directories in front of the first wildcard, or the whole path."""
        parts = self.text.split("/")
        wild = next((place for place, part in enumerate(parts) if re.search(r"[*?\[\\]", part)), len(parts))
        return "/".join(parts[:wild])


@dataclass(frozen=True)
class IgnorePatterns:
    """The lines of one file. Paths are those of the context, with `/` and none in front."""

    patterns: tuple[_Pattern, ...] = ()

    def ignores(self, path: str) -> bool:
        """Whether a file or directory is kept out."""
        ignored = False
        for pattern in self.patterns:
            if pattern.inverted == ignored and any(map(pattern.expression.fullmatch, _path_and_parents(path))):
                ignored = not pattern.inverted
        return ignored

    def ignores_all_in(self, directory: str) -> bool:
        """Whether nothing in a directory can be in the context, so that nobody needs to look."""
        if not self.ignores(directory):
            return False
        taken_back = (pattern.fixed for pattern in self.patterns if pattern.inverted)
        return not any(_may_hold(directory, fixed) for fixed in taken_back)


def parse_ignore_patterns(text: str) -> IgnorePatterns:
    """Read the text of a .dockerignore."""
    patterns = []
    for line in text.removeprefix("\ufeff").splitlines():
        if line.startswith("#") or not line.strip():
            continue
        written = line.strip()
        inverted = written.startswith("!")
        cleaned = posixpath.normpath(written.removeprefix("!").strip() or ".").lstrip("/")
        if cleaned not in ("", "."):
            patterns.append(_Pattern(cleaned, inverted))
    return IgnorePatterns(tuple(patterns))


def ignore_file(context: Path, dockerfile: Path) -> Path:
    """The file that holds for a build: NAME.dockerignore beside the Dockerfile, else .dockerignore, there or not."""
    own = dockerfile.with_name(f"{dockerfile.name}.dockerignore")
    return own if own.is_file() else context / ".dockerignore"


def read_ignore_patterns(context: Path, dockerfile: Path) -> IgnorePatterns:
    """Those of that file, none where it is missing; OSError where it cannot be read."""
    path = ignore_file(context, dockerfile)
    if not path.is_file():
        return IgnorePatterns()
    return parse_ignore_patterns(path.read_text(encoding="utf-8", errors="surrogateescape"))


def path_pattern(text: str) -> re.Pattern[str]:
    """A pattern of .dockerignore or COPY as a regular expression for a whole path."""
    expression, at = "", 0
    while at < len(text):
        sign = text[at]
        at += 1
        if sign == "*" and text[at : at + 1] == "*":
            at += 1
            if text[at : at + 1] == "/":
                at += 1
                expression += "(?:.*/)?"
            else:
                expression += ".*"
        elif sign == "*":
            expression += "[^/]*"
        elif sign == "?":
            expression += "[^/]"
        elif sign == "\\" and at < len(text):
            expression += re.escape(text[at])
            at += 1
        elif sign == "[" and "]" in text[at + 1 :]:
            end = text.index("]", at + 1)
            inside = text[at:end].replace("\\", "\\\\").replace("[", "\\[")
            expression += f"[{inside}]"
            at = end + 1
        else:
            expression += re.escape(sign)
    try:
        return re.compile(expression, re.DOTALL)
    except re.error:  # what BuildKit refuses too
        return re.compile(re.escape(text))


def _path_and_parents(path: str) -> Iterable[str]:
    while path:
        yield path
        path = path.rpartition("/")[0]


def _may_hold(directory: str, fixed: str) -> bool:
    """Whether a pattern with this fixed beginning can fit something in a directory."""
    return not fixed or f"{fixed}/".startswith(f"{directory}/") or f"{directory}/".startswith(f"{fixed}/")
