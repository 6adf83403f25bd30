"""A change of settings at the terminal: its difference is shown, agreed to, written, and taken up by the stack."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from devkit.cli.consent import agree
from devkit.cli.context import Context
from devkit.cli.errors_shown import printable
from devkit.cli.narration import Narrator
from devkit.project.errors import FailedError
from devkit.setup.data_left import data_left_behind
from devkit.setup.project import open_project
from devkit.setup.settings_change import Change, Planner, apply_change, take_up


def change_settings(
    context: Context, directory: Path, plan: Planner, said: Narrator, *, written: Callable[[], None] = lambda: None
) -> dict[str, Any]:
    """Do it, and say what was done; what came of each file for `--json`, and whether the running stack has it.

    `written` is called between the writing and the stack. FailedError after a no, ConsentError where nobody can be
    asked and --yes is missing; then nothing is written.
    """
    project = open_project(directory)
    change = plan(project)
    if not change.is_one:
        said.say("  nothing had to change")
        return {"files": [], "applied": False}
    _show(change, said)
    for line in data_left_behind(change.settings.name, change.files, project.docker):
        said.warning(line)
    if not agree(context, "Write this, and have the stack take it up where it runs?"):
        raise FailedError("nothing was changed", "")
    apply_change(project, plan, change, on_wait=said.warning)
    for file in change.files:
        if file.status != "conflict":
            said.mark("done", f"{file.path} {file.status}")
    written()
    applied = take_up_shown(directory, said)
    files = [{"path": file.path, "status": file.status} for file in change.files]
    return {"files": files, "applied": applied}


def take_up_shown(directory: Path, said: Narrator) -> bool:
    """Bring the stack in line with the files and settings where it runs; whether it does."""
    try:
        warnings = take_up(open_project(directory), on_change=said.service, on_line=said.progress, on_wait=said.warning)
    finally:
        said.clear()
    for warning in warnings or ():
        said.warning(warning)
    if warnings is None:
        said.say("  nothing runs: devkit up puts it into effect")
    return warnings is not None


def _show(change: Change, said: Narrator) -> None:
    texts = [change.difference]
    for file in change.files:
        if file.status == "conflict":
            said.warning(f"{file.path} stays as it is: your edits and the new text disagree, as shown")
        texts.append(file.diff)
    said.say("\n".join(printable(line) for text in texts for line in text.splitlines()))
