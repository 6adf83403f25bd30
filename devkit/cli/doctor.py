"""`devkit doctor`: what is wrong, why, and what to do; exit 1 if there is any problem."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from devkit.cli.arguments import CommandParser
from devkit.cli.consent import agree
from devkit.cli.context import Context
from devkit.cli.errors_shown import one_line
from devkit.cli.exit_status import ExitStatus
from devkit.cli.narration import Narrator, narrator
from devkit.cli.output import print_json

if TYPE_CHECKING:
    from devkit.doctor.check import Check

_MARKS = {"ok": "done", "warning": "warning", "problem": "failed", "skipped": "skipped"}


def run(context: Context, arguments: Sequence[str]) -> int:
    """Run the command; --fix asks before each fix, unless --yes."""
    parser = CommandParser("doctor")
    parser.add_argument("--fix", action="store_true", help="put right what can safely be put right")
    context, options = parser.read(context, arguments)
    from devkit.doctor.checks import apply_fixes, run_checks

    said = narrator(context)
    checks = run_checks(context.directory, lambda check: _show(said, check))
    if options.fix:
        wanted = [check for check in checks if check.fixable and check.status in ("problem", "warning")]
        agreed = [check for check in wanted if agree(context, f"{check.title}: {check.fix}?")]
        if agreed:
            apply_fixes(context.directory, agreed, said.warning)
        if wanted:
            checks = run_checks(context.directory, lambda _check: None)
    problems = sum(check.status == "problem" for check in checks)
    if context.json:
        print_json({"checks": [check.to_json() for check in checks]})
    else:
        print(f"{len(checks)} checks, {problems} problem{'' if problems == 1 else 's'}")
    return ExitStatus.FAILED if problems else ExitStatus.DONE


def _show(said: Narrator, check: Check) -> None:
    said.mark(_MARKS[check.status], check.title + (f": {one_line(check.why)}" if check.why else ""))
    if check.fix and check.status in ("warning", "problem"):
        said.say(f"    {one_line(check.fix)}")
