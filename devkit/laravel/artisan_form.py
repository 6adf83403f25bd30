"""What can be filled in for an artisan command: one field for each argument and option, and how its text is read."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from devkit.laravel.artisan_words import Value, Values
from devkit.laravel.catalogue import Argument, Catalogue, Command, Default, Option
from devkit.laravel.console_text import untagged
from devkit.project.errors import UsageError

Kind = Literal["text", "many", "switch", "maybe", "choice"]
"""One value; several, with spaces between; on or off; on or off and perhaps a value; one of `choices`."""

_EMPTY = ('""', "''")
"""How an empty value is written: a field without text is one that was not filled in."""

_LEFT_OUT = ("--help", "--version", "--ansi", "--no-ansi")
"""What every command takes and no form needs: help is on the screen already, and the output has its colours."""

_OUTPUT = ("--silent", "--quiet", "--verbose")
_VERBOSITY = "--verbose"


@dataclass(frozen=True)
class Entry:
    """What stands in a field: its text, and whether it is switched on."""

    text: str = ""
    on: bool = False


@dataclass(frozen=True)
class Field:
    """One argument or option; `key` is its name in Values, `everywhere` says that every command has it."""

    key: str
    kind: Kind
    required: bool
    description: str
    default: str
    shortcut: str = ""
    negates: str = ""
    choices: tuple[str, ...] = ()
    everywhere: bool = False

    def read(self, entry: Entry) -> Value:
        """What was given; False for nothing. UsageError where quotes do not end."""
        if self.kind == "switch" or (self.kind == "maybe" and not entry.text):
            return entry.on
        if self.kind == "many":
            return _split(self.key, entry.text) or False
        return "" if entry.text in _EMPTY else entry.text or False

    def entry(self, value: Value) -> Entry:
        """What has to stand in the field for this value."""
        if isinstance(value, bool):
            return Entry(on=value)
        if isinstance(value, tuple):
            return Entry(shlex.join(value), on=True)
        return Entry(value or _EMPTY[0], on=True)


def fields(command: Command, catalogue: Catalogue) -> tuple[Field, ...]:
    """The form of a command: its arguments, its options, then what every command takes."""
    own = [_argument(argument) for argument in command.arguments] + [_option(option) for option in command.options]
    common = [option for option in catalogue.options if option.name not in (*_LEFT_OUT, *_OUTPUT)]
    return (*own, *(_option(option, everywhere=True) for option in common), *_verbosity(catalogue))


def values_of(entries: Mapping[Field, Entry]) -> Values:
    """What all fields give together. UsageError where one cannot be read."""
    found: dict[str, Value] = {}
    for field, entry in entries.items():
        value = field.read(entry)
        if field.kind == "choice" and isinstance(value, str):
            found[_VERBOSITY if value.startswith("-v") else value] = value if value.startswith("-v") else True
        elif value is not False:
            found[field.key] = value
    return found


def entries_of(form: tuple[Field, ...], values: Values) -> dict[Field, Entry]:
    """The form filled in with values; what it has no field for is left out."""
    switched_on = [name for name in _OUTPUT if values.get(name) is True]
    entries: dict[Field, Entry] = {}
    for field in form:
        if field.kind == "choice":
            said = [one for one in (values.get(_VERBOSITY), *switched_on) if one in field.choices]
            if said:
                entries[field] = Entry(str(said[0]))
        elif field.key in values:
            entries[field] = field.entry(values[field.key])
    return entries


def _argument(argument: Argument) -> Field:
    return Field(
        argument.name,
        "many" if argument.many else "text",
        argument.required,
        untagged(argument.description),
        _shown(argument.default),
    )


def _option(option: Option, *, everywhere: bool = False) -> Field:
    kind: Kind = "many" if option.many else "text"
    if option.value == "none":
        kind = "switch"
    elif option.value == "optional" and option.default is False:  # Symfony's way to let a bare option mean something
        kind = "maybe"
    return Field(
        option.name,
        kind,
        required=False,
        description=untagged(option.description),
        default="" if kind == "switch" else _shown(option.default),
        shortcut=option.shortcut,
        negates=option.negates,
        everywhere=everywhere,
    )


def _verbosity(catalogue: Catalogue) -> list[Field]:
    """How much is said is one choice of several options."""
    by_name = {option.name: option for option in catalogue.options}
    choices = [name for name in _OUTPUT if name in by_name and name != _VERBOSITY]
    if _VERBOSITY in by_name:
        choices += by_name[_VERBOSITY].shortcut.split("|")
    if not choices:
        return []
    return [
        Field(
            _VERBOSITY, "choice", False, "How much it says", "", choices=tuple(filter(None, choices)), everywhere=True
        )
    ]


def _shown(default: Default) -> str:
    """A default for people; nothing where it stands for none."""
    if default is None or default is False or default == []:
        return ""
    if isinstance(default, list):
        return shlex.join(map(str, default))
    return "true" if default is True else str(default)


def _split(key: str, text: str) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(text))
    except ValueError:
        raise UsageError(f"{key}: the quotes do not end", "several values have spaces between them") from None
