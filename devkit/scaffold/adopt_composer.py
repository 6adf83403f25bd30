"""What composer.json and composer.lock say of an application: packages, PHP extensions, PHP version."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from devkit.project.errors import UsageError
from devkit.project.settings import DEFAULT_PHP, PHP_VERSIONS

BUILT_IN = frozenset(
    {
        "core",
        "ctype",
        "curl",
        "date",
        "dom",
        "fileinfo",
        "filter",
        "hash",
        "iconv",
        "json",
        "libxml",
        "mbstring",
        "mysqlnd",
        "openssl",
        "pcre",
        "pdo",
        "pdo_sqlite",
        "phar",
        "posix",
        "random",
        "readline",
        "reflection",
        "session",
        "simplexml",
        "sodium",
        "spl",
        "sqlite3",
        "standard",
        "tokenizer",
        "xml",
        "xmlreader",
        "xmlwriter",
        "zlib",
    }
)
"""Extensions that the official PHP images have without installing any."""

_INSTALLER_NAMES = {"zend-opcache": "opcache", "zend_opcache": "opcache"}
_INSTALLABLE = re.compile(r"[a-z0-9_]{1,40}")
_PREFERRED = (DEFAULT_PHP, *(version for version in reversed(PHP_VERSIONS) if version != DEFAULT_PHP))
_CEILING = (10**6, 0, 0)

Version = tuple[int, int, int]
Interval = tuple[Version, Version]
"""A half-open range of versions."""


@dataclass(frozen=True)
class ComposerFacts:
    """`php_version` is None where no version that FrankenPHP has fulfils `php_constraint`."""

    packages: frozenset[str] = frozenset()
    extensions: tuple[str, ...] = ()
    php_constraint: str | None = None
    php_version: str | None = None
    paths: tuple[str, ...] = ()  # local directories that `composer install` reads packages from


def read_composer(root: Path) -> ComposerFacts | None:
    """None without a composer.json; UsageError with the line for a file that is broken."""
    document = read_json(root / "composer.json")
    if document is None:
        return None
    lock = read_json(root / "composer.lock") or {}
    locked = [
        package for key in ("packages", "packages-dev") for package in lock.get(key) or [] if isinstance(package, dict)
    ]
    root_requires = {**table(document, "require"), **table(document, "require-dev")}
    platform = {**table(lock, "platform"), **table(lock, "platform-dev")}
    requirements = [root_requires, platform, *(table(package, "require") for package in locked)]
    own = table(document, "require").get("php") or platform.get("php")
    constraint = own if isinstance(own, str) else None
    others = [str(required["php"]) for required in requirements if isinstance(required.get("php"), str)]
    return ComposerFacts(
        packages=frozenset(
            [name for name in root_requires if "/" in name] + [str(package.get("name")) for package in locked]
        ),
        extensions=_extensions(requirements),
        php_constraint=constraint,
        php_version=choose_php(constraint, others),
        paths=_paths(document),
    )


def read_json(path: Path) -> dict[str, Any] | None:
    """The object in a JSON file; None if the file is missing, UsageError with the line if it is broken."""
    try:
        document = json.loads(path.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError:
        return None
    except json.JSONDecodeError as error:
        raise UsageError(
            f"{path.name} cannot be read: line {error.lineno}, column {error.colno}: {error.msg}",
            "correct the file, then try again",
        ) from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise UsageError(
            f"{path.name} cannot be read: line {line} is not UTF-8", "save the file as UTF-8, then try again"
        ) from None
    except (OSError, RecursionError) as error:
        raise UsageError(f"{path.name} cannot be read: {error}", "correct the file, then try again") from None
    if not isinstance(document, dict):
        raise UsageError(f"{path.name} cannot be read: line 1 is no object", "it has to start with {")
    return document


def table(document: dict[str, Any], key: str) -> dict[str, Any]:
    """An object inside a JSON or YAML object; empty where something else stands (PHP writes `[]` for it)."""
    value = document.get(key)
    return value if isinstance(value, dict) else {}


def choose_php(constraint: str | None, others: list[str] | None = None) -> str | None:
    """The version that fulfils the application's constraint and, if one can, those of its packages too.

    8.4 where it may be (the stand-in image has only that), else the newest. None if none does; a constraint that
    cannot be understood rules nothing out.
    """
    fitting = [version for version in _PREFERRED if constraint is None or fulfils(version, constraint)]
    best = [version for version in fitting if all(fulfils(version, other) for other in others or ())]
    return next(iter([*best, *fitting]), None)


def fulfils(branch: str, constraint: str) -> bool:
    """Whether some release of a PHP branch (`8.4`) fulfils a Composer constraint."""
    intervals = _intervals(constraint)
    if intervals is None:
        return True
    major, minor = (int(part) for part in branch.split("."))
    low, high = (major, minor, 0), (major, minor + 1, 0)
    return any(max(low, start) < min(high, end) for start, end in intervals)


def _paths(document: dict[str, Any]) -> tuple[str, ...]:
    """Directories of `"type": "path"` repositories inside the project, up to the first `*`."""
    repositories = document.get("repositories") or ()
    entries = repositories.values() if isinstance(repositories, dict) else repositories
    found = []
    for entry in entries if isinstance(repositories, dict | list) else ():
        url = str(entry.get("url", "")) if isinstance(entry, dict) and entry.get("type") == "path" else ""
        path = url.partition("*")[0].removeprefix("./").rstrip("/")
        if path and not path.startswith(("/", "~")) and ".." not in path.split("/"):
            found.append(path)
    return tuple(dict.fromkeys(found))


def _extensions(requirements: list[dict[str, Any]]) -> tuple[str, ...]:
    names = {name[4:].lower() for required in requirements for name in required if name.startswith("ext-")}
    installer_names = {_INSTALLER_NAMES.get(name, name.replace("-", "_")) for name in names}
    return tuple(sorted(name for name in installer_names - BUILT_IN if _INSTALLABLE.fullmatch(name)))


def _intervals(constraint: str) -> list[Interval] | None:
    """The ranges that a constraint allows; None if a part of it is not understood."""
    found: list[Interval] = []
    for alternative in re.split(r"\s*\|\|?\s*", constraint.strip()):
        text = re.sub(r"\s+-\s+", "…", alternative)
        text = re.sub(r"([<>=!~^]+)\s+", r"\1", text)
        low, high = (0, 0, 0), _CEILING
        for part in re.split(r"[\s,]+", text.strip()):
            interval = _interval(part.partition("@")[0])
            if interval is None:
                return None
            low, high = max(low, interval[0]), min(high, interval[1])
        found.append((low, high))
    return found


def _interval(part: str) -> Interval | None:
    if "…" in part:
        first, last = (_interval(end) for end in part.split("…", 1))
        return (first[0], last[1]) if first and last else None
    match = re.fullmatch(r"(\^|~|>=|<=|>|<|!=|==|=)?v?(\d+|\*)((?:\.(?:\d+|\*|x))*)(?:-\w+)?", part)
    if match is None:
        return None
    operator = match[1] or ""
    numbers = [int(digits) for digits in re.findall(r"\d+", match[2] + match[3])][:3]
    if operator == "!=" or not numbers:
        return (0, 0, 0), _CEILING
    major, minor, patch = [*numbers, 0, 0][:3]
    version = (major, minor, patch)
    next_patch = _after(numbers)
    match operator:
        case "^":
            return version, (major + 1, 0, 0)
        case "~":
            return version, (major, minor + 1, 0) if len(numbers) > 2 else (major + 1, 0, 0)
        case ">=":
            return version, _CEILING
        case ">":
            return (major, minor, patch + 1), _CEILING
        case "<":
            return (0, 0, 0), version
        case "<=":
            return (0, 0, 0), (major, minor, patch + 1)
    return version, next_patch


def _after(numbers: list[int]) -> Version:
    """The first version that no longer begins with these numbers (`8.3` is read as `8.3.*`)."""
    raised = [*numbers[:-1], numbers[-1] + 1]
    major, minor, patch = [*raised, 0, 0][:3]
    return major, minor, patch
