"""`devkit` at a terminal in a project: opens the app, and ends with its status."""

from __future__ import annotations

from devkit.setup.project import Project


def run(project: Project) -> int:
    """Run the app until it is left."""
    from devkit.project.paths import person_file
    from devkit.tui.app import DevkitApp

    app = DevkitApp(project, person_file())
    app.run()
    return app.return_code or 0
