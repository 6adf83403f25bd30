"""Writes docs/devkit.1, the man page, from the same reference that `devkit --help` is made of.

    python docs/man_page.py

The wheel carries it as share/man/man1/devkit.1; a test holds it to what this would write.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import devkit
from devkit.cli.commands import COMMANDS, sentence
from devkit.cli.reference import REFERENCE
from devkit.cli.sail import SAIL
from devkit.cli.words import PASS_THROUGH

PAGE = Path(__file__).with_name("devkit.1")

_GLOBAL = {
    "--json": "One JSON object on standard output, errors included.",
    "--quiet": "Say nothing but results and errors.",
    "--debug": "Show tracebacks.",
    "--yes": "Answer every question with its default or with yes. What destroys needs it where nobody can be asked.",
    "--project DIR": "Work on the project in DIR instead of the one that the current directory lies in.",
    "--help": "Show help and end; behind a command, what that command takes.",
    "--version": "Show the version and end.",
}

_EXIT = {
    "0": "done",
    "1": "failed",
    "2": "usage: a flag, a value, a name or a named file is wrong; nothing was written",
    "3": "the container engine is not reachable",
    "4": "not in a devkit project",
    "5": "a question or a consent is due, and nobody is there to answer",
    "128+N": "ended by signal N, such as 130 by an interrupt",
}

_FILES = {
    "devkit.toml": "the settings of a project",
    "compose.yaml, Dockerfile, docker/": "the files written from them, which are the project's own to edit",
    "compose.override.yaml": "what belongs to this machine: ports, user, local images",
    ".devkit/": "what devkit remembers of a project; safe to delete",
}

_ENVIRONMENT = {
    "NO_COLOR": "if set and not empty, no colour",
    "CI": "if set, nobody is asked anything",
    "DOCKER_HOST, DOCKER_CONTEXT": "the container engine, as the docker command takes them",
    "XDG_DATA_HOME, XDG_CACHE_HOME, XDG_STATE_HOME": "where devkit keeps its own files on this machine",
}


def page() -> str:
    """The whole page in man(7)'s macros."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield '.\\" Made by docs/man_page.py.'
    yield f'.TH DEVKIT 1 "" "devkit {devkit.__version__}" "devkit"'
    yield ".SH NAME"
    yield f"devkit {_dash} the local environment for Laravel on FrankenPHP"
    yield ".SH SYNOPSIS"
    yield ".B devkit"
    yield _text("[--json] [--quiet] [--debug] [--yes] [--project DIR] COMMAND ...")
    yield ".SH DESCRIPTION"
    yield _text("Makes and runs a Laravel application in FrankenPHP, with its services, by Docker Compose.")
    yield _text("Results go to standard output, narration to standard error.")
    yield _text("In a project every action is a command with an exit status that scripts can rely on.")
    yield ".SH OPTIONS"
    yield from _table(_GLOBAL)
    yield ".SH COMMANDS"
    for name in (*COMMANDS, *PASS_THROUGH):
        yield f".SS {_text(name)}"
        yield _text(sentence(name))
        for form in REFERENCE[name].forms:
            yield ".PP"
            yield f".B devkit {_text(name)}"
            if form:
                yield _text(form)
        for example, what in REFERENCE[name].examples.items():
            yield ".TP"
            yield f".B {_text(example)}"
            yield _text(what)
    yield ".SH SAIL"
    yield _text("The words of Laravel Sail are understood, so that alias sail=devkit works:")
    yield _text(", ".join(SAIL) + ".")
    for title, rows in (("EXIT STATUS", _EXIT), ("FILES", _FILES), ("ENVIRONMENT", _ENVIRONMENT)):
        yield f".SH {title}"
        yield from _table(rows)
    yield ".SH SEE ALSO"
    yield ".BR docker (1),"
    yield ".BR docker-compose (1)"


_dash = "\\-"


def _table(rows: dict[str, str]) -> Iterator[str]:
    for name, what in rows.items():
        yield ".TP"
        yield f".B {_text(name)}"
        yield _text(what)


def _text(text: str) -> str:
    """Text that groff takes as it is: backslashes, dashes, quotes, and a dot or quote that begins a line."""
    plain = text.replace("\\", "\\e").replace("-", _dash).replace('"', "\\(dq").replace("'", "\\(aq")
    plain = plain.replace("~", "\\(ti").replace("`", "\\(ga").replace("^", "\\(ha")
    return f"\\&{plain}" if plain.startswith((".", "\\(aq")) else plain


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
