"""`devkit init`: the first run. Flags, and where a person is, the wizard, become a plan; then it is done."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from devkit.cli import init_flags
from devkit.cli.context import Context, person_present
from devkit.cli.errors_shown import show
from devkit.cli.exit_status import ExitStatus, status_of
from devkit.cli.narration import narrator
from devkit.cli.output import print_json
from devkit.project.errors import ConsentError, DevkitError, FailedError

if TYPE_CHECKING:
    from devkit.setup.first_run import FirstRunPlan
    from devkit.setup.result import FirstRunResult


def run(context: Context, arguments: Sequence[str]) -> int:
    """Run the command; without a person at a terminal the result is one JSON object even without --json."""
    alone = not person_present(os.environ, sys.stdin, sys.stderr)
    try:
        return _run(context, arguments, as_json=alone)
    except (DevkitError, OSError) as error:
        if isinstance(error, BrokenPipeError) or not alone or "--json" in arguments or context.json:
            raise
        show(error, as_json=True, debug=context.debug)
        return status_of(error)


def _run(context: Context, arguments: Sequence[str], *, as_json: bool) -> int:
    context, options = init_flags.read(context, arguments)
    as_json = as_json or context.json
    from devkit.setup.first_run import plan_first_run, run_first_run

    asking = context.may_ask() and not as_json
    wizard = context.wizard()
    answers = options.answers
    if asking:
        answers = wizard.ask(answers, directory_given=options.directory_given)
    plan = plan_first_run(answers)
    if options.dry_run:
        return _planned(context, plan, as_json=as_json)
    said = narrator(context)
    if not asking:
        said.say(_shown(context, plan))
    elif not wizard.confirm(plan):
        raise FailedError("stopped at the summary; nothing was written", "run devkit init again when ready")
    result = run_first_run(plan, wizard.consent if asking else _nobody_consents, said)
    _done(context, plan, result, as_json=as_json)
    return ExitStatus.DONE


def _nobody_consents(question: str, detail: str) -> bool:
    """--yes takes defaults; it is no consent, and neither is having nobody to ask."""
    raise ConsentError(f"{question} Nobody is here to agree", detail or "give --install-docker to agree")


def _planned(context: Context, plan: FirstRunPlan, *, as_json: bool) -> int:
    if as_json:
        print_json(plan.to_result().to_json())
    else:
        print(_shown(context, plan))
    return ExitStatus.DONE


def _shown(context: Context, plan: FirstRunPlan) -> str:
    """The summary, with the differences of files that are there: where nobody is asked, nobody asks for them."""
    wizard = context.wizard()
    return "\n\n".join(part for part in (wizard.summary(plan), wizard.differences(plan)) if part)


def _done(context: Context, plan: FirstRunPlan, result: FirstRunResult, *, as_json: bool) -> None:
    said = narrator(context)
    if as_json:
        print_json(result.to_json())
    else:
        print(result.url)
    if plan.answers.start:
        said.mark("done", f"{result.project} answers at {result.url}")
    said.say("  next: devkit status, devkit logs --follow, devkit open")
