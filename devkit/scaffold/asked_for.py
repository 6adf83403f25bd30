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
from devkit.scaffold.manifest import Manifest
from devkit.scaffold.pipelines import DELIVERY, DEPENDABOT, GITLAB, PULL_REQUEST, render_github, render_gitlab


@dataclass(frozen=True)
class AskedFor:
    """Files that come together. `optional` are those that may be somebody else's: the others do without them."""

    paths: tuple[str, ...]
    render: Callable[[Settings], dict[str, RenderedFile]]
    optional: tuple[str, ...] = ()


ASKED_FOR: Mapping[str, AskedFor] = MappingProxyType(
    {
        "devcontainer": AskedFor((DEVCONTAINER,), render_devcontainer),
        "github": AskedFor((PULL_REQUEST, DELIVERY, DEPENDABOT), render_github, optional=(DEPENDABOT,)),
        "gitlab": AskedFor((GITLAB,), render_gitlab),
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


def render_asked_for(root: Path, settings: Settings) -> dict[str, RenderedFile]:
    """The files of this kind that the project has, rendered for its settings."""
    rendered: dict[str, RenderedFile] = {}
    for files in ASKED_FOR.values():
        written = [path for path in files.paths if was_written(root, path)]
        if written:
            texts = files.render(settings)
            rendered.update((path, texts[path]) for path in written)
    return rendered
