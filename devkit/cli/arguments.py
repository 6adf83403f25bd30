"""Arguments of one command: a parser whose errors are one line with a hint."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from typing import NoReturn

from devkit.cli.commands import GLOBAL_FLAGS, nearest, sentence
from devkit.cli.context import Context
from devkit.cli.reference import examples_text, usage_text
from devkit.project.errors import UsageError


class CommandParser(argparse.ArgumentParser):
    """argparse without abbreviations, whose errors are UsageErrors; usage and examples are the reference's."""

    def __init__(self, command: str, *, epilog: str | None = None) -> None:
        super().__init__(
            prog=f"devkit {command}".strip(),
            usage=usage_text(command).replace("%", "%%"),
            description=sentence(command),
            epilog="\n\n".join(text for text in (epilog, examples_text(command)) if text).replace("%", "%%"),
            allow_abbrev=False,
            add_help=False,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        everywhere = self.add_argument_group("everywhere")
        for flag, text in (
            ("--json", "one JSON object on stdout"),
            ("--quiet", "say nothing but results and errors"),
            ("--debug", "show tracebacks"),
            ("--yes", "answer every question with its default or with yes"),
        ):
            everywhere.add_argument(flag, action="store_true", default=argparse.SUPPRESS, help=text)
        everywhere.add_argument(
            "--project", metavar="DIR", default=argparse.SUPPRESS, help="work on the project in DIR"
        )
        everywhere.add_argument("--help", "-h", action="help", help="show this and end")

    def error(self, message: str) -> NoReturn:
        """Turn argparse's message into a UsageError."""
        raise UsageError(message, f"{self.prog} --help lists what it takes")

    def read(self, context: Context, arguments: Sequence[str]) -> tuple[Context, argparse.Namespace]:
        """Parse; the context gets the global flags that stood after the command."""
        options, unknown = self.parse_known_args(list(arguments))
        if unknown:
            self._refuse(unknown[0])
        given = vars(options)
        changes = {name: given.pop(name) for name in ("json", "quiet", "debug", "yes", "project") if name in given}
        return replace(context, **changes), options

    def _refuse(self, word: str) -> NoReturn:
        hint = f"{self.prog} --help lists what it takes"
        if not word.startswith("-"):
            raise UsageError(f"{self.prog} does not take {word!r}", hint)
        flag = word.partition("=")[0]
        if len(flag) > 2 and flag[1] != "-" and any(not action.option_strings for action in self._actions):
            hint = f"what begins with a dash and is no flag stands behind --: {self.prog} -- {word}"
            raise UsageError(f"unknown flag {flag} for {self.prog}", hint)
        flags = [option for action in self._actions for option in action.option_strings]
        raise UsageError(f"unknown flag {flag} for {self.prog}", nearest(flag, [*flags, *GLOBAL_FLAGS]) or hint)


def positive(text: str) -> int:
    """A whole number from 0, for argparse."""
    if not text.isascii() or not text.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number")
    return int(text)
