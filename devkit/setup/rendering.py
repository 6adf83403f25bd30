"""What a project's files would become: the scaffold rendered for its settings, and planned against what is there."""

from __future__ import annotations

from pathlib import Path

from devkit.engine.images.catalogue import base_image
from devkit.project.paths import ProjectPaths
from devkit.project.services import SERVICES
from devkit.project.settings import Settings
from devkit.scaffold.adopt import Existing
from devkit.scaffold.adopt_compose import COMPOSE_FILES, OVERRIDE_FILES
from devkit.scaffold.context import RenderContext, RenderedFile
from devkit.scaffold.manifest import Manifest
from devkit.scaffold.plan import PlannedFile, plan_files
from devkit.scaffold.render import render

ADOPTED = "docker/compose.adopted.yaml"
"""Services that a project had before devkit and that devkit has none for."""


def image_keys(settings: Settings) -> tuple[str, ...]:
    """The base images that the running stack needs: the application's and those of its services."""
    services = [SERVICES[name].image for name in settings.all_services]
    return tuple(dict.fromkeys(["frankenphp", *(key for key in services if key)]))


def context_for(root: Path, settings: Settings, existing: Existing) -> RenderContext:
    """The official references as defaults of the files, and what the project's own files ask for."""
    keys = dict.fromkeys(["node", *image_keys(settings)])
    return RenderContext(
        bases={key: base_image(key, settings.php.version, settings.node.version).reference for key in keys},
        adopted=existing.adopted_compose is not None or (root / ADOPTED).is_file(),
        composer_paths=existing.composer_paths,
        frontend_php=existing.frontend_php,
    )


def plan_project(root: Path, settings: Settings, existing: Existing) -> list[PlannedFile]:
    """Say for every file of the scaffold what writing it would do; nothing is written.

    On adoption a file that was there before makes room and is kept beside (`NAME.before-devkit`). In a project, one
    that a person edited is merged, and where that cannot be done it stays as it is.
    """
    rendered = render(settings, context_for(root, settings, existing))
    if existing.adopted_compose is not None:
        rendered[ADOPTED] = RenderedFile(ADOPTED, existing.adopted_compose)
    if ProjectPaths(root).settings.is_file():
        return plan_files(root, rendered)
    manifest = Manifest(root)
    foreign = {path for path in rendered if manifest.base_of(path) is None}
    replaced = plan_files(root, {path: rendered[path] for path in rendered if path in foreign}, replace=True)
    merged = plan_files(root, {path: rendered[path] for path in rendered if path not in foreign})
    # Each plan ends with .gitignore; it is wanted once.
    return [*replaced[:-1], *merged]


def make_room(root: Path, existing: Existing) -> list[str]:
    """Rename former compose files that Compose would read beside or instead of devkit's; what was renamed."""
    moved = []
    for name in existing.in_the_way:
        path = root / name
        if name in (*COMPOSE_FILES, *OVERRIDE_FILES) and name != "compose.yaml" and path.is_file():
            path.rename(path.with_name(f"{name}.before-devkit"))
            moved.append(name)
    return moved
