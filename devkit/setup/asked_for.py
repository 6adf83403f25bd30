"""`devkit scaffold WHAT`: files that a project gets when they are asked for, written where nobody else's stand."""

from __future__ import annotations

from devkit.project.errors import FailedError
from devkit.project.settings import Settings
from devkit.scaffold.kubernetes import SQLITE_IN_A_CLUSTER
from devkit.scaffold.plan import PlannedFile, apply_plan
from devkit.setup.project import Project
from devkit.setup.rendering import plan_asked_for
from devkit.setup.stack import OnWait, alone


def write_asked_for(project: Project, what: str, *, on_wait: OnWait) -> list[PlannedFile]:
    """Write the files that ASKED_FOR has under this word, and say what became of each.

    FailedError, with nothing written, for one that says something else than devkit would write.
    """
    with alone(project, "scaffold", on_wait) as now:
        files = plan_asked_for(now.paths.root, now.settings, what)
        refused = [file for file in files if file.status == "conflict"]
        if refused:
            names = " and ".join(file.path for file in refused)
            raise FailedError(
                f"nothing was written: something else than devkit would write stands in {names}",
                "the difference stands above; move the file away to have devkit's",
                detail="\n".join(file.diff for file in refused),
            )
        apply_plan(now.paths.root, files)
    return files


def what_to_know(what: str, settings: Settings) -> list[str]:
    """What a person should know who asks for the files under this word with these settings."""
    return [SQLITE_IN_A_CLUSTER] if what == "kubernetes" and settings.database == "sqlite" else []
