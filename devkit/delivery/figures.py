"""What many builds add up to: each layer's hits and costs, and days, weeks and weekdays with their hit rates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from statistics import median

from devkit.delivery.build_record import BuildRecord, StepRecord

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True)
class Layer:
    """One step of the Dockerfile over many builds.

    `seconds` is what it costs to build, on average; `spent` what it cost in all, `saved` what the cache spared.
    """

    step: str
    stage: str
    number: int
    builds: int
    hits: int
    seconds: float
    spent: float
    saved: float
    is_known: bool
    """Whether it was ever seen to be built: else nobody knows what it costs."""

    files: tuple[str, ...]
    """What most often changed its key, the most frequent first."""


@dataclass(frozen=True)
class Span:
    """The builds of a day, a week or a weekday together; `seconds` is the build time in the middle of theirs."""

    title: str
    start: date
    builds: int
    hits: int
    total: int
    spent: float
    saved: float
    seconds: float
    new_dependency: bool = False

    @property
    def rate(self) -> float | None:
        """Percent of the steps that came from the cache; None without a step."""
        return 100 * self.hits / self.total if self.total else None

    @property
    def saved_rate(self) -> float | None:
        """Percent of the seconds that the cache spared, of those that are known; None where none is."""
        whole = self.spent + self.saved
        return 100 * self.saved / whole if whole else None


@dataclass
class _Sums:
    builds: int = 0
    hits: int = 0
    total: int = 0
    spent: float = 0.0
    saved: float = 0.0
    times: list[float] = field(default_factory=list)
    new_dependency: bool = False

    def add(self, build: BuildRecord, *, new_dependency: bool) -> None:
        self.builds += 1
        self.hits += build.hits
        self.total += build.total
        self.spent += build.spent
        self.saved += build.saved
        self.times.append(build.seconds)
        self.new_dependency = self.new_dependency or new_dependency

    def span(self, title: str, start: date) -> Span:
        seconds = round(median(self.times), 2) if self.times else 0.0
        spent, saved = round(self.spent, 3), round(self.saved, 3)
        return Span(title, start, self.builds, self.hits, self.total, spent, saved, seconds, self.new_dependency)


def layers(builds: Iterable[BuildRecord]) -> list[Layer]:
    """Every step that was seen, those of a stage in their order; the last number of a step is its place."""
    seen: dict[tuple[str, str], list[StepRecord]] = {}
    for build in builds:
        for step in build.steps:
            seen.setdefault((step.stage, step.name), []).append(step)
    order = list(dict.fromkeys(stage for stage, _ in seen))
    found = [_layer(steps) for steps in seen.values()]
    return sorted(found, key=lambda layer: (order.index(layer.stage), layer.number))


def _layer(steps: Sequence[StepRecord]) -> Layer:
    built = [step for step in steps if not step.cached]
    spent = sum(step.seconds for step in built)
    names = Counter(name for step in built if step.reason is not None for name in step.reason.files)
    known = [step.saved for step in steps if step.saved is not None]
    cost = spent / len(built) if built else known[-1] if known else 0.0
    return Layer(
        step=steps[-1].name,
        stage=steps[-1].stage,
        number=steps[-1].number,
        builds=len(steps),
        hits=len(steps) - len(built),
        seconds=round(cost, 3),
        spent=round(spent, 3),
        saved=round(sum(known), 3),
        is_known=bool(built or known),
        files=tuple(name for name, _ in names.most_common(5)),
    )


def whole(builds: Sequence[BuildRecord]) -> Span:
    """All of them together."""
    sums = _Sums()
    for build in finished(builds):
        sums.add(build, new_dependency=False)
    return sums.span("", _day(builds[0]) if builds else date.min)


def days(builds: Sequence[BuildRecord]) -> list[Span]:
    """One for each day on this machine's clock, from the first to the last with a build; some are empty."""
    return _spans(builds, _day, lambda day: f"{day:%Y-%m-%d}", timedelta(days=1))


def weeks(builds: Sequence[BuildRecord]) -> list[Span]:
    """One for each week by ISO 8601, which begins with Monday."""

    def monday(build: BuildRecord) -> date:
        day = _day(build)
        return day - timedelta(days=day.weekday())

    return _spans(builds, monday, lambda day: f"{day:%G-W%V}", timedelta(days=7))


def weekdays(builds: Sequence[BuildRecord]) -> list[Span]:
    """Monday to Sunday, each with all of its builds."""
    sums = [_Sums() for _ in WEEKDAYS]
    for build, new_dependency in _with_new_dependencies(builds):
        sums[_day(build).weekday()].add(build, new_dependency=new_dependency)
    return [one.span(title, date.min) for one, title in zip(sums, WEEKDAYS, strict=True)]


def finished(builds: Iterable[BuildRecord]) -> list[BuildRecord]:
    """Those that were done: the rates and times of others say little."""
    return [build for build in builds if build.status == "done"]


def _spans(
    builds: Sequence[BuildRecord],
    begins: Callable[[BuildRecord], date],
    title: Callable[[date], str],
    step: timedelta,
) -> list[Span]:
    sums: dict[date, _Sums] = {}
    for build, new_dependency in _with_new_dependencies(builds):
        sums.setdefault(begins(build), _Sums()).add(build, new_dependency=new_dependency)
    if not sums:
        return []
    day, last, spans = min(sums), max(sums), []
    while day <= last:
        spans.append(sums.get(day, _Sums()).span(title(day), day))
        day += step
    return spans


def _with_new_dependencies(builds: Sequence[BuildRecord]) -> list[tuple[BuildRecord, bool]]:
    """The finished builds, each with whether a lock file was another one than in the build before; the first is not."""
    last: dict[str, dict[str, str]] = {}
    found = []
    for build in finished(builds):
        before = last.get(build.origin)
        found.append((build, before is not None and bool(build.locks) and dict(build.locks) != before))
        if build.locks:
            last[build.origin] = dict(build.locks)
    return found


def _day(build: BuildRecord) -> date:
    return datetime.fromtimestamp(build.started).astimezone().date()
