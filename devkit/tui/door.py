"""`devkit` at a terminal in a project: opens the app, and ends with its status."""

from __future__ import annotations

import gc
import os
import signal
from functools import partial

from devkit.setup.project import Project


def run(project: Project) -> int:
    """Run the app until it is left."""
    from devkit.project.paths import person_file

    if os.environ.get("TEXTUAL_DRIVER"):  # a page in a browser (devkit.tui.served)
        from devkit.tui.app import DevkitApp

        app = DevkitApp(project, person_file(), on_complete=_collect_garbage)
        app.run()
        return app.return_code or 0
    from devkit.tui.first_rows import FirstRows

    with FirstRows(project) as rows:
        from devkit.tui.app import ENDING, DevkitApp
        from devkit.tui.driver import Continued, TerminalDriver

        app = DevkitApp(project, person_file(), on_complete=_collect_garbage, first=rows.snapshot)
        made = TerminalDriver if rows.snapshot is None else partial(Continued, rows)
        app.driver_class = made  # type: ignore[assignment]  # called as a class is
        signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)  # from here on the terminal is the app's to give back
        try:
            app.run()
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)
    return app.return_code or 0


def _collect_garbage() -> None:
    """From here on, as nothing did while modules were loaded. What is there now stays, and is not looked at again."""
    gc.freeze()
    gc.enable()
