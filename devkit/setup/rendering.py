"""What a project's files would become: the scaffold rendered for its settings, and planned against what is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from devkit.engine.images.catalogue import base_image
from devkit.project.paths import ProjectPaths
from devkit.project.services import SERVICES
from devkit.project.settings import Settings
from devkit.project.settings_file import read_settings
from devkit.scaffold.adopt import Existing, detect
from devkit.scaffold.adopt_compose import ADOPTED_FILE, COMPOSE_FILES, OVERRIDE_FILES
from devkit.scaffold.asked_for import ASKED_FOR, is_somebody_elses, render_asked_for, was_written
from devkit.scaffold.context import RenderContext, RenderedFile
from devkit.scaffold.dockerignore import DOCKERFILE_IGNORE, DOCKERIGNORE, with_former
from devkit.scaffold.manifest import Manifest
from devkit.scaffold.plan import PlannedFile, backup_name, plan_files
from devkit.scaffold.render import render
from devkit.setup.result import Renamed


def image_keys(settings: Settings) -> tuple[str, ...]:
    """The base images that the running stack needs: the application's and those of its services."""
    services = [SERVICES[name].image for name in settings.all_services]
    return tuple(dict.fromkeys(["frankenphp", *(key for key in services if key)]))


def context_for(root: Path, settings: Settings, existing: Existing) -> RenderContext:
    """The official references as defaults of the files, and what the project's own files ask for."""
    keys = dict.fromkeys(["node", *image_keys(settings)])
    return RenderContext(
        bases={key: base_image(key, settings.php.version, settings.node.version).reference for key in keys},
        adopted=(root / ADOPTED_FILE).is_file() or (existing.adopted_compose is not None and not _is_project(root)),
        composer_paths=existing.composer_paths,
        frontend_php=existing.frontend_php,
        health_path=existing.health_path,
        manager_version=existing.manager_version if existing.package_manager == settings.node.package_manager else None,
    )


def plan_project(root: Path, settings: Settings, existing: Existing, *, by_settings: bool = True) -> list[PlannedFile]:
    """Say for every file of the scaffold what writing it would do; nothing is written.

    On adoption a file that was there before makes room and is kept beside (`NAME.before-devkit`), but the lines of
    .dockerignore and .gitignore stay in force. In a project, a file that a person edited is merged, and where that
    cannot be done it stays as it is. With `by_settings` a file that nothing is remembered of (in a clone) is taken for
    one that this devkit wrote from devkit.toml; an upgrade cannot know that.
    """
    rendered = render(settings, context_for(root, settings, existing))
    if _is_project(root):
        rendered |= render_asked_for(root, settings, existing.health_path)
        former = _former(root, rendered, settings, existing) if by_settings else None
        return plan_files(root, rendered, former=former)
    if existing.adopted_compose is not None:
        rendered[ADOPTED_FILE] = RenderedFile(ADOPTED_FILE, existing.adopted_compose)
    if existing.dockerignore is not None:
        ignored = rendered[DOCKERIGNORE]
        rendered[DOCKERIGNORE] = replace(ignored, adopted=with_former(ignored.text, existing.dockerignore))
    manifest = Manifest(root)
    return plan_files(root, rendered, replace={path for path in rendered if manifest.base_of(path) is None})


def _former(root: Path, rendered: Mapping[str, RenderedFile], settings: Settings, existing: Existing) -> dict[str, str]:
    """What devkit.toml as it stands makes of the files: in a clone, nothing else tells what devkit wrote last."""
    manifest = Manifest(root)
    if all(manifest.base_of(path) is not None for path in rendered):
        return {}
    before = read_settings(ProjectPaths(root).settings)
    files = rendered
    if before != settings:
        files = render(before, context_for(root, before, existing))
        files |= render_asked_for(root, before, existing.health_path)
    return {path: file.text for path, file in files.items()}


def _is_project(root: Path) -> bool:
    """Whether adoption is over: devkit.toml is what the first run writes last."""
    return ProjectPaths(root).settings.is_file()


def plan_asked_for(root: Path, settings: Settings, what: str, health_path: str | None = None) -> list[PlannedFile]:
    """Say what writing the files that ASKED_FOR has under this word would do; nothing is written.

    Somebody else's file in the place of one that the others do without stays. In a clone, one that devkit wrote is
    known by its header, and what devkit.toml makes of it counts as what was written last. `health_path` is what says
    that Laravel is well, if that is known.
    """
    files = ASKED_FOR[what]
    rendered = files.render(settings, health_path or detect(root).health_path)
    theirs = {path for path in files.optional if is_somebody_elses(root, path)}
    former = {path: file.text for path, file in rendered.items() if was_written(root, path)}
    plan = [
        file for file in plan_files(root, rendered, former=former) if file.path not in theirs or file.old is not None
    ]
    return [_left(file) if file.path in theirs else file for file in plan]


def _left(file: PlannedFile) -> PlannedFile:
    """The file as it is, and none of devkit's."""
    return replace(file, status="kept", new=file.old or "", diff="", generated=None)


def in_the_way(root: Path, existing: Existing) -> list[Renamed]:
    """Former files that would be read beside or instead of devkit's, Compose's above all, and their new names."""
    names = (*COMPOSE_FILES, *OVERRIDE_FILES, DOCKERFILE_IGNORE)
    found = [name for name in existing.in_the_way if name in names and name != "compose.yaml"]
    return [Renamed(name, backup_name(root / name)) for name in found if (root / name).is_file()]


def make_room(root: Path, renamed: Sequence[Renamed]) -> None:
    """Give them their new names; one that has it already, by a run that was cut off, is left."""
    for file in renamed:
        if (root / file.path).is_file():
            (root / file.path).rename(root / file.to)
