"""The application's tests by file and name, read from the sources; a file is read again when it has changed."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from devkit.project.paths import ProjectPaths

_DIRECTORY = "tests"
_SCHEMA = 1
_MOST_FILES = 5000
_LARGEST = 1024 * 1024

_METHOD = re.compile(r"(?P<before>[^;{}]*)\bfunction\s+(?P<name>\w+)\s*\(")
_MARKED = re.compile(r"#\[\\?(?:PHPUnit\\Framework\\Attributes\\)?Test\b|@test\b")
_PEST = re.compile(r"^\s*(?P<call>it|test)\(\s*(?P<quote>['\"])(?P<name>(?:\\.|(?!(?P=quote)).)+)(?P=quote)", re.M)
_SUITE = re.compile(r"<testsuite\s[^>]*\bname=\"([^\"]+)\"")


@dataclass(frozen=True)
class TestFile:
    """One file with the names that `--filter` finds in it; `path` is relative to the project."""

    __test__ = False  # pytest would take it for a test of its own

    path: str
    names: tuple[str, ...]


def test_files(root: Path) -> list[TestFile]:
    """Every test file of the project, by path. Files that changed are read, the others are known from before."""
    known = _known(root)
    found: dict[str, tuple[str, tuple[str, ...]]] = {}
    for path, look in _files(root):
        before = known.get(path)
        found[path] = before if before is not None and before[0] == look else (look, names_in(_text(root / path)))
    if found != known:
        _keep(root, found)
    return [TestFile(path, names) for path, (_look, names) in sorted(found.items())]


def test_suites(root: Path) -> list[str]:
    """The suites that phpunit.xml names."""
    for name in ("phpunit.xml", "phpunit.xml.dist"):
        if text := _text(root / name):
            return _SUITE.findall(text)
    return []


test_files.__test__ = test_suites.__test__ = False  # type: ignore[attr-defined]  # nor are these


def names_in(text: str) -> tuple[str, ...]:
    """The tests in one file's text: PHPUnit's methods (by name, attribute or annotation) and Pest's descriptions."""
    names = [
        match["name"]
        for match in _METHOD.finditer(text)
        if match["name"].startswith("test") or _MARKED.search(match["before"])
    ]
    for match in _PEST.finditer(text):
        said = re.sub(r"\\(.)", r"\1", match["name"])
        names.append(f"it {said}" if match["call"] == "it" else said)
    return tuple(dict.fromkeys(names))


def line_of_test(path: Path, name: str) -> int:
    """The line on which a file begins a test, by the name that a run gives it; 1 where it is not found."""
    plain = name.partition(" with data set ")[0]
    for number, line in enumerate(_text(path).splitlines(), 1):
        if plain in names_in(line) or re.search(rf"\bfunction\s+{re.escape(plain)}\s*\(", line):
            return number
    return 1


line_of_test.__test__ = False  # type: ignore[attr-defined]  # nor is this


def _files(root: Path) -> Iterator[tuple[str, str]]:
    """Each test file's path, and what it looks like. PHPUnit takes *Test.php, and so does Pest."""
    count = 0
    for directory, below, files in os.walk(root / _DIRECTORY):
        below.sort()
        for name in files:
            if name.endswith("Test.php"):
                path = Path(directory, name)
                with suppress(OSError):
                    status = path.stat()
                    yield path.relative_to(root).as_posix(), f"{status.st_mtime_ns:x}.{status.st_size:x}"
                    count += 1
                    if count >= _MOST_FILES:
                        return


def _text(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            return stream.read(_LARGEST).decode("utf-8", "replace")
    except OSError:
        return ""


def _known(root: Path) -> dict[str, tuple[str, tuple[str, ...]]]:
    try:
        body = json.loads(_path(root).read_bytes())
        if body["schema"] != _SCHEMA:
            return {}
        return {path: (look, tuple(names)) for path, (look, names) in body["files"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _keep(root: Path, files: Mapping[str, tuple[str, tuple[str, ...]]]) -> None:
    path = _path(root)
    if path.parent.is_dir():
        from devkit.project.files import write_atomically  # only where something is written

        with suppress(OSError):  # without it the files are read again next time
            write_atomically(path, json.dumps({"schema": _SCHEMA, "files": files}, separators=(",", ":")))


def _path(root: Path) -> Path:
    return ProjectPaths(root).state / "tests.json"
