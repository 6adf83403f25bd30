"""`devkit doctor`: what is wrong, why, and what to do; exit 1 if there is any problem."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from devkit.cli.arguments import CommandParser
from devkit.cli.commands import nearest
from devkit.cli.consent import agree
from devkit.cli.context import Context
from devkit.cli.errors_shown import one_line
from devkit.cli.exit_status import ExitStatus
from devkit.cli.narration import Narrator, narrator
from devkit.cli.output import print_json
from devkit.project.errors import UsageError

if TYPE_CHECKING:
    from devkit.doctor.check import Check

_MARKS = {"ok": "done", "warning": "warning", "problem": "failed", "skipped": "skipped"}


def run(context: Context, arguments: Sequence[str]) -> int:
    """Run the command; --fix asks before each fix, unless --yes."""
    parser = CommandParser("doctor")
    parser.add_argument("checks", nargs="*", metavar="CHECK", help="the checks that --fix puts right; default: all")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--fix", action="store_true", help="put right what can safely be put right")
    how.add_argument("--lines", action="store_true", help="each check as a JSON object on a line, when it is known")
    context, options = parser.read(context, arguments)
    if options.checks and not options.fix:
        raise UsageError("checks are named for --fix only", f"devkit doctor --fix {' '.join(options.checks)}")
    from devkit.doctor.checks import apply_fixes, run_checks

    if options.lines:
        return _status(run_checks(context.directory, lambda check: print_json(check.to_json())))
    said = narrator(context)
    checks = run_checks(context.directory, lambda check: _show(said, check))
    if options.fix:
        named = _named(options.checks, checks)
        wanted = [check for check in named if check.fixable and check.status in ("problem", "warning")]
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
    return _status(checks)


def _status(checks: Sequence[Check]) -> ExitStatus:
    return ExitStatus.FAILED if any(check.status == "problem" for check in checks) else ExitStatus.DONE


def _named(ids: Sequence[str], checks: Sequence[Check]) -> list[Check]:
    """The checks of these ids, all of them for none; UsageError for an id that no check has."""
    known = {check.id: check for check in checks}
    for id in ids:
        if id not in known:
            raise UsageError(f"there is no check {id!r}", nearest(id, known) or f"the checks are: {', '.join(known)}")
    return [known[id] for id in ids] if ids else list(checks)


def _show(said: Narrator, check: Check) -> None:
    said.mark(_MARKS[check.status], check.title + (f": {one_line(check.why)}" if check.why else ""))
    if check.fix and check.status in ("warning", "problem"):
        said.say(f"    {one_line(check.fix)}")
