"""The files of a build context that an instruction takes, each with a fingerprint: what its layer's key is made of.

BuildKit looks at content, mode and the target of links, and not at times or owners (cache/contenthash).
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from devkit.delivery.ignore_patterns import IgnorePatterns, path_pattern
from devkit.engine.dockerfile import Instruction, expand

MOST_FILES = 50_000
"""Beyond so many a context is not looked at: the build itself has to, and once is enough."""

_WILD = frozenset("*?[\\")
_PIECE = 1 << 20

Fingerprints = Mapping[str, str]
"""Path in the context -> what its content and mode are."""


class ContextTooLargeError(Exception):
    """The context has more files than are looked at."""


@dataclass
class ContextFiles:
    """The files of one build context, looked at as they are now; each is read once.

    `known` are fingerprints from before, by path, for files that are the same in size and time.
    """

    root: Path
    ignored: IgnorePatterns
    known: Mapping[str, str] = field(default_factory=dict)
    _seen: dict[str, str] = field(default_factory=dict)

    def taken_by(self, instruction: Instruction, values: Mapping[str, str]) -> Fingerprints | None:
        """What an instruction takes from the context; None where that cannot be told.

        `values` are those of variables in its words. OSError for files that cannot be read.
        """
        paths = [expand(source, values) for source in context_sources(instruction)]
        if None in paths:
            return None
        return {entry: self._fingerprint(entry) for path in paths if path is not None for entry in self._matching(path)}

    def paths_taken_by(self, instruction: Instruction) -> Iterator[str]:
        """Its files and directories alone, unread; none for a source that a variable names."""
        for source in context_sources(instruction):
            if "$" not in source:
                yield from self._matching(source)

    def _matching(self, source: str) -> Iterator[str]:
        parts = [part for part in os.path.normpath(f"/{source}").split("/") if part]
        yield from self._expanded("", parts)

    def _expanded(self, directory: str, parts: list[str]) -> Iterator[str]:
        if not parts:
            if directory and not self.ignored.ignores(directory):
                yield directory
            yield from self._below(directory)
            return
        head, *rest = parts
        if not _WILD.intersection(head):
            if os.path.lexists(self.root / directory / head):
                yield from self._expanded(_joined(directory, head), rest)
            return
        pattern = path_pattern(head)
        place = self.root / directory
        for name in sorted(entry.name for entry in place.iterdir()) if place.is_dir() else ():
            if pattern.fullmatch(name):
                yield from self._expanded(_joined(directory, name), rest)

    def _below(self, directory: str) -> Iterator[str]:
        """What is in a directory, and in those in it; nothing of a link, which is copied as one."""
        place = self.root / directory
        if not place.is_dir() or (directory and place.is_symlink()):
            return
        with os.scandir(place) as entries:
            listed = sorted(entries, key=lambda entry: entry.name)
        for entry in listed:
            path = _joined(directory, entry.name)
            is_directory = entry.is_dir(follow_symlinks=False)
            if not self.ignored.ignores(path):
                yield path
            elif is_directory and self.ignored.ignores_all_in(path):
                continue
            if is_directory:
                yield from self._below(path)

    def _fingerprint(self, path: str) -> str:
        """Mode, size, time and a digest of the content, of which `is_same` leaves out the time."""
        if path in self._seen:
            return self._seen[path]
        if len(self._seen) >= MOST_FILES:
            raise ContextTooLargeError
        place = self.root / path
        status = place.lstat()
        looks = f"{status.st_mode:o} {status.st_size} {status.st_mtime_ns}"
        known = self.known.get(path, "")
        if stat.S_ISDIR(status.st_mode):
            found = f"{status.st_mode:o}"
        elif known.startswith(f"{looks} "):
            found = known
        elif stat.S_ISLNK(status.st_mode):
            found = f"{looks} {_short(place.readlink().as_posix().encode('utf-8', 'surrogateescape'))}"
        elif stat.S_ISREG(status.st_mode):
            found = f"{looks} {_digest_of(place)}"
        else:
            found = looks
        self._seen[path] = found
        return found


def context_sources(instruction: Instruction) -> list[str]:
    """What an instruction takes from the build context, as it is written: COPY, ADD, and RUN with a bind mount."""
    if instruction.keyword in ("COPY", "ADD") and instruction.flag("from") is None:
        return [source for source in instruction.sources if "://" not in source and not source.startswith("git@")]
    if instruction.keyword == "RUN":
        binds = [mount for mount in instruction.mounts if mount["type"] == "bind" and "from" not in mount]
        return [mount.get("source", ".") for mount in binds]
    return []


def changed_files(before: Fingerprints, now: Fingerprints) -> list[str]:
    """The paths whose content or mode is another, that are new, or that are gone; sorted.

    A directory is named only where nothing in it is.
    """
    names = sorted(path for path in before.keys() | now.keys() if _what(before.get(path)) != _what(now.get(path)))
    return [name for place, name in enumerate(names) if not _holds_next(name, names[place + 1 : place + 2])]


def short_digests(root: Path, names: Iterable[str]) -> dict[str, str]:
    """A short digest of each of these files that is there and can be read."""
    found = {}
    for name in names:
        try:
            found[name] = _digest_of(root / name)
        except OSError:
            continue
    return found


def _holds_next(directory: str, following: list[str]) -> bool:
    return bool(following) and following[0].startswith(f"{directory}/")


def _what(fingerprint: str | None) -> tuple[str, ...] | None:
    """A fingerprint without its time, which no layer's key has."""
    if fingerprint is None:
        return None
    parts = fingerprint.split(" ")
    return (parts[0], *parts[3:])


def _digest_of(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()[:16]


def _short(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]


def _joined(directory: str, name: str) -> str:
    return f"{directory}/{name}" if directory else name
