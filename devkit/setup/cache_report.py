"""What is known of a project's builds, and what would make them faster: for `devkit cache`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from devkit.delivery.advice import Advice, advice_for_context, advice_for_dockerfile, advice_from_history
from devkit.delivery.build_record import BuildRecord
from devkit.delivery.context_files import ContextFiles
from devkit.delivery.figures import Layer, Span, days, layers, weekdays, weeks, whole
from devkit.delivery.git_ignored import git_ignored
from devkit.delivery.history import build_history
from devkit.delivery.ignore_patterns import ignore_file, read_ignore_patterns
from devkit.engine.compose import Compose
from devkit.engine.compose_build import read_build
from devkit.engine.docker import find_docker
from devkit.engine.dockerfile import parse_dockerfile
from devkit.project.errors import DevkitError
from devkit.project.paths import ProjectPaths, machine_paths
from devkit.project.services import APP
from devkit.project.settings import Settings

MOST_DAYS = 42
"""Beyond so many days the plots are of weeks."""


@dataclass(frozen=True)
class CacheReport:
    """The builds since some time, what they add up to, and advice."""

    builds: tuple[BuildRecord, ...]
    layers: tuple[Layer, ...]
    whole: Span
    days: tuple[Span, ...]
    weeks: tuple[Span, ...]
    weekdays: tuple[Span, ...]
    advice: tuple[Advice, ...]

    @property
    def unknown(self) -> int:
        """How many steps came from the cache that were never seen to be built: the rate of seconds is without them."""
        return sum(build.unknown for build in self.builds)

    @property
    def plotted(self) -> Sequence[Span]:
        """What plots are of: days, or weeks where those are too many."""
        return self.days if len(self.days) <= MOST_DAYS else self.weeks

    def headline(self, title: str) -> str:
        """`shop: 34 builds, from the cache 93 % of steps and 95 % of seconds`."""
        whole = self.whole
        line = f"{title}: {whole.builds} build{'' if whole.builds == 1 else 's'}"
        unfinished = len(self.builds) - whole.builds
        if unfinished:
            line += f" ({unfinished} more failed or were cancelled)"
        if whole.rate is not None:
            line += f", from the cache {whole.rate:.0f} % of steps"
            if whole.saved_rate is not None:
                line += f" and {whole.saved_rate:.0f} % of seconds"
        return line

    def to_json(self) -> dict[str, Any]:
        """The object of `devkit cache --json`."""
        return {
            "layers": [_layer(layer) for layer in self.layers],
            "builds": [_build(build) for build in self.builds],
            "days": [_span(day) for day in self.days],
            "weeks": [_span(week) for week in self.weeks],
            "weekdays": [_span(day) for day in self.weekdays],
            "hit_rate": {"steps": _rounded(self.whole.rate), "seconds": _rounded(self.whole.saved_rate)},
            "unknown": self.unknown,
            "advice": [vars(advice) for advice in self.advice],
        }


def cache_report(paths: ProjectPaths, settings: Settings, since: float) -> CacheReport:
    """The report on what began at or after `since` (seconds since the epoch). The engine is not asked.

    FailedError for a history that cannot be read.
    """
    builds = build_history(machine_paths()).builds(settings.name, since)
    return report_of(builds, _advice(paths, settings, builds))


def report_of(builds: Sequence[BuildRecord], advice: Sequence[Advice] = ()) -> CacheReport:
    """What these builds, the oldest first, add up to."""
    return CacheReport(
        tuple(builds),
        tuple(layers(builds)),
        whole(builds),
        tuple(days(builds)),
        tuple(weeks(builds)),
        tuple(weekdays(builds)),
        tuple(advice),
    )


def advice_in(body: Mapping[str, Any]) -> list[Advice]:
    """The advice of an object of `devkit cache --json`; what is no advice is left out."""
    found = []
    for one in body.get("advice") or []:
        try:
            found.append(Advice(str(one["id"]), str(one["text"]), str(one["file"]), int(one["line"])))
        except (KeyError, TypeError, ValueError):
            continue
    return found


def _advice(paths: ProjectPaths, settings: Settings, builds: Sequence[BuildRecord]) -> list[Advice]:
    """What can be said; a Dockerfile or a context that cannot be read is another command's affair."""
    path, context = dockerfile_and_context(paths, settings)
    ignoring = ignore_file(context, path)
    found: list[Advice] = []
    try:
        dockerfile = parse_dockerfile(path.read_text(encoding="utf-8", errors="replace"))
        found += advice_for_dockerfile(dockerfile, path.name)
        if context.is_dir():
            files = ContextFiles(context, read_ignore_patterns(context, path))
            found += advice_for_context(dockerfile, files, git_ignored(context), ignoring.name)
    except OSError:
        pass
    return [*found, *advice_from_history(builds, ignoring.name)]


def dockerfile_and_context(paths: ProjectPaths, settings: Settings) -> tuple[Path, Path]:
    """Those of the application's service; where Compose cannot be asked, those that devkit writes."""
    try:
        written = read_build(Compose(find_docker(), paths.root, settings.name), APP)
    except DevkitError:
        return paths.root / "Dockerfile", paths.root
    return written.dockerfile, Path(written.context)


def _layer(layer: Layer) -> dict[str, Any]:
    return {key: value for key, value in vars(layer).items() if key != "is_known"} | {"files": list(layer.files)}


def _build(build: BuildRecord) -> dict[str, Any]:
    return {
        "time": datetime.fromtimestamp(build.started, UTC).isoformat(timespec="seconds"),
        "seconds": build.seconds,
        "hits": build.hits,
        "total": build.total,
        "stage": build.stage,
        "status": build.status,
        "spent": build.spent,
        "saved": build.saved,
        "origin": build.origin,
        "id": build.id,
    }


def _span(span: Span) -> dict[str, Any]:
    return {
        "title": span.title,
        "builds": span.builds,
        "hits": span.hits,
        "total": span.total,
        "spent": span.spent,
        "saved": span.saved,
        "seconds": span.seconds,
        "new_dependency": span.new_dependency,
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
