"""`--answers FILE.toml`: the answers of the first run in a file, keys named as the flags."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from devkit.cli.commands import nearest
from devkit.project.errors import UsageError

_TEXTS = ("name", "database", "mode", "php", "images", "directory")
_SWITCHES = ("https", "install_docker", "no_start", "dry_run", "doppler", "github", "gitlab", "kubernetes")
KEYS = (*_TEXTS, *_SWITCHES, "with", "port", "set")
"""What the file may hold; `install-docker` and `install_docker` are the same."""


def read_answers(path: Path) -> dict[str, Any]:
    """The file's answers by the flags' names: texts, switches, `with` (list), `port` (int), `set` (dict).

    UsageError for a file that is missing or broken, and for a key or a type that is not known.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"--answers {path} is broken: {error}", "correct the file, then try again") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UsageError(f"--answers {path} cannot be read: {reason}", "name a TOML file") from error
    answers: dict[str, Any] = {}
    for key, value in document.items():
        name = key.replace("-", "_")
        if name not in KEYS:
            hint = nearest(name, KEYS) or f"the keys are: {', '.join(KEYS)}"
            raise UsageError(f"--answers {path}: unknown key {key!r}", hint)
        answers[name] = _checked(path, name, value)
    return answers


def _checked(path: Path, key: str, value: Any) -> Any:
    if key == "php" and isinstance(value, float):
        return str(value)  # php = 8.4, without quotes, is what people write
    if key in _TEXTS:
        return _of(path, key, value, str, "a text in quotes")
    if key in _SWITCHES:
        return _of(path, key, value, bool, "true or false")
    if key == "port":
        return _of(path, key, value, int, "a whole number")
    if key == "set":
        return _flat(path, _of(path, key, value, dict, "a table"))
    items = value.split(",") if isinstance(value, str) else value
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
        raise UsageError(f"--answers {path}: with is {value!r}", 'give a list, such as ["redis", "mailpit"]')
    return [item.strip() for item in items if item.strip()]


def _of(path: Path, key: str, value: Any, kind: type, what: str) -> Any:
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise UsageError(f"--answers {path}: {key} is {value!r}", f"give {what}")
    return value


def _flat(path: Path, table: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """`[set.php] jit = "tracing"` and `[set] "php.jit" = "tracing"` are the same."""
    found: dict[str, str] = {}
    for key, value in table.items():
        name = f"{prefix}{key}"
        match value:
            case dict():
                found.update(_flat(path, value, f"{name}."))
            case bool():
                found[name] = "true" if value else "false"
            case str() | int() | float():
                found[name] = str(value)
            case list() if all(isinstance(item, str) for item in value):
                found[name] = ",".join(value)
            case _:
                raise UsageError(f"--answers {path}: set.{name} is {value!r}", "give a text, a number or a list")
    return found
