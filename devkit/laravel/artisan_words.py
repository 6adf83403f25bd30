"""A command line for artisan made of what a person filled in: exact, whatever signs a value has.

How Symfony's console reads it (its class ArgvInput) decides where each word stands. A value goes to its option with
`=`, so that it may be empty or begin with a dash. An option that may go without its value would take the next word for
it, unless that begins with a dash: so arguments stand first, or behind `--` where one of them begins with a dash.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType

from devkit.laravel.catalogue import Command, Option
from devkit.project.errors import UsageError
from devkit.project.services import APP

Value = str | bool | tuple[str, ...]
Values = Mapping[str, Value]
"""What was given, by an argument's name, or an option's with its dashes. True is an option without a value, a text is
its value; of an option that takes none it is one of its shortcuts (`-vv`). Several are a tuple. False is not given."""

NOTHING: Values = MappingProxyType({})
HIDDEN = "***"


def words(
    command: Command, values: Values, everywhere: Sequence[Option] = (), *, asks: bool = False
) -> tuple[str, ...]:
    """The words behind `artisan`; `everywhere` are the options that every command has.

    UsageError says in one line what is missing, or does not go together. At a terminal artisan `asks` for what is
    missing.
    """
    _check(command, values, everywhere)
    arguments = list(_arguments(command, values, asks=asks))
    options = [word for option in (*command.options, *everywhere) for word in _option(option, values)]
    if any(word.startswith("-") for word in arguments):
        return (command.name, *options, "--", *arguments)
    return (command.name, *arguments, *options)


def with_colours(line: Sequence[str]) -> tuple[str, ...]:
    """The same with `--ansi`, for artisan that writes to a pipe; as it is where it says itself what colours it wants.

    Behind the command's name: `artisan test` hands all that follows the second word on to PHPUnit.
    """
    name, *rest = line
    options = rest[: rest.index("--")] if "--" in rest else rest
    return tuple(line) if {"--ansi", "--no-ansi"} & set(options) else (name, "--ansi", *rest)


def hidden(values: Values, is_secret: Callable[[str, str], bool]) -> Values:
    """The values with what is a secret, by its name and itself, hidden: for a screen."""

    def shown(key: str, value: Value) -> Value:
        if isinstance(value, tuple):
            return tuple(HIDDEN if is_secret(key, text) else text for text in value)
        return HIDDEN if isinstance(value, str) and is_secret(key, value) else value

    return {key: shown(key, value) for key, value in values.items()}


def plain(line: Sequence[str]) -> str:
    """The docker command that does the same, as a person would type it in the project's directory."""
    return shlex.join(("docker", "compose", "exec", APP, "php", "artisan", *line))


def _check(command: Command, values: Values, everywhere: Sequence[Option]) -> None:
    given = {key for key, value in values.items() if value is not False}
    options = (*command.options, *everywhere)
    known = {argument.name for argument in command.arguments} | {option.name for option in options}
    if unknown := sorted(given - known):
        raise UsageError(f"{command.name} has no {unknown[0]}", "its form shows what it takes")
    for option in options:
        if option.negates and {option.name, option.negates} <= given:
            raise UsageError(f"{option.negates} and {option.name} exclude each other", "choose one")
    if any("\0" in text for key in given for text in _texts(values[key])):
        raise UsageError("a value has a NUL character", "no program can be given one")


def _arguments(command: Command, values: Values, *, asks: bool) -> Iterator[str]:
    """The arguments in their order; it has no holes, for artisan tells them apart by their places."""
    missing = ""
    for argument in command.arguments:
        found = _texts(values.get(argument.name, False))
        if not found:
            if argument.required and not asks:
                raise UsageError(f"{argument.name} is missing", argument.description or "it is required")
            missing = missing or argument.name
        elif missing:
            raise UsageError(f"{missing} is missing", f"it stands before {argument.name}")
        yield from found


def _option(option: Option, values: Values) -> Iterator[str]:
    value = values.get(option.name, False)
    if value is False:
        return
    if option.value == "none":
        yield value if isinstance(value, str) and value in option.shortcut.split("|") else option.name
    elif value is True:
        if option.value == "required":
            raise UsageError(f"{option.name} needs a value", option.description or "fill it in")
        yield option.name
    else:
        yield from (f"{option.name}={text}" for text in _texts(value))


def _texts(value: Value) -> tuple[str, ...]:
    if isinstance(value, tuple):
        return value
    return (value,) if isinstance(value, str) else ()
