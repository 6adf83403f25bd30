"""`devkit open [PAGE]`: the application, or a page of one of its services, in the browser. The address is printed."""

from __future__ import annotations

from collections.abc import Sequence

from devkit.cli.arguments import CommandParser
from devkit.cli.context import Context
from devkit.cli.exit_status import ExitStatus
from devkit.cli.narration import narrator
from devkit.cli.output import print_json, table


def run(context: Context, arguments: Sequence[str]) -> int:
    """Run the command; a machine without a browser is no failure."""
    parser = CommandParser("open")
    parser.add_argument("page", nargs="?", default="app", metavar="PAGE", help="default: app, the application")
    parser.add_argument("--list", action="store_true", help="say which pages there are, and open none")
    context, options = parser.read(context, arguments)
    from devkit.setup.browser import open_in_browser
    from devkit.setup.pages import page, pages
    from devkit.setup.project import open_project

    project = open_project(context.directory)
    if options.list:
        known = pages(project)
        if context.json:
            print_json({"pages": [{"name": one.name, "title": one.title, "url": one.url} for one in known]})
        else:
            print(table([(one.name, one.url, one.title) for one in known]))
        return ExitStatus.DONE
    url = page(project, options.page).url
    opened = open_in_browser(url)
    if context.json:
        print_json({"url": url, "opened": opened})
    else:
        print(url)
    if not opened:
        narrator(context).say("  no browser to open it in was found on this machine")
    return ExitStatus.DONE
