"""The commands: which there are, and which module does each."""

from __future__ import annotations

from types import MappingProxyType

from devkit.cli.sail import COMPOSE, INSTEAD
from devkit.cli.words import PASS_THROUGH
from devkit.project.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

COMMANDS: Mapping[str, str] = MappingProxyType(
    {
        "init": "make a new Laravel app here, or adopt one",
        "up": "start the services and wait until they are healthy",
        "down": "stop and remove the containers",
        "stop": "stop services, and keep their containers",
        "restart": "restart services",
        "reload": "have the workers take up new code",
        "mode": "say or switch how PHP runs: worker or classic",
        "xdebug": "switch breakpoints on or off",
        "status": "say what runs, and where",
        "ui": "open the terminal UI, as devkit alone does",
        "logs": "show what the services write",
        "build": "build the images, and push them",
        "cache": "say how fast builds are, what the cache saved, and what would help",
        "deploy": "release to a Kubernetes cluster, go back, or rehearse on this machine",
        "doctor": "find what is wrong, and say what to do",
        "config": "list, read, change and edit settings",
        "db": "export, import, keep and bring back the database",
        "env": "fetch .env's secrets from Doppler, compare them, give them back",
        "open": "open the application, or a page of a service, in the browser",
        "share": "show the application to others through your own tunnel tool",
        "scaffold": "write the files of an editor's container, of a pipeline, or of Kubernetes",
        "upgrade": "bring the container files up to this devkit, your edits kept",
        "report": "print what a bug report needs, secrets masked",
        "list": "list the projects of this machine",
        "poweroff": "stop all projects of this machine",
        "delete": "remove a project's containers, volumes and images",
        "trust": "make this machine trust the application's HTTPS certificate",
        "explain": "show the plain docker command behind a devkit command",
        "completion": "print the script that completes devkit's commands in a shell",
        "help": "say what a command takes, with examples",
    }
)
"""Name and one line for `--help`; the module of the same name in devkit.cli does the work.

What each takes, and examples of it, stand in devkit.cli.reference.
"""


def is_unknown(name: str) -> bool:
    """Whether a word is neither a command nor a flag: it may be one of the team's own."""
    return name not in COMMANDS and name not in PASS_THROUGH and not name.startswith("-")


def check_command(name: str) -> str:
    """Give a command's name back; UsageError, with the nearest one, for what is none."""
    if name in COMMANDS:
        return name
    if name.startswith("-"):
        raise UsageError(f"unknown flag {name}", nearest(name, GLOBAL_FLAGS) or "devkit --help lists the flags")
    if name in INSTEAD:
        raise UsageError(f"devkit has no command for Sail's `{name}`", INSTEAD[name])
    if name in COMPOSE:
        raise UsageError(f"unknown command {name!r}", f"Docker Compose has it: docker compose {name}")
    raise UsageError(
        f"unknown command {name!r}",
        nearest(name, (*COMMANDS, *PASS_THROUGH)) or "devkit --help lists the commands",
    )


def sentence(name: str) -> str:
    """A command's one line as a sentence."""
    line = COMMANDS.get(name) or PASS_THROUGH.get(name, "")
    return f"{line[:1].upper()}{line[1:]}." if line else ""


GLOBAL_FLAGS = ("--json", "--quiet", "--debug", "--yes", "--project", "--help", "--version")
"""Flags that every command takes."""


def nearest(word: str, known: Iterable[str]) -> str:
    """`did you mean …?` for a word that is close to a known one, else an empty text."""
    import difflib  # only where somebody mistyped

    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"did you mean {close[0]}?" if close else ""
