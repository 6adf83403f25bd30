"""The running application takes up an .env that devkit wrote: a team's hook, then workers and other processes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from devkit.engine.docker import find_docker
from devkit.laravel.reactions import Reaction
from devkit.project.errors import EngineError
from devkit.project.lock import only_one
from devkit.project.paths import ProjectPaths
from devkit.project.settings import Settings
from devkit.setup import followed
from devkit.setup.followed import Followed
from devkit.setup.following import FOLLOWING_LOCK
from devkit.setup.project import Project
from devkit.setup.reacting import Reacting, Save
from devkit.setup.team_commands import run_hook

HOOK = "after-pull"


def after_pull(
    paths: ProjectPaths, settings: Settings, saved: float, on_line: Callable[[str], None]
) -> Followed | None:
    """Run the hook `after-pull`, then have the application take up .env, that was saved at that moment (epoch).

    What came of it; None where no engine answers, nothing runs, or another process follows this project's files and
    sees to it. FailedError where the hook failed.
    """
    run_hook(paths, settings, HOOK, on_line)
    try:
        project = Project(paths, settings, find_docker())
        project.docker.ping()
    except EngineError:
        return None
    with only_one(paths, FOLLOWING_LOCK, "env pull") as holder:
        if holder is not None:
            on_line(f"{holder} follows the project's files, and .env with them")
            return None
        done = asyncio.run(Reacting(project, on_line).make(Reaction.CODE, Save((paths.env.name,), saved)))
    if done is not None:
        followed.keep(paths, done)
    return done
