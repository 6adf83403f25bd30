"""`python -m devkit.tui.served ROOT`: the app of one project, as the server of `devkit ui --web` starts it for a page.

It speaks textual-serve's protocol on stdin and stdout (Textual's web driver, which the environment asks for).
"""

from __future__ import annotations

import os
import select
import signal
import sys
from pathlib import Path
from threading import Event, Thread

from devkit.project.errors import DevkitError
from devkit.setup.project import open_project
from devkit.tui.door import run

_LEAVE_SECONDS = 2.0


def main(root: str) -> int:
    """Run it; a project that cannot be opened is said on stderr."""
    Thread(target=_end_with_server, daemon=True).start()
    try:
        return run(open_project(Path(root)))
    except DevkitError as error:
        print(f"devkit: {error}", file=sys.stderr)
        return 1


def _end_with_server() -> None:
    """A server that was killed has asked for nothing: stdin, which it held, hangs up. Nothing is read from it here."""
    poll = select.poll()
    poll.register(sys.stdin.fileno(), 0)
    poll.poll()
    os.kill(os.getpid(), signal.SIGTERM)
    Event().wait(_LEAVE_SECONDS)  # this thread ends with the app; where the app does not, it ends it
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
