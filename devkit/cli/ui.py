"""`devkit ui`: the terminal UI, as `devkit` alone opens it; with `--web` in a browser of this machine."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from devkit.cli import home
from devkit.cli.arguments import CommandParser, positive
from devkit.cli.context import Context, person_present
from devkit.cli.narration import narrator
from devkit.cli.output import print_json
from devkit.project.errors import UsageError


def run(context: Context, arguments: Sequence[str]) -> int:
    """Run the command."""
    parser = CommandParser("ui")
    parser.add_argument("--web", action="store_true", help="serve it on 127.0.0.1, until Ctrl-C")
    parser.add_argument("--port", type=positive, metavar="N", help="default: a free one")
    parser.add_argument("--no-browser", action="store_true", help="print the address, and open no browser")
    context, options = parser.read(context, arguments)
    if options.web:
        return _serve(context, options.port, browser=not options.no_browser)
    if options.port is not None or options.no_browser:
        raise UsageError("--port and --no-browser are for --web", "devkit ui --web")
    return home.run(context)


def _serve(context: Context, port: int | None, *, browser: bool) -> int:
    """The address is a line of stdout; a browser is opened where a person sits at the terminal."""
    from devkit.setup.browser import open_in_browser
    from devkit.setup.project import open_project

    said = narrator(context)
    browser = browser and person_present(os.environ, sys.stdin, sys.stderr)

    def ready(url: str) -> None:
        if context.json:
            print_json({"url": url})
        else:
            print(url, flush=True)
        said.say("  whoever has this address can use the app; Ctrl-C ends it")
        if browser and not open_in_browser(url):
            said.say("  no browser to open it in was found on this machine")

    return context.web(open_project(context.directory), port, ready)
