"""`devkit upgrade`: this devkit's templates merged with what a person edited, conflicts marked as git marks them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from devkit.project.errors import FailedError
from devkit.project.files import write_atomically
from devkit.scaffold.adopt import detect
from devkit.scaffold.manifest import Manifest
from devkit.scaffold.merge import MARKER, marked
from devkit.scaffold.plan import PlannedFile, apply_plan, difference
from devkit.setup.project import Project
from devkit.setup.rendering import plan_project
from devkit.setup.stack import OnWait, alone


@dataclass(frozen=True)
class UpgradedFile:
    """One file that becomes another: `text` is what is written, with markers where it is a conflict."""

    path: str
    status: Literal["written", "merged", "conflict"]
    text: str
    difference: str
    planned: PlannedFile

    @property
    def chosen(self) -> PlannedFile:
        """The plan for it, as if devkit's side were chosen in each conflict."""
        new = self.planned.generated if self.status == "conflict" else None
        return self.planned if new is None else replace(self.planned, new=new)


def plan_upgrade(project: Project) -> list[UpgradedFile]:
    """What an upgrade would make of each file that is not up to date; nothing is written.

    FailedError for a file that has the markers of an upgrade before.
    """
    root = project.paths.root
    planned = plan_project(root, project.settings, detect(root), by_settings=False)
    open_conflicts = [file.path for file in planned if file.old is not None and _has_markers(file.old)]
    if open_conflicts:
        raise FailedError(
            f"{open_conflicts[0]} has conflict markers of an upgrade before",
            f"choose between both sides at each {MARKER!r}, then run devkit upgrade again",
        )
    return [_upgraded(root, file) for file in planned if file.status != "kept"]


def apply_upgrade(project: Project, shown: Sequence[UpgradedFile], *, on_wait: OnWait) -> None:
    """Write what was shown; FailedError, with nothing written, where the files were changed meanwhile."""
    with alone(project, "upgrade", on_wait) as now:
        if plan_upgrade(now) != list(shown):
            raise FailedError("files were changed meanwhile: nothing was written", "run devkit upgrade again")
        root, manifest = now.paths.root, Manifest(now.paths.root)
        apply_plan(root, [file.planned for file in shown if file.status != "conflict"])
        for file in shown:
            if file.status == "conflict":
                write_atomically(root / file.path, file.text.encode("utf-8", "surrogateescape"))
                # The next merge begins from here: both sides stand in the file.
                manifest.record(file.path, file.planned.generated or "")


def _upgraded(root: Path, file: PlannedFile) -> UpgradedFile:
    if file.status != "conflict":
        status: Literal["written", "merged"] = "written" if file.status == "written" else "merged"
        return UpgradedFile(file.path, status, file.new, file.diff, file)
    mine, theirs = file.old or "", file.generated or ""
    merged = marked(Manifest(root).base_of(file.path), mine.replace("\r\n", "\n"), theirs)
    return UpgradedFile(file.path, "conflict", merged.text, difference(file.path, mine, merged.text), file)


def _has_markers(text: str) -> bool:
    return any(line.rstrip("\r") == MARKER for line in text.split("\n"))
