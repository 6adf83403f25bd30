"""`devkit logs`: what a project's containers and Laravel itself wrote, merged in the order of time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

from devkit.engine.logs import FILE, LogLine, LogSource, Starts, container_source, file_source, read_lines
from devkit.engine.state import ServiceState
from devkit.logs.assemble import Assembler
from devkit.logs.record import LogRecord
from devkit.logs.select import Selection
from devkit.project.errors import UsageError
from devkit.setup.project import Project

LARAVEL = "laravel.log"
"""The name that stands for storage/logs/laravel.log and its daily files."""

_MARGIN = timedelta(seconds=5)


def read_logs(
    project: Project,
    names: Sequence[str],
    on_record: Callable[[LogRecord], None],
    *,
    selection: Selection,
    follow: bool = False,
    tail: int | None = None,
) -> None:
    """Give the wanted records of these services (and `laravel.log`; by default all) to `on_record`.

    In the order of time; with `follow` as they come, until interrupted. UsageError for a name that is none.
    """
    project.docker.ping()
    present = [state for state in project.compose.services() if state.container]
    _check(project, names, present)
    sources = _sources(project, names, present, selection, follow=follow, tail=tail)
    collected: list[LogRecord] = []
    reader = _Reader(selection, on_record if follow else collected.append)
    services = tuple(name for name in names if name != LARAVEL)
    wants_containers = follow and (bool(services) or not names)
    starts = Starts(project.settings.name, services) if wants_containers else None
    read_lines(project.docker, sources, reader.take, reader.flush, starts=starts)
    reader.flush()
    for record in sorted(collected, key=lambda record: record.time):
        on_record(record)


def log_names(project: Project) -> tuple[str, ...]:
    """Everything that can be named, without asking the engine."""
    return (*project.service_names, LARAVEL)


def laravel_logs(root: Path) -> list[Path]:
    """laravel.log and its daily files, the newest last; laravel.log also where it is not there yet."""
    folder = root / "storage" / "logs"
    return [*sorted(folder.glob("laravel-*.log")), folder / LARAVEL]


def _check(project: Project, names: Sequence[str], present: Sequence[ServiceState]) -> None:
    known = dict.fromkeys([*log_names(project), *(state.name for state in present)])
    for name in names:
        if name not in known:
            raise UsageError(f"this project has no service {name!r}", f"it has: {', '.join(known)}")


def _sources(
    project: Project,
    names: Sequence[str],
    present: Sequence[ServiceState],
    selection: Selection,
    *,
    follow: bool,
    tail: int | None,
) -> list[LogSource]:
    # A trace may have begun a little before the moment that is asked for.
    since = None if selection.since is None else (selection.since - _MARGIN).isoformat()
    sources = [
        container_source(project.docker, state.name, state.container, follow=follow, since=since, tail=tail)
        for state in present
        if not names or state.name in names
    ]
    if not names or LARAVEL in names:
        files = laravel_logs(project.paths.root)
        if follow:
            files = files[-2:]  # the file of today, or the one that there is
        sources += [
            file_source(LARAVEL, path, follow=follow, tail=tail)
            for path in files
            if path.is_file() or (follow and path.parent.is_dir())
        ]
    return sources


class _Reader:
    """Puts lines together to records, one assembler for each stream, and passes on what is wanted."""

    def __init__(self, selection: Selection, on_record: Callable[[LogRecord], None]) -> None:
        self._selection = selection
        self._on_record = on_record
        self._assemblers: dict[tuple[str, str], Assembler] = {}

    def take(self, line: LogLine) -> None:
        key = (line.service, line.stream)
        if key not in self._assemblers:
            self._assemblers[key] = Assembler(line.service, line.stream, whole=line.stream == FILE)
        for record in self._assemblers[key].take(line.time, line.text):
            self._tell(record)

    def flush(self) -> None:
        for assembler in self._assemblers.values():
            for record in assembler.flush():
                self._tell(record)

    def _tell(self, record: LogRecord) -> None:
        if self._selection.takes(record):
            self._on_record(record)
