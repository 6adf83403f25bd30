"""`devkit open [PAGE]`: the application, or a page of one of its services, in the browser. The address is printed."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

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
    opener = find_opener(sys.platform, _os_release(), shutil.which)
    opened = opener is not None and _start([*opener, url])
    if context.json:
        print_json({"url": url, "opened": opened})
    else:
        print(url)
    if not opened:
        narrator(context).say("  no browser to open it in was found on this machine")
    return ExitStatus.DONE


def find_opener(platform: str, kernel: str, which: Callable[[str], str | None]) -> tuple[str, ...] | None:
    """The program that opens an address here: `open` on macOS, wslview or explorer in WSL, else xdg-open."""
    if platform == "darwin":
        names: Mapping[str, tuple[str, ...]] = {"open": ("open",)}
    elif "microsoft" in kernel.lower():
        names = {"wslview": ("wslview",), "explorer.exe": ("explorer.exe",), "xdg-open": ("xdg-open",)}
    else:
        names = {"xdg-open": ("xdg-open",)}
    return next((command for name, command in names.items() if which(name)), None)


def _start(command: Sequence[str]) -> bool:
    """Start it and wait shortly: openers hand the address on and end; one that stays is the browser itself."""
    try:
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError:
        return False
    try:
        # explorer.exe answers 1 even when it opened the address
        return child.wait(timeout=3) == 0 or command[0] == "explorer.exe"
    except subprocess.TimeoutExpired:
        return True


def _os_release() -> str:
    try:
        return Path("/proc/sys/kernel/osrelease").read_text()
    except OSError:
        return ""
