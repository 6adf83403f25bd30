"""`devkit trust`: make this machine trust the certificates of the application's own CA."""

from __future__ import annotations

from collections.abc import Sequence

from devkit.cli.arguments import CommandParser
from devkit.cli.context import Context
from devkit.cli.exit_status import ExitStatus
from devkit.cli.narration import narrator
from devkit.cli.output import print_json


def run(context: Context, arguments: Sequence[str]) -> int:
    """Run the command; exit 5 where a person has to run what is printed."""
    context, _options = CommandParser("trust").read(context, arguments)
    from devkit.setup.project import open_project
    from devkit.setup.trust import trust

    said = narrator(context)
    result = trust(open_project(context.directory), may_ask=context.may_ask())
    for store in result.stores:
        if store.status == "by hand":
            said.mark("warning", f"{store.name}: not permitted; run this yourself:")
            said.say(f"    {store.command}")
        else:
            said.mark("done", f"{store.name}: {store.status}")
    if context.json:
        print_json(result.to_json())
    else:
        print(result.certificate)
    by_hand = any(store.status == "by hand" for store in result.stores)
    return ExitStatus.NEEDS_PERSON if by_hand else ExitStatus.DONE
