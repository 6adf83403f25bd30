"""`devkit` at a terminal in a project: opens the app, and ends with its status."""

from __future__ import annotations

import gc

from devkit.setup.project import Project


def run(project: Project) -> int:
    """Run the app until it is left."""
    from devkit.project.paths import person_file
    from devkit.tui.app import DevkitApp

    app = DevkitApp(project, person_file(), on_complete=_collect_garbage)
    app.run()
    return app.return_code or 0


def _collect_garbage() -> None:
    """From here on, as nothing did while modules were loaded. What is there now stays, and is not looked at again."""
    gc.freeze()
    gc.enable()
