"""The files of delivery that a first run writes beside the others, where nobody else's stand."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from devkit.project.settings import Settings
from devkit.scaffold.adopt import Existing
from devkit.scaffold.deliveries import DELIVERIES
from devkit.scaffold.plan import GITIGNORE, PlannedFile
from devkit.setup.asked_for import what_to_know
from devkit.setup.rendering import plan_asked_for


@dataclass(frozen=True)
class PlannedDelivery:
    """Files, and what a person should know about them."""

    files: tuple[PlannedFile, ...]
    warnings: tuple[str, ...]


def plan_delivery(
    root: Path, settings: Settings, existing: Existing, wanted: Collection[str], planned: Collection[str]
) -> PlannedDelivery:
    """Plan the files under each word of DELIVERIES that is wanted; `planned` are paths that a plan has already.

    Files that come together come all or none: where one has something else in its place, that stays, and a warning says
    so. Nothing is written.
    """
    files: list[PlannedFile] = []
    warnings: list[str] = []
    for word, title in DELIVERIES.items():
        if word not in wanted:
            continue
        plan = plan_asked_for(root, settings, word, existing.health_path)
        mine = [file for file in plan if file.path != GITIGNORE and file.path not in planned]
        theirs = [file.path for file in mine if file.status == "conflict"]
        if theirs:
            names = " and ".join(theirs)
            warnings.append(f"no files for {title}: {names} stays; moved away, devkit scaffold {word} writes them")
            continue
        files += mine
        warnings += what_to_know(word, settings)
    return PlannedDelivery(tuple(files), tuple(warnings))
