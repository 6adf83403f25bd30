"""`devkit share`: the application shown to others through the person's own tunnel tool, until Ctrl-C."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn

from devkit.cli.arguments import CommandParser
from devkit.cli.consent import agree
from devkit.cli.context import Context
from devkit.cli.narration import narrator
from devkit.cli.output import print_json
from devkit.project.errors import FailedError


def run(context: Context, arguments: Sequence[str]) -> NoReturn:
    """Run the command; it says what others will reach, and asks, before anything is opened.

    It ends by an interrupt, or by the tool's own end, which is an error.
    """
    parser = CommandParser("share")
    parser.add_argument("--with", choices=("cloudflared", "ngrok", "ssh"), help="default: what is installed")
    parser.add_argument("--host", metavar="USER@HOST", help="where ssh opens the tunnel: ssh -R 80:localhost:PORT")
    context, options = parser.read(context, arguments)
    from devkit.setup.project import open_project
    from devkit.setup.sharing import exposure, find_tool, plan_tunnel, share

    said = narrator(context)
    project = open_project(context.directory)
    tool = getattr(options, "with")
    tunnel = plan_tunnel(project, tool, options.host, find_tool)
    for sentence in exposure(project, tunnel):
        said.warning(sentence)
    if not agree(context, f"Open {tunnel.target} to others through {tunnel.tool}?"):
        raise FailedError("nothing was opened", "devkit share asks again")

    def tell(address: str) -> None:
        said.clear()
        if context.json:
            print_json({"url": address, "target": tunnel.target, "tool": tunnel.tool})
        else:
            print(address, flush=True)
        said.mark("done", "others reach it there until this ends: Ctrl-C")

    try:
        share(tunnel, directory=project.paths.root, on_line=said.progress, on_address=tell)
    finally:
        said.clear()
