"""The terminal, given to another program until that ends."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence

from textual.app import App, SuspendNotSupported

from devkit.project.errors import FailedError


def hand_over(app: App[None], command: Sequence[str]) -> int:
    """Run a command on the app's terminal and give its status; the app is as it was behind that.

    FailedError where there is no terminal to give, as in a browser, or the command cannot be started.
    """
    try:
        with app.suspend():
            return subprocess.call(command)
    except SuspendNotSupported as error:
        raise FailedError("there is no terminal here to hand over", "open devkit in a terminal") from error
    except OSError as error:
        raise FailedError(f"{command[0]} cannot be started: {error.strerror}", "check that it is installed") from error
