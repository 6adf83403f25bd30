"""What may stand at the cursor of a command line that a shell completes: answered from files, never from the engine."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from devkit.cli import complete_sources as sources
from devkit.cli.commands import COMMANDS
from devkit.cli.complete_sources import Candidates
from devkit.cli.forms import Form, is_placeholder, plain_words
from devkit.cli.reference import REFERENCE
from devkit.cli.sail import translated
from devkit.cli.words import PASS_THROUGH, PROJECT, SWITCHES
from devkit.project.errors import DevkitError
from devkit.project.paths import find_project

_GLOBAL: Mapping[str, str] = {
    "--json": "one JSON object on stdout",
    "--quiet": "say nothing but results and errors",
    "--debug": "show tracebacks",
    "--yes": "answer every question with its default or with yes",
    "--project": "work on the project in DIR",
    "--help": "show help and end",
}

_PLACEHOLDERS: Mapping[str, Callable[[Path], Candidates]] = {
    "SERVICE": sources.services,
    "KEY": sources.settings,
    "ENVIRONMENT": sources.environments,
    "PAGE": sources.pages,
    "VARIABLE": sources.variables,
    "COMMAND": lambda _root: COMMANDS,
}
"""What a word in capitals stands for; one that is not here is a file, or only the person knows it."""

_REST: Mapping[str, Callable[[Path, Sequence[str], str], Candidates]] = {
    "artisan": sources.artisan,
    "test": sources.tests,
    "bin": sources.programs,
    "npm": sources.scripts,
    "yarn": sources.scripts,
    "pnpm": sources.scripts,
    "bun": sources.scripts,
    "composer": sources.composer,
}
"""Commands whose words are another program's."""


def candidates(words: Sequence[str], current: str) -> Candidates:
    """Everything that `current` may become, with what it is; `words` stand before it, without devkit's own name.

    Empty where devkit does not know: the shell completes files then.
    """
    flag, equals, _ = current.partition("=")
    inline = equals and flag.startswith("-")
    before = [*words, flag] if inline else list(words)
    found = _candidates(before, "" if inline else current)
    return {f"{flag}={value}": what for value, what in found.items()} if inline else found


def _candidates(words: Sequence[str], current: str) -> Candidates:
    root, rest = _project(words)
    if rest is None:
        return {}
    if not rest:
        if current.startswith("-"):
            return {**_GLOBAL, "--version": "show the version and end"}
        return {**COMMANDS, **PASS_THROUGH, **sources.team(root)}
    command, *given = rest
    if command == "explain" and given:
        return _of_command(root, given, current)
    return _of_command(root, [command, *given], current)


def _of_command(root: Path, words: Sequence[str], current: str) -> Candidates:
    command, *given = translated(words)
    if command in _REST:
        return _REST[command](root, given, current)
    entry = REFERENCE.get(command)
    if entry is None or command not in (*COMMANDS, *PASS_THROUGH):
        return {}
    return _of_forms([Form(text) for text in entry.forms], root, given, current)


def _of_forms(forms: Iterable[Form], root: Path, given: Sequence[str], current: str) -> Candidates:
    """The next word or flag of whichever forms fit what is there."""
    forms = list(forms)
    flags = {name: flag for form in forms for name, flag in form.flags.items()}
    last = given[-1].partition("=")[0] if given else ""
    if last in flags and flags[last].value:
        return _stand_for(flags[last].value, root)
    plain = plain_words(given, flags)
    fitting = [form for form in forms if form.takes(plain)]
    if current.startswith("-"):
        own = {name: "" for form in fitting for name in form.flags if name not in given}
        return {**own, **_GLOBAL}
    found: dict[str, str] = {}
    for form in fitting:
        word = form.next_word(plain)
        if word is not None:
            found |= {value: what for value, what in _stand_for(word, root).items() if value not in plain}
    return found


def _stand_for(word: str, root: Path) -> Candidates:
    if not is_placeholder(word):
        return dict.fromkeys(word.split("|"), "")
    source = _PLACEHOLDERS.get(word)
    return source(root) if source is not None else {}


def _project(words: Sequence[str]) -> tuple[Path, list[str] | None]:
    """The project's root, and the words from the command on; None where the value of --project is being written."""
    rest = list(words)
    start = Path.cwd()
    while rest:
        name, equals, value = rest[0].partition("=")
        if name == PROJECT:
            if not equals and len(rest) == 1:
                return start, None
            start = start / (value if equals else rest[1])
            del rest[: 1 if equals else 2]
        elif rest[0] in SWITCHES:
            del rest[0]
        else:
            break
    with suppress(DevkitError, OSError):
        return find_project(start.resolve()).root, rest
    return start, rest
