"""What `devkit cache` shows a person: the layers, the weeks, plots, weekdays and advice."""

from __future__ import annotations

from collections.abc import Sequence

from devkit.cli.errors_shown import one_line
from devkit.cli.narration import fit
from devkit.cli.output import numbers_right, table
from devkit.delivery.figures import Layer, Span
from devkit.delivery.span_plots import span_plots, weekday_lines
from devkit.engine.step_name import shorten
from devkit.setup.cache_report import CacheReport

_STEP_WIDTH = 56


def report_text(report: CacheReport, title: str, width: int) -> str:
    """All of it, as lines of this width."""
    parts = [[report.headline(title)]]
    if report.unknown:
        parts[0].append(f"{report.unknown} cached steps were never seen to be built: what they saved is unknown")
    if report.builds:
        parts.append(_layers(report.layers))
        parts += span_plots(report.plotted, width)
        parts.append(weekday_lines(report.weekdays, width))
        parts.append(_weeks(report.weeks))
    parts.append(_advice(report, width))
    return "\n\n".join("\n".join(lines) for lines in parts if lines)


def _layers(layers: Sequence[Layer]) -> list[str]:
    rows = [("layer", "builds", "cached", "cost", "spent", "saved", "changed by")]
    for layer in layers:
        place = f"[{layer.stage}{f' {layer.number}' if layer.number else ''}]"
        rows.append(
            (
                one_line(shorten(f"{place} {layer.step}", _STEP_WIDTH)),
                str(layer.builds),
                f"{100 * layer.hits / layer.builds:.0f} %",
                f"{layer.seconds:.1f} s" if layer.is_known else "-",
                f"{layer.spent:.1f} s",
                f"{layer.saved:.1f} s" if layer.is_known else "-",
                one_line(", ".join(layer.files[:2])),
            )
        )
    numbers = numbers_right([row[:-1] for row in rows])
    return table([[*row, last[-1]] for row, last in zip(numbers, rows, strict=True)]).splitlines()


def _weeks(weeks: Sequence[Span]) -> list[str]:
    rows = [("week", "builds", "steps cached", "seconds saved", "build time")]
    rows += [
        (week.title, str(week.builds), _share(week.rate), _share(week.saved_rate), f"{week.seconds:.1f} s")
        for week in weeks
        if week.builds
    ]
    return table(numbers_right(rows)).splitlines()


def _share(rate: float | None) -> str:
    return "" if rate is None else f"{rate:.0f} %"


def _advice(report: CacheReport, width: int) -> list[str]:
    lines = ["what would make builds faster" if report.advice else "nothing to advise"]
    for advice in report.advice:
        first, *rest = _wrapped(one_line(f"{advice.place}: {advice.text}"), max(40, width - 4))
        lines += [f"  {first}", *(f"    {line}" for line in rest)]
    return lines


def _wrapped(text: str, width: int) -> list[str]:
    """The words over several lines; one that is longer than a line is cut."""
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return [fit(line, width) for line in lines]
