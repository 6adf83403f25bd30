"""What package.json and the lock files say of an application's front end."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from devkit.project.settings import DEFAULT_NODE, PackageManager
from devkit.scaffold.adopt_composer import read_json, table

_LOCKS: tuple[tuple[str, PackageManager], ...] = (
    ("pnpm-lock.yaml", "pnpm"),
    ("yarn.lock", "yarn"),
    ("bun.lock", "bun"),
    ("bun.lockb", "bun"),
    ("package-lock.json", "npm"),
    ("npm-shrinkwrap.json", "npm"),
)


@dataclass(frozen=True)
class NodeFacts:
    """`version` is a major version: images of every patch release on this Debian do not exist."""

    package_manager: PackageManager | None = None
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
    return NodeFacts(_package_manager(root, document.get("packageManager")), version, frozenset(packages))


def _package_manager(root: Path, field: object) -> PackageManager:
    named = field.partition("@")[0] if isinstance(field, str) else ""
    for manager in get_args(PackageManager):
        if manager == named:
            return manager  # type: ignore[no-any-return]
    return next((manager for lock, manager in _LOCKS if (root / lock).is_file()), "npm")


def _first_line(path: Path) -> str:
    if not path.is_file():
        return ""
    lines = path.read_text(encoding="utf-8", errors="replace").split("\n", 1)
    return lines[0].strip()


def _from_engines(constraint: str) -> str | None:
    """The default version where the constraint allows it, else the newest major version that it names."""
    majors = [int(number) for number in re.findall(r"(?:^|[\s|^~>=<v])(\d{1,2})(?=$|[.\s|x])", constraint)]
    if not majors:
        return None
    default = int(DEFAULT_NODE)
    open_ended = [int(number) for number in re.findall(r">=?\s*v?(\d{1,2})", constraint)]
    limits = [int(number) for number in re.findall(r"<=?\s*v?(\d{1,2})", constraint)]
    if default in majors and default not in limits:
        return DEFAULT_NODE
    if open_ended and min(open_ended) <= default and all(limit > default for limit in limits):
        return DEFAULT_NODE
    return str(max([major for major in majors if major not in limits], default=default))
