"""Rows of the Build tab: the steps of a build by stage, builds of the history, and layers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from rich.text import Text

from devkit.delivery.build_record import BuildRecord
from devkit.delivery.figures import Layer
from devkit.engine.step_name import shorten
from devkit.logs.escapes import one_line
from devkit.tui.shown_build import Phase, ShownBuild, ShownStep, StepState
from devkit.tui.widgets.table import Column, Row

STEPS = (Column("step", 0), Column("took", 9, right=True), Column("why", 32))
NARROW_STEPS = (Column("step", 0), Column("took", 9, right=True))
HISTORY = (
    Column("began", 16),
    Column("stage", 14),
    Column("took", 9, right=True),
    Column("cached", 9, right=True),
    Column("", 2),
    Column("rebuilt for", 0),
)
NARROW_HISTORY = (
    Column("began", 11),
    Column("stage", 0),
    Column("took", 8, right=True),
    Column("cached", 8, right=True),
)
LAYERS = (
    Column("layer", 0),
    Column("builds", 6, right=True),
    Column("cached", 6, right=True),
    Column("cost", 9, right=True),
    Column("spent", 9, right=True),
    Column("saved", 9, right=True),
    Column("changed by", 20),
)
NARROW_LAYERS = (Column("layer", 0), Column("cached", 6, right=True), Column("cost", 8, right=True))

ITSELF = ("", 0)
"""The row of what is no step's: preparations, and why a build failed."""

GLYPHS = {
    StepState.RUNNING: ("◐", "yellow"),
    StepState.CACHED: ("=", "cyan"),
    StepState.DONE: ("✓", "green"),
    StepState.FAILED: ("✗", "red"),
    StepState.CANCELLED: ("■", "dim"),
}
PHASES = {
    Phase.PREPARING: ("◐", "yellow"),
    Phase.RUNNING: ("◐", "yellow"),
    Phase.DONE: ("✓", "green"),
    Phase.FAILED: ("✗", "red"),
    Phase.CANCELLED: ("■", "dim"),
}
_NAME = 400
"""Signs of a step's name that a row is made of."""


def step_rows(build: ShownBuild, now: float, *, narrow: bool) -> list[Row]:
    """The build itself where there is something to say of it, then stages with their steps."""
    rows = []
    if build.problem or build.note or not build.steps:
        rows.append(Row(ITSELF, _cells(_itself(build), Text(), Text(), narrow=narrow)))
    for stage, steps in build.stages():
        spent = sum(step.seconds_at(now) for step in steps if step.state is not StepState.CACHED)
        hits = sum(step.state is StepState.CACHED for step in steps)
        name = Text().append(one_line(stage) or "the only stage", "bold")
        name.append(f"   {hits} of {len(steps)} cached", "dim")
        rows.append(Row((stage, -1), _cells(name, Text(seconds(spent), "dim"), Text(), narrow=narrow)))
        rows += [Row(step.place, _step(step, now, narrow=narrow)) for step in steps]
    return rows


def history_rows(builds: Sequence[BuildRecord], *, narrow: bool) -> list[Row]:
    """The builds, the newest first."""
    return [Row(build.id, _build(build, narrow=narrow)) for build in reversed(builds)]


def layer_rows(layers: Sequence[Layer], *, narrow: bool) -> list[Row]:
    """Every layer that was seen, those of a stage in their order."""
    return [Row((layer.stage, layer.step), _layer(layer, narrow=narrow)) for layer in layers]


def seconds(value: float) -> str:
    """Seconds with a tenth; minutes beyond a hundred."""
    return f"{value:.1f} s" if value < 100 else f"{value / 60:.1f} min"


def moment(record: BuildRecord, form: str = "%Y-%m-%d %H:%M") -> str:
    """When it began, on this machine's clock."""
    return f"{datetime.fromtimestamp(record.started).astimezone():{form}}"


def title_of(stage: str, number: int, name: str) -> str:
    """A step in one line: `[app 2] RUN make`."""
    place = f"{stage} {number}" if number else stage
    return one_line(shorten(f"[{place}] {name}", _NAME))


def _cells(first: Text, second: Text, third: Text, *, narrow: bool) -> tuple[Text, ...]:
    return (first, second) if narrow else (first, second, third)


def _itself(build: ShownBuild) -> Text:
    glyph, style = PHASES[build.phase]
    said = build.problem or build.note or ("preparing …" if build.phase is Phase.PREPARING else "no step was reached")
    return Text().append(f"{glyph} ", style).append(one_line(said), "red" if build.problem else "")


def _step(step: ShownStep, now: float, *, narrow: bool) -> tuple[Text, ...]:
    glyph, style = GLYPHS[step.state]
    dim = "dim" if step.state in (StepState.CACHED, StepState.CANCELLED) else ""
    name = Text("  ").append(f"{glyph} ", style).append(f"{step.number:>2} ", "dim")
    name.append(one_line(shorten(step.name, _NAME)), "red" if step.state is StepState.FAILED else dim)
    if step.state is StepState.CACHED:
        took = Text("cached", "cyan")
    elif step.state is StepState.CANCELLED:
        took = Text("stopped", "dim")
    else:
        took = Text(seconds(step.seconds_at(now)), style)
    return _cells(name, took, Text(one_line(step.reason), "dim"), narrow=narrow)


def _build(build: BuildRecord, *, narrow: bool) -> tuple[Text, ...]:
    glyph, style = PHASES[Phase(build.status)]
    took = Text(seconds(build.seconds), "" if build.status == "done" else style)
    hits = Text(f"{build.hits}/{build.total}", "cyan" if build.total and build.hits == build.total else "")
    stage = Text(one_line(build.stage), "bold")
    if narrow:
        return Text(moment(build, "%m-%d %H:%M")), Text().append(f"{glyph} ", style).append_text(stage), took, hits
    return Text(moment(build)), stage, took, hits, Text(glyph, style), Text(_causes(build), "dim")


def _causes(build: BuildRecord) -> str:
    """What steps were rebuilt for, each cause once; where it was made elsewhere, that."""
    causes = list(dict.fromkeys(step.reason.text for step in build.roots if step.reason is not None))
    said = [*(["imported"] if build.origin == "imported" else []), *causes[:2]]
    more = f", {len(causes) - 2} more" if len(causes) > 2 else ""
    return one_line("; ".join(said) + more)


def _layer(layer: Layer, *, narrow: bool) -> tuple[Text, ...]:
    name = Text(title_of(layer.stage, layer.number, layer.step))
    rate = 100 * layer.hits / layer.builds
    cached = Text(f"{rate:.0f} %", "green" if rate >= 90 else "yellow" if rate >= 50 else "red")
    cost = Text(seconds(layer.seconds) if layer.is_known else "-")
    if narrow:
        return name, cached, cost
    saved = Text(seconds(layer.saved) if layer.is_known else "-")
    changed = Text(one_line(", ".join(layer.files[:2])), "dim")
    return name, Text(f"{layer.builds:,}"), cached, cost, Text(seconds(layer.spent)), saved, changed
