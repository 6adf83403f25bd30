"""What was started last: a stack that stands as it was left needs no `docker compose up` to find that out.

Whatever is not surely the same means that Compose is asked: it decides what has to be made anew.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from devkit.engine.containers import project_containers
from devkit.engine.image_inspection import image_id
from devkit.engine.state import ServiceState
from devkit.project.paths import ProjectPaths
from devkit.project.state import remember
from devkit.scaffold.adopt_compose import ADOPTED_FILE
from devkit.setup.project import Project
from devkit.setup.rebuild_offer import remember_taken_up
from devkit.setup.stack import OnChange, OnLine, start

_FILE = "started.json"
_PATTERNS = ("compose*.y*ml", "docker-compose*.y*ml", ADOPTED_FILE, ".env")
"""What Compose reads: its own files, what devkit's include, and the file of variables."""

_ELSEWHERE = re.compile(
    r"\b(?:include|extends|env_file|label_file)\b[\"']?\s*:|^\s*COMPOSE_(?:FILE|ENV_FILES)\s*=", re.M
)
_OUR_INCLUDE = f"include:\n  - {ADOPTED_FILE}\n"
_WORD = re.compile(r"[A-Za-z_]\w*")


def start_unless_it_stands(
    project: Project, services: Sequence[str] = (), *, on_change: OnChange, on_line: OnLine
) -> None:
    """`stack.start`; where all services stand as they were left, each one's state is all that is told."""
    if not services and stands(project):
        for state in project.compose.services():
            on_change(state)
        remember_taken_up(project.paths)
        return
    start(project, services, on_change=on_change, on_line=on_line)
    if not services:
        remember_start(project)
        remember_taken_up(project.paths)


def stands(project: Project) -> bool:
    """Whether every container is the one of the last start, ready, of the same image and made of the same files."""
    inputs = compose_inputs(project.paths, os.environ)
    remembered = _remembered(project)
    if inputs is None or remembered is None or remembered[0] != inputs:
        return False
    found = project_containers(project.docker, project.settings.name)
    if _described(found) != remembered[1] or not all(state.ready for state in found):
        return False
    images = {(state.image, state.image_id) for state in found}
    return all(image_id(project.docker, name) == known for name, known in images)


def remember_start(project: Project) -> None:
    """Write down what runs now: call it when all services were started and are ready."""
    inputs = compose_inputs(project.paths, os.environ)
    if inputs is not None:
        containers = _described(project_containers(project.docker, project.settings.name))
        text = json.dumps({"inputs": inputs, "containers": containers})
        remember(project.paths, _FILE, text + "\n")


def compose_inputs(paths: ProjectPaths, environ: Mapping[str, str]) -> str | None:
    """A digest of all that Compose makes of these files and variables; None where it reads more than is known here.

    A variable counts where its name stands in a file, whatever the place: too many are no harm.
    """
    if "COMPOSE_FILE" in environ or "COMPOSE_ENV_FILES" in environ:
        return None
    files = sorted({path for pattern in _PATTERNS for path in paths.root.glob(pattern)})
    texts = {path: _text(path) for path in files}
    if any(_ELSEWHERE.search(text.replace(_OUR_INCLUDE, "")) for text in texts.values()):
        return None
    words = {word for text in texts.values() for word in _WORD.findall(text)}
    names = sorted(name for name in environ if name in words or name.startswith(("COMPOSE_", "DOCKER_")))
    digest = hashlib.sha256()
    for path, text in texts.items():
        digest.update(f"{path.relative_to(paths.root)}\0{text}\0".encode("utf-8", "surrogateescape"))
    for name in names:
        digest.update(f"{name}={environ[name]}\0".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def _described(found: list[ServiceState]) -> dict[str, list[str]]:
    return {state.container: [state.name, state.image, state.image_id] for state in found}


def _remembered(project: Project) -> tuple[str, dict[str, list[str]]] | None:
    try:
        entry = json.loads((project.paths.state / _FILE).read_text(encoding="utf-8"))
        return str(entry["inputs"]), dict(entry["containers"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _text(path: Path) -> str:
    return path.read_bytes().decode("utf-8", "surrogateescape")
