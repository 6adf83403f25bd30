"""config.toml: what a person likes, in every project. It belongs to the person, so what is wrong in it stops nothing.

    [ui]
    theme = "devkit-light"
    preset = "vim"                  # of keys
    editor = "code --goto"          # default: $VISUAL, $EDITOR
    log_budget = "2 GiB"            # what the log lines of one project may take on the disk

    [keys]
    log.filter = "f7"               # by the id that the settings of the app show
    "app.quit" = ["q", "ctrl+q"]    # with or without quotes

Which themes, presets and ids there are is known to the app only: it says what is wrong with those.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from devkit.project.errors import UsageError
from devkit.project.files import write_atomically

_TEXTS = ("theme", "preset", "editor", "log_budget")
_TABLES = ("ui", "keys")
_SIZE = re.compile(r"(?P<number>\d{1,6}(?:\.\d{1,3})?) ?(?P<unit>[MGTmgt])i?[Bb]?")
_UNITS = {"M": 2**20, "G": 2**30, "T": 2**40}
_LEAST_MIB = 16
"""Below that no history would be left of a lively project."""


@dataclass(frozen=True)
class PersonSettings:
    """Empty texts are what was not chosen. `keys` is binding id -> keys, several with commas between.

    `log_budget` is what the lines of one project may take on the disk, such as `500 MiB`.
    """

    theme: str = ""
    preset: str = ""
    editor: str = ""
    log_budget: str = ""
    keys: Mapping[str, str] = field(default_factory=dict)

    @property
    def log_bytes(self) -> int | None:
        """The log budget in bytes; None where none was chosen."""
        return _bytes(self.log_budget)


def read_person(path: Path) -> tuple[PersonSettings, tuple[str, ...]]:
    """What config.toml says, and a line for each value that cannot be used; its default stands in for it."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return PersonSettings(), ()
    except OSError as error:
        return PersonSettings(), (f"{path} cannot be read: {error.strerror}",)
    except ValueError as error:  # TOML or UTF-8
        return PersonSettings(), (f"{path} cannot be read: {error}",)
    settings, problems = _settings(document)
    return settings, tuple(f"{path}: {problem}" for problem in problems)


def write_person(path: Path, settings: PersonSettings) -> None:
    """Write what differs from what stands there; comments and what devkit does not know stay.

    UsageError where the file is broken: it is not replaced. OSError passes through.
    """
    import tomlkit  # imported here: reading settings must stay cheap
    from tomlkit.exceptions import TOMLKitError

    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        text = ""
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not UTF-8", "correct the file, then try again") from error
    try:
        document = tomlkit.parse(text)
    except TOMLKitError as error:
        raise UsageError(f"{path} cannot be read: {error}", "correct the file, then try again") from error
    former = read_person(path)[0]
    _put(document, "ui", {name: getattr(settings, name) for name in _TEXTS}, {n: getattr(former, n) for n in _TEXTS})
    _put(document, "keys", settings.keys, former.keys)
    if (written := tomlkit.dumps(document)) != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, written)


def with_keys(settings: PersonSettings, id: str, keys: str | None) -> PersonSettings:
    """The same with other keys for one binding; None for those that it has by itself."""
    others = {known: value for known, value in settings.keys.items() if known != id}
    return replace(settings, keys=others if keys is None else {**others, id: keys})


def _settings(document: Mapping[str, Any]) -> tuple[PersonSettings, list[str]]:
    problems = [f"unknown [{name}]; there are [ui] and [keys]" for name in document if name not in _TABLES]
    tables: dict[str, Mapping[str, Any]] = {}
    for name in _TABLES:
        table = document.get(name, {})
        if not isinstance(table, dict):
            problems.append(f"{name} is {table!r}; write it as [{name}]")
            table = {}
        tables[name] = table
    texts: dict[str, str] = {}
    for name, value in tables["ui"].items():
        if name not in _TEXTS:
            problems.append(f"unknown ui.{name}; [ui] takes {', '.join(_TEXTS)}")
        elif not isinstance(value, str):
            problems.append(f"ui.{name} is {value!r}; give a text in quotes")
        elif name == "log_budget" and _bytes(value) is None:
            problems.append(f'ui.log_budget is {value!r}; give a size from "{_LEAST_MIB} MiB" on, such as "2 GiB"')
        else:
            texts[name] = value
    keys: dict[str, str] = {}
    for name, value in _flat(tables["keys"]):
        given = [value] if isinstance(value, str) else value
        if not isinstance(given, list) or not all(isinstance(one, str) for one in given):
            problems.append(f'keys."{name}" is {value!r}; give a key such as "f5", or a list of keys')
        else:
            keys[name] = ",".join(key.strip() for one in given for key in one.split(",") if key.strip())
    return PersonSettings(**texts, keys=keys), problems


def _bytes(size: str) -> int | None:
    """`500 MiB` or `2 GiB` in bytes; None for what is no such size."""
    found = _SIZE.fullmatch(size.strip())
    if found is None:
        return None
    amount = int(float(found["number"]) * _UNITS[found["unit"].upper()])
    return amount if amount >= _LEAST_MIB * _UNITS["M"] else None


def _flat(table: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """Entries by their whole name: TOML reads `log.filter` without quotes as a table in a table."""
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{before}{name}.")
        else:
            yield before + name, value


def _put(document: Any, name: str, wanted: Mapping[str, str], former: Mapping[str, str]) -> None:
    """Write the entries of one table that changed; an empty one goes."""
    import tomlkit

    changed = {key for key in {*wanted, *former} if wanted.get(key, "") != former.get(key, "")}
    if not changed:
        return
    if not isinstance(document.get(name), dict):
        document[name] = tomlkit.table()
    table = document[name]
    for key in sorted(changed):
        value = wanted.get(key, "")
        holder, entry = _holder(table, key)
        if value:
            holder[entry] = value.split(",") if "," in value else value
        else:
            holder.pop(entry, None)


def _holder(table: Any, key: str) -> tuple[Any, str]:
    """The table that an entry stands in, and its name there: `log.filter` may be `filter` in `log`."""
    first, dot, rest = key.partition(".")
    if dot and key not in table and isinstance(table.get(first), dict):
        return _holder(table[first], rest)
    return table, key
