"""What package.json and the lock files say of an application's front end."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from devkit.project.settings import PackageManager
from devkit.scaffold.adopt_composer import read_json, table

_LOCKS: tuple[tuple[str, PackageManager], ...] = (
    ("pnpm-lock.yaml", "pnpm"),
    ("yarn.lock", "yarn"),
    ("bun.lock", "bun"),
    ("bun.lockb", "bun"),
    ("package-lock.json", "npm"),
    ("npm-shrinkwrap.json", "npm"),
)
_LONG_TERM = (24, 22, 20, 18)
"""Long-term releases, the default first (https://nodejs.org/en/about/previous-releases)."""


@dataclass(frozen=True)
class NodeFacts:
    """`version` is a major version: images of every patch release on this Debian do not exist.

    `manager_version` is the package manager's own, where package.json or its lock file tells.
    """

    package_manager: PackageManager | None = None
    manager_version: str | None = None
    version: str | None = None
    packages: frozenset[str] = frozenset()


def read_node(root: Path) -> NodeFacts:
    """UsageError for a broken package.json; all None without one."""
    document = read_json(root / "package.json")
    if document is None:
        return NodeFacts()
    packages = {**table(document, "dependencies"), **table(document, "devDependencies")}
    stated = [_first_line(root / name) for name in (".nvmrc", ".node-version")]
    stated.append(str(table(document, "volta").get("node", "")))
    version = next((match[1] for text in stated if (match := re.match(r"v?(\d{1,2})(?!\d)", text))), None)
    engines = table(document, "engines").get("node")
    if version is None and isinstance(engines, str):
        version = _from_engines(engines)
    manager = _package_manager(root, document.get("packageManager"))
    return NodeFacts(manager, _manager_version(root, document, manager), version, frozenset(packages))


def _package_manager(root: Path, field: object) -> PackageManager:
    named = field.partition("@")[0] if isinstance(field, str) else ""
    for manager in get_args(PackageManager):
        if manager == named:
            return manager  # type: ignore[no-any-return]
    return next((manager for lock, manager in _LOCKS if (root / lock).is_file()), "npm")


def _manager_version(root: Path, document: Mapping[str, Any], manager: PackageManager) -> str | None:
    """`packageManager` names an exact version, perhaps with a hash behind it; yarn.lock since Yarn 2 is YAML."""
    stated = re.fullmatch(r"(\w+)@(\d+(?:\.\d+){0,2})(?:\+.*)?", str(document.get("packageManager", "")))
    if stated and stated[1] == manager:
        return stated[2]
    lock = root / "yarn.lock"
    if manager == "yarn" and lock.is_file() and "\n__metadata:" in lock.read_text(encoding="utf-8", errors="replace"):
        return "4"
    return None


def _first_line(path: Path) -> str:
    if not path.is_file():
        return ""
    lines = path.read_text(encoding="utf-8", errors="replace").split("\n", 1)
    return lines[0].strip()


def _from_engines(constraint: str) -> str | None:
    """The newest long-term release that npm's range admits, else the newest major version that it names."""
    alternatives = [_majors(text) for text in constraint.split("||")]
    admitted = [version for version in _LONG_TERM if any(low <= version <= high for low, high in alternatives)]
    named = [int(number) for number in re.findall(r"(?:^|[\s|^~>=<v])(\d{1,2})(?=$|[.\s|x])", constraint)]
    return str(admitted[0]) if admitted else str(max(named)) if named else None


def _majors(constraint: str) -> tuple[int, int]:
    """The first and the last major version that one alternative of a range admits (npm's semver, ranges).

    `>=18 <23` are 18 to 22, `^20.1`, `~20` and `20.x` 20, `18 - 22` 18 to 22; what is no comparison admits all.
    """
    low, high = 0, 99
    spaced = re.sub(r"([<>=~^])\s+", r"\1", constraint.strip())
    between = re.fullmatch(r"v?(\d+)\S*\s+-\s+v?(\d+)\S*", spaced)
    if between:
        return int(between[1]), int(between[2])
    for sign, major, rest in re.findall(r"(?:^|\s)(>=|<=|>|<|\^|~|=)?v?(\d+)([.\w*-]*)", spaced):
        number = int(major)
        whole = not re.search(r"\.[1-9]", rest)  # 23, 23.0.0 and 23.x, but not 23.1
        if sign == ">=" or (sign == ">" and not whole):
            low = max(low, number)
        elif sign == ">":
            low = max(low, number + (0 if "." in rest else 1))
        elif sign == "<=" or (sign == "<" and not whole):
            high = min(high, number)
        elif sign == "<":
            high = min(high, number - 1)
        else:
            low, high = max(low, number), min(high, number)
    return low, high
