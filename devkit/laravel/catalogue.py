"""artisan's commands with their arguments and options, as `artisan list --format=json` says them, kept in .devkit/.

Forms in the terminal UI and completion are made of them; reading the kept catalogue needs no engine.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from devkit.laravel.looks import looks_of
from devkit.project.errors import FailedError
from devkit.project.paths import ProjectPaths

Value = Literal["none", "optional", "required"]
Default = str | int | float | bool | None | list[Any]

_SCHEMA = 1
_FILE = "catalogue.json"
_SOURCES = ("composer.lock", "bootstrap/app.php", "bootstrap/providers.php", "routes/console.php")
_TREES = ("app/Console",)


@dataclass(frozen=True)
class Argument:
    """A word that a command takes; `many` where it takes all that follow."""

    name: str
    required: bool
    many: bool
    description: str
    default: Default = None


@dataclass(frozen=True)
class Option:
    """An option, with its dashes; `value` says whether it takes one, `shortcut` is empty or as `-v|-vv|-vvv`."""

    name: str
    shortcut: str
    value: Value
    many: bool
    description: str
    default: Default = None

    @property
    def negates(self) -> str:
        """The option that this is the opposite of, as `--no-ansi` is of `--ansi`; else empty.

        Symfony lists a negatable option as two, and says so in the second one's description alone.
        """
        other = f"--{self.name.removeprefix('--no-')}"
        return other if self.description == f'Negate the "{other}" option' else ""


@dataclass(frozen=True)
class Command:
    """One artisan command; the options that every command has stand in the catalogue."""

    name: str
    description: str
    help: str
    hidden: bool
    arguments: tuple[Argument, ...]
    options: tuple[Option, ...]


@dataclass(frozen=True)
class Catalogue:
    """Every command of one application; `source` is what its files looked like when they were asked for."""

    application: str
    options: tuple[Option, ...]
    commands: tuple[Command, ...]
    source: str = ""

    def shown(self) -> Iterator[Command]:
        """The commands that `artisan list` shows."""
        return (command for command in self.commands if not command.hidden)

    def find(self, name: str) -> Command | None:
        """The command of this name."""
        return next((command for command in self.commands if command.name == name), None)


def parse(text: str, source: str = "") -> Catalogue:
    """The catalogue in artisan's JSON; notices that PHP printed before it are passed over."""
    try:
        found = json.loads(text[max(text.find('{"'), 0) :])
        commands = [(entry, _options(entry["definition"]["options"])) for entry in found["commands"]]
        everywhere = _common([options for _, options in commands])
        application = found.get("application") or {}
        return Catalogue(
            application=f"{application.get('name', '')} {application.get('version', '')}".strip(),
            options=everywhere,
            commands=tuple(_command(entry, options, everywhere) for entry, options in commands),
            source=source,
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise FailedError(
            "artisan list did not answer with its commands as JSON", "devkit artisan list shows what it says"
        ) from error


def _command(entry: Mapping[str, Any], options: Sequence[Option], everywhere: Sequence[Option]) -> Command:
    arguments = entry["definition"]["arguments"]
    description = str(entry.get("description") or "")
    help_text = str(entry.get("help") or "")
    return Command(
        name=entry["name"],
        description=description,
        help="" if help_text == description else help_text,
        hidden=bool(entry.get("hidden")) or entry["name"].startswith("_"),
        arguments=tuple(
            Argument(
                argument["name"],
                bool(argument["is_required"]),
                bool(argument["is_array"]),
                str(argument.get("description") or ""),
                argument.get("default"),
            )
            for argument in _values(arguments)
        ),
        options=tuple(option for option in options if option not in everywhere),
    )


def _options(definition: object) -> list[Option]:
    return [
        Option(
            option["name"],
            str(option.get("shortcut") or ""),
            "required" if option["is_value_required"] else "optional" if option["accept_value"] else "none",
            bool(option["is_multiple"]),
            str(option.get("description") or ""),
            option.get("default"),
        )
        for option in _values(definition)
    ]


def _values(definition: object) -> list[Mapping[str, Any]]:
    """PHP writes an empty map as a list."""
    return list(definition.values()) if isinstance(definition, dict) else []


def _common(all_options: Sequence[Sequence[Option]]) -> tuple[Option, ...]:
    first = all_options[0] if all_options else []
    return tuple(option for option in first if all(option in options for options in all_options))


def keep(root: Path, catalogue: Catalogue) -> None:
    """Write it to .devkit/; OSError passes through."""
    from devkit.project.files import write_atomically  # only where something is written

    path = kept_file(root)
    path.parent.mkdir(exist_ok=True)
    body = {
        "schema": _SCHEMA,
        "source": catalogue.source,
        "application": catalogue.application,
        "options": [_row(option) for option in catalogue.options],
        "commands": [
            [
                command.name,
                command.description,
                command.help,
                command.hidden,
                [_row(argument) for argument in command.arguments],
                [_row(option) for option in command.options],
            ]
            for command in catalogue.commands
        ],
    }
    write_atomically(path, json.dumps(body, ensure_ascii=False, separators=(",", ":")))


def kept(root: Path) -> Catalogue | None:
    """The catalogue that was kept last; None where there is none, or one of another devkit."""
    try:
        body = json.loads(kept_file(root).read_bytes())
        if body["schema"] != _SCHEMA:
            return None
        return Catalogue(
            application=body["application"],
            options=tuple(Option(*row) for row in body["options"]),
            commands=tuple(
                Command(
                    name,
                    description,
                    help_text,
                    hidden,
                    tuple(Argument(*row) for row in arguments),
                    tuple(Option(*row) for row in options),
                )
                for name, description, help_text, hidden, arguments, options in body["commands"]
            ),
            source=body["source"],
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _row(item: Argument | Option) -> list[object]:
    return list(vars(item).values())


def fingerprint(root: Path) -> str:
    """What the files look like that artisan's commands come from: a catalogue of another look is out of date."""
    return looks_of(root, _SOURCES, _TREES)


def kept_file(root: Path) -> Path:
    """Where the catalogue is kept."""
    return ProjectPaths(root).state / _FILE
