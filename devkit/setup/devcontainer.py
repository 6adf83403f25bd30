"""`devkit scaffold devcontainer`: an editor's files, written where nobody else's stand."""

from __future__ import annotations

from devkit.project.errors import FailedError
from devkit.scaffold.plan import PlannedFile, apply_plan
from devkit.setup.project import Project
from devkit.setup.rendering import plan_devcontainer
from devkit.setup.stack import OnWait, alone


def write_devcontainer(project: Project, *, on_wait: OnWait) -> list[PlannedFile]:
    """Write them, and say what became of each; FailedError, with nothing written, for one that says something else."""
    with alone(project, "scaffold", on_wait) as now:
        files = plan_devcontainer(now.paths.root, now.settings)
        refused = next((file for file in files if file.status == "conflict"), None)
        if refused is not None:
            raise FailedError(
                f"{refused.path} stays as it is: it says something else than devkit would write",
                "the difference stands above; move the file away to have devkit's",
                detail=refused.diff,
            )
        apply_plan(now.paths.root, files)
    return files
