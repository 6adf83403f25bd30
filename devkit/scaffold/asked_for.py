"""Files that a project has only where somebody asked for them: an editor's container, pipelines."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from devkit.project.settings import Settings
from devkit.scaffold.adopt import WRITTEN_BY
from devkit.scaffold.context import RenderedFile
from devkit.scaffold.devcontainer import DEVCONTAINER, render_devcontainer
from devkit.scaffold.kubernetes import ALL_PATHS, ANCHOR, render_kubernetes
from devkit.scaffold.manifest import Manifest
from devkit.scaffold.pipelines import DELIVERY, DEPENDABOT, GITLAB, PULL_REQUEST, render_github, render_gitlab


@dataclass(frozen=True)
class AskedFor:
    """Files that come together: `paths` are all that some settings have, `render` makes them for these settings and the
    path that says whether Laravel is well.

    `optional` are those that may be somebody else's: the others do without them. `anchor` is the file that names the
    others: while it is devkit's, what the settings add to it is written too.
    """

    paths: tuple[str, ...]
    render: Callable[[Settings, str], dict[str, RenderedFile]]
    optional: tuple[str, ...] = ()
    anchor: str | None = None


def _of_settings(
    render: Callable[[Settings], dict[str, RenderedFile]],
) -> Callable[[Settings, str], dict[str, RenderedFile]]:
    return lambda settings, _health_path: render(settings)


ASKED_FOR: Mapping[str, AskedFor] = MappingProxyType(
    {
        "devcontainer": AskedFor((DEVCONTAINER,), _of_settings(render_devcontainer)),
        "github": AskedFor((PULL_REQUEST, DELIVERY, DEPENDABOT), _of_settings(render_github), optional=(DEPENDABOT,)),
        "gitlab": AskedFor((GITLAB,), _of_settings(render_gitlab)),
        "kubernetes": AskedFor(ALL_PATHS, render_kubernetes, anchor=ANCHOR),
    }
)
"""By the word that `devkit scaffold` takes."""

ASKED_FOR_PATHS = frozenset(path for files in ASKED_FOR.values() for path in files.paths)
"""Their paths: one that was taken away again is not missed."""


def was_written(root: Path, path: str) -> bool:
    """Whether the file is there and devkit wrote it: it is remembered, or in a clone, its header says so."""
    file = root / path
    if not file.is_file():
        return False
    if Manifest(root).base_of(path) is not None:
        return True
    with file.open("rb") as stream:
        return WRITTEN_BY in stream.read(600)


def is_somebody_elses(root: Path, path: str) -> bool:
    """Whether a file that devkit did not write stands there, under this name or with the other ending of YAML files."""
    other = (root / path).with_suffix(".yaml")
    return other.exists() or ((root / path).exists() and not was_written(root, path))


def render_asked_for(root: Path, settings: Settings, health_path: str) -> dict[str, RenderedFile]:
    """The files of this kind that the project has, rendered for its settings.

    One that a person took away stays away, but for a clone, where nothing is known of it.
    """
    rendered: dict[str, RenderedFile] = {}
    for files in ASKED_FOR.values():
        written = {path for path in files.paths if was_written(root, path)}
        if written:
            texts = files.render(settings, health_path)
            if files.anchor in written:
                written |= {path for path in texts if _is_new(root, path)}
            rendered.update((path, text) for path, text in texts.items() if path in written)
    return rendered


def _is_new(root: Path, path: str) -> bool:
    return not (root / path).exists() and Manifest(root).base_of(path) is None
