"""What every command is given: the global flags, and whether a person is there to be asked."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TextIO

from devkit.project.errors import UsageError

if TYPE_CHECKING:
    from devkit.setup.answers import Answers
    from devkit.setup.first_run import FirstRunPlan
    from devkit.setup.project import Project

AGENT_VARIABLES = (
    "AI_AGENT",
    "AUGMENT_AGENT",
    "CLAUDECODE",
    "CLINE_ACTIVE",
    "CODEX_SANDBOX",
    "CURSOR_AGENT",
    "GEMINI_CLI",
    "OPENCODE",
)
"""Variables that coding agents set for the programs they run: nobody answers prompts there."""


class Wizard(Protocol):
    """The door that asks; entry.py hands it in, so that no door imports another."""

    def ask(self, answers: Answers, *, directory_given: bool) -> Answers:
        """Ask what the flags left open."""

    def consent(self, question: str, detail: str) -> bool:
        """Ask for one consent, such as installing Docker."""

    def confirm(self, plan: FirstRunPlan) -> bool:
        """Show what would be done; True to go on."""

    def summary(self, plan: FirstRunPlan) -> str:
        """Every file, command and warning of a plan as text."""

    def differences(self, plan: FirstRunPlan) -> str:
        """What changes in files that are there already, as unified diffs; empty if nothing does."""


@dataclass(frozen=True)
class Context:
    """The global flags as given, and the doors that ask and that stay open.

    `web` serves at a port, None for a free one, tells its address, and gives the exit status after a signal.
    """

    wizard: Callable[[], Wizard]
    ui: Callable[[Project], int]
    web: Callable[[Project, int | None, Callable[[str], None]], int]
    json: bool = False
    quiet: bool = False
    debug: bool = False
    yes: bool = False
    project: str | None = None

    @property
    def directory(self) -> Path:
        """Where the command works: `--project`, else the current directory."""
        if self.project is None:
            return Path.cwd()
        directory = Path(self.project)
        if not directory.is_dir():
            raise UsageError(f"--project {self.project}: no such directory", "name a project's directory")
        return directory.resolve()

    def may_ask(self) -> bool:
        """True if a person sits at the terminal and wants to be asked."""
        return not self.json and not self.yes and person_present(os.environ, sys.stdin, sys.stderr)


def person_present(environ: Mapping[str, str], stdin: TextIO | None, stderr: TextIO | None) -> bool:
    """True at a terminal outside CI and outside a coding agent. Prompts are read from stdin, shown on stderr."""
    if environ.get("CI", "").lower() not in ("", "0", "false"):
        return False
    if any(environ.get(name) for name in AGENT_VARIABLES):
        return False
    return is_terminal(stdin) and is_terminal(stderr)


def is_terminal(stream: TextIO | None) -> bool:
    """Whether a stream is an open terminal; a closed or missing one is not."""
    try:
        return stream is not None and stream.isatty()
    except ValueError:  # closed
        return False
