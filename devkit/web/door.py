"""`devkit ui --web`: serves the app until it is interrupted."""

from __future__ import annotations

import importlib.util
import secrets
import sys
from collections.abc import Callable

from devkit.project.errors import FailedError, UsageError
from devkit.project.ports import choose_ports, holder, is_free
from devkit.setup.project import Project

HOST = "127.0.0.1"
WANTED_PORT = 8765
REQUIREMENT = "textual-serve==1.1.3"
"""What the optional extra `web` installs: exactly this one, as its parts are used that it does not promise to keep."""


def run(project: Project, port: int | None, on_ready: Callable[[str], None]) -> int:
    """Serve the app on 127.0.0.1; `on_ready` gets the address once it answers. Gives 128 and the signal that ended it.

    The address holds a token: without it, and from pages of other addresses, nothing is answered.
    """
    if importlib.util.find_spec("textual_serve") is None:
        raise UsageError(
            "devkit ui --web needs textual-serve, which is not installed",
            f"{sys.executable} -m pip install {REQUIREMENT}",
        )
    if port is None:
        port = choose_ports({"web": WANTED_PORT}, {})["web"]
    elif not is_free(port):
        raise FailedError(
            f"port {port} is taken by {holder(port) or 'a program that is not seen'}",
            "leave --port out to get a free one",
        )
    from devkit.web.server import UiServer, serve

    command = [sys.executable, "-m", "devkit.tui.served", str(project.paths.root)]
    return serve(UiServer(command, project.settings.name, port, secrets.token_urlsafe(24)), on_ready)
