"""`devkit report`: what a bug report needs of machine and project, with every secret masked."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import devkit
from devkit.doctor.checks import run_checks
from devkit.engine.docker import Docker, find_docker
from devkit.engine.versions import read_versions
from devkit.logs.record import LogRecord
from devkit.logs.select import Selection
from devkit.project.errors import DevkitError, NotAProjectError
from devkit.project.paths import ProjectPaths, find_project
from devkit.scaffold.manifest import Manifest
from devkit.secrets.masking import Masker, secret_variables, secrets_in
from devkit.setup import stack
from devkit.setup.logs import log_names, read_logs
from devkit.setup.project import open_project

LINES = 30
"""Last records of each service."""

_TRACE = 12
_ENV_FILES = (".env*", "auth.json", ".npmrc")


@dataclass(frozen=True)
class Report:
    """All that was found out; what could not be is named in `missing`, with the reason. Nothing in it is secret."""

    sections: dict[str, Any]

    def to_json(self) -> dict[str, Any]:
        """The object of `devkit report --json`."""
        return self.sections


def report(directory: Path, on_line: Callable[[str], None]) -> Report:
    """Look at everything; a part that cannot be looked at does not stop the others. Works outside of a project too."""
    try:
        paths: ProjectPaths | None = find_project(directory)
    except NotAProjectError:
        paths = None
    missing: dict[str, str] = {}
    found: dict[str, Any] = {"devkit": _devkit(), "machine": _machine()}

    def part(name: str, look: Callable[[], Any]) -> None:
        on_line(name)
        try:
            found[name] = look()
        except (DevkitError, OSError, ValueError) as error:
            missing[name] = error.message if isinstance(error, DevkitError) else str(error)

    part("engine", _engine)
    part("doctor", lambda: [check.to_json() for check in run_checks(directory)])
    if paths is not None:
        root = paths.root
        part("settings", lambda: paths.settings.read_text(encoding="utf-8", errors="replace"))
        part("env_names", lambda: sorted(secrets_in(paths.env)))
        part("files", lambda: _files(root))
        part("status", lambda: stack.status(open_project(root)).to_json())
        part("logs", lambda: _logs(root))
    masker = Masker(_secrets(paths))
    masked: dict[str, Any] = _without_home(masker.value({**found, "missing": missing}))
    return Report(masked)


def _devkit() -> dict[str, str]:
    return {"version": devkit.__version__, "python": platform.python_version(), "environment": sys.prefix}


def _machine() -> dict[str, Any]:
    try:
        release = platform.freedesktop_os_release().get("PRETTY_NAME", "")
    except OSError:
        release = ""
    return {
        "system": platform.platform(),
        "release": release,
        "processors": os.cpu_count(),
        "wsl": "microsoft" in platform.release().lower(),
        "locale": os.environ.get("LC_ALL") or os.environ.get("LANG") or "",
        "terminal": os.environ.get("TERM", ""),
    }


def _engine() -> dict[str, Any]:
    docker: Docker = find_docker()
    versions = read_versions(docker)
    return {"endpoint": docker.endpoint.host, "found_by": docker.endpoint.source, **vars(versions)}


def _files(root: Path) -> dict[str, str]:
    """Each file of the scaffold: as devkit wrote it, edited, or missing."""
    manifest = Manifest(root)
    states = {}
    for path in manifest.paths():
        file = root / path
        if not file.is_file():
            states[path] = "missing"
        else:
            same = file.read_bytes().decode("utf-8", "surrogateescape") == manifest.base_of(path)
            states[path] = "as written" if same else "edited"
    return states


def _logs(root: Path) -> dict[str, list[dict[str, Any]]]:
    project = open_project(root)
    kept: dict[str, list[dict[str, Any]]] = {name: [] for name in log_names(project)}

    def keep(record: LogRecord) -> None:
        lines = kept.setdefault(record.service, [])
        entry = {"time": record.time, "level": record.level, "message": record.message}
        lines.append({**entry, "trace": list(record.trace[:_TRACE])} if record.trace else entry)
        del lines[:-LINES]

    read_logs(project, (), keep, selection=Selection(), tail=LINES * 10)
    return {name: lines for name, lines in kept.items() if lines}


def _secrets(paths: ProjectPaths | None) -> Iterator[tuple[str, str]]:
    """Every value that may stand somewhere: of all .env files, former ones included, and of this process."""
    yield from secret_variables(os.environ).items()
    if paths is None:
        return
    for pattern in _ENV_FILES:
        for path in sorted(paths.root.glob(pattern)):
            if path.is_file() and path.name != ".env.example":
                yield from secrets_in(path).items()


def _without_home(value: Any) -> Any:
    """Paths without the name of the person whose home they lie in."""
    home = str(Path.home())
    match value:
        case str():
            return value.replace(home, "~") if len(home) > 1 else value
        case dict():
            return {key: _without_home(entry) for key, entry in value.items()}
        case list():
            return [_without_home(entry) for entry in value]
        case _:
            return value
