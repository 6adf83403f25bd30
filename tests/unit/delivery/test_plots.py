from __future__ import annotations

import pytest

from devkit.delivery.plots import bars, stacks

pytestmark = pytest.mark.unit


def plotted(values: list[float | None], width: int = 40, **more: object) -> list[str]:
    labels = [f"01-{place + 1:02}" for place in range(len(values))]
    return bars("hits", values, labels, highest=100, unit=lambda value: f"{value:.0f} %", width=width, **more)  # type: ignore[arg-type]


def test_bars_are_as_high_as_their_values_and_none_is_empty() -> None:
    assert plotted([100, None, 50, 0]) == [
        "        hits",
        "  100 % ▏⣿⣿⣿⡇",
        "        ▏⣿⣿⣿⡇",
        "        ▏⣿⣿⣿⡇    ⣤⣤⣤⡄",
        "        ▏⣿⣿⣿⡇    ⣿⣿⣿⡇",
        "    0 % ▏⣿⣿⣿⡇    ⣿⣿⣿⡇⣀⣀⣀⡀",
        "         01-01   01-03",
    ]


def test_marks_stand_below_their_bars() -> None:
    lines = plotted([100, 100, 100], marks=[False, True, False])
    assert lines[-2] == "             ▲"
    assert "▲" not in "".join(plotted([100, 100], marks=[False, False]))


def test_the_newest_are_kept_where_the_width_does_not_do() -> None:
    lines = plotted([100.0] * 10 + [None] * 12, width=30)
    assert all(len(line) <= 30 for line in lines)
    assert lines[1] == "  100 % ▏⡇⡇⡇⡇⡇⡇⡇⡇"


@pytest.mark.parametrize("width", [1, 5, 12])
def test_a_narrow_terminal_is_no_error(width: int) -> None:
    assert len(plotted([10.0, 20.0, 30.0], width=width)) == 7


def test_stacks_are_to_one_scale_with_their_shares() -> None:
    assert stacks([("Mon", 30, 40), ("Tue", 0, 0), ("Wed", 5, 20)], width=40) == [
        "Mon ████████░░  30 of 40 (75 %)",
        "Tue",
        "Wed █░░░░  5 of 20 (25 %)",
    ]
    assert stacks([], width=40) == []
