"""Texts of the Build tab: its title, what is known of a step, of a build and of a layer, and the figures of many."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from devkit.delivery.advice import Advice
from devkit.delivery.build_record import BuildRecord
from devkit.delivery.build_words import cause_lines, result_line
from devkit.delivery.figures import Layer
from devkit.delivery.span_plots import span_plots, weekday_lines
from devkit.logs.escapes import one_line
from devkit.setup.cache_report import CacheReport
from devkit.tui.build_rows import GLYPHS, PHASES, moment, seconds, title_of
from devkit.tui.shown_build import Phase, ShownBuild, ShownStep, StepState

NOTHING = "b builds what compose.yaml names, S another stage"
NO_BUILDS = "no builds in this time: b begins one, w looks further back"
_GAP = "   "
_MOST_CAUSES = 12


def title_text(build: ShownBuild | None, now: float, *, of_history: bool, stopping: bool) -> Text:
    """One row on the build that is shown; what matters least stands at its end."""
    text = Text(no_wrap=True, overflow="ellipsis", end="")
    if build is None:
        return text.append(NOTHING, "dim")
    glyph, style = PHASES[build.phase]
    text.append(f"{glyph} ", style).append(one_line(build.stage) or "what compose.yaml names", "bold")
    if not build.phase.is_over:
        if build.expected:
            text.append(f"{_GAP}{build.over} of {build.expected} steps, {build.cached} cached")
        else:
            text.append(f"{_GAP}preparing …", "dim")
        text.append(f"{_GAP}{build.seconds_at(now):.0f} s")
        return text.append(f"{_GAP}stopping …" if stopping else f"{_GAP}s stops it", "dim")
    said = "" if build.phase is Phase.DONE else build.phase.value
    if build.record is not None:
        said = f"{said}{_GAP if said else ''}{result_line(build.record)}"
    elif build.took is not None:
        said = f"{said}{_GAP}{build.took:.1f} s"
    text.append(f"{_GAP}{said}", "red" if build.phase is Phase.FAILED else "")
    if of_history and build.record is not None:
        text.append(f"{_GAP}{moment(build.record)}", "dim")
    return text


def badge(build: ShownBuild | None) -> tuple[str, str]:
    """What stands behind the tab's name, and its style: how far a build is, or that it failed."""
    if build is None or build.phase in (Phase.DONE, Phase.CANCELLED):
        return "", ""
    if build.phase is Phase.FAILED:
        return "✗", "bold red"
    return (f"{build.over}/{build.expected}" if build.expected else "…"), "bold yellow"


def step_text(step: ShownStep, now: float) -> Text:
    """A step whole, how it stands, and why it was rebuilt."""
    glyph, style = GLYPHS[step.state]
    text = Text(end="").append(f"{glyph} ", style).append(title_of(step.stage, step.number, step.name), "bold")
    if step.state is StepState.CACHED:
        text.append("\ncached", "cyan")
    else:
        text.append(f"\n{step.state.value} {seconds(step.seconds_at(now))}", style)
    if step.reason:
        text.append(f"{_GAP}rebuilt: {one_line(step.reason)}", "yellow")
    if step.error:
        text.append(f"\n{one_line(step.error)}", "red")
    return text


def itself_text(build: ShownBuild) -> Text:
    """What is to be said of the build and of none of its steps."""
    text = Text(end="")
    if build.problem:
        text.append(one_line(build.problem), "red")
        if build.hint:
            text.append(f"\n→ {one_line(build.hint)}", "yellow")
        if (line := build.line_named) is not None:
            text.append(f"\no opens line {line} of the Dockerfile", "dim")
    elif build.note:
        text.append(one_line(build.note))
    for warning in build.warnings:
        text.append(f"{chr(10) if text else ''}! {one_line(warning)}", "yellow")
    return text


def stage_text(build: ShownBuild, stage: str) -> Text:
    """A stage in a line or two."""
    steps = next((steps for name, steps in build.stages() if name == stage), [])
    hits = sum(step.state is StepState.CACHED for step in steps)
    spent = sum(step.seconds for step in steps if step.state is not StepState.CACHED)
    text = Text(end="").append(one_line(stage), "bold")
    return text.append(f"{_GAP}{hits} of {len(steps)} steps cached, the others took {seconds(spent)}")


def build_text(record: BuildRecord) -> Text:
    """A build of the history: what it came to, and what its steps were rebuilt for."""
    glyph, style = PHASES[Phase(record.status)]
    text = Text(end="").append(f"{glyph} ", style).append(one_line(record.stage), "bold")
    text.append(f"{_GAP}{result_line(record)}")
    for line in cause_lines(record, _MOST_CAUSES, "enter shows all steps"):
        text.append(f"\n{line}", "dim")
    for step in record.steps:
        if step.error:
            text.append(f"\n{title_of(step.stage, step.number, step.name)}: {one_line(step.error)}", "red")
    if record.pushed:
        text.append(f"\npushed as {one_line(record.pushed)}", "dim")
    return text


def layer_text(layer: Layer) -> Text:
    """All that is known of a layer."""
    text = Text(end="").append(title_of(layer.stage, layer.number, layer.step), "bold")
    text.append(f"\n{layer.hits} of {layer.builds} builds had it from the cache")
    if layer.is_known:
        cost = f"it costs {seconds(layer.seconds)}, took {seconds(layer.spent)} in all, saved {seconds(layer.saved)}"
        text.append(f"\n{cost}")
    if layer.files:
        text.append(f"\nchanged by {one_line(', '.join(layer.files))}", "dim")
    return text


def figure_lines(report: CacheReport, title: str, width: int, advice: Sequence[Advice] | str) -> list[Text]:
    """Headline, plots, weekdays and advice for so many columns; in the advice's place may stand why there is none."""
    lines = [Text(report.headline(title), "bold", end="")]
    if report.unknown:
        said = f"{report.unknown} cached steps were never seen to be built: what they saved is unknown"
        lines.append(Text(said, "dim", end=""))
    if report.builds:
        for block in (*span_plots(report.plotted, width), weekday_lines(report.weekdays, width)):
            head, *rest = block
            lines += [Text(end=""), Text(head, "bold", end=""), *(Text(line, end="") for line in rest)]
    else:
        lines.append(Text(NO_BUILDS, "dim", end=""))
    return [*lines, Text(end=""), *_advice_lines(advice)]


def _advice_lines(advice: Sequence[Advice] | str) -> list[Text]:
    if isinstance(advice, str):
        return [Text(f"what would make builds faster: {one_line(advice)}", "dim", end="")]
    if not advice:
        return [Text("nothing to advise", "dim", end="")]
    lines = [Text("what would make builds faster", "bold", end="")]
    for one in advice:
        line = Text(end="").append("· ", "yellow").append(one_line(one.place), "cyan")
        lines.append(line.append(f" {one_line(one.text)}"))
    return lines
