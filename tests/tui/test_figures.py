"""Figures fit their columns."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devkit.tui.figures import duration, memory, sparkline, took

pytestmark = pytest.mark.unit


@given(st.integers(0, 10**13))
def test_memory_takes_at_most_five_signs(size: int) -> None:
    assert len(memory(size)) <= 5


@pytest.mark.parametrize(("size", "said"), [(0, "0B"), (999, "999B"), (131 * 1024**2, "131M"), (1.5 * 1024**3, "1.5G")])
def test_memory_by_its_largest_unit(size: float, said: str) -> None:
    assert memory(size) == said


@given(st.lists(st.floats(0, 1e6), max_size=20))
def test_a_sparkline_has_the_newest_eight_values(values: list[float]) -> None:
    assert len(sparkline(values)) == min(8, len(values))


@pytest.mark.parametrize(
    ("seconds", "said"), [(-1, "0 s"), (59, "59 s"), (60, "1 min"), (7200, "2 h"), (200000, "2 d")]
)
def test_a_span_by_its_largest_unit(seconds: float, said: str) -> None:
    assert duration(seconds) == said


@pytest.mark.parametrize(
    ("seconds", "said"), [(0, "0 ms"), (0.0124, "12 ms"), (0.9996, "1.00 s"), (12.3, "12.30 s"), (125.4, "2 min 5 s")]
)
def test_a_time_that_something_took(seconds: float, said: str) -> None:
    assert took(seconds) == said
