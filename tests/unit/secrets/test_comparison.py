"""What `devkit env` says in JSON, read by whoever shows it."""

from __future__ import annotations

import pytest

from devkit.secrets.comparison import Comparison, Missing, Standing, comparison_in, missing_in

pytestmark = pytest.mark.unit

DIFF = {
    "source": "doppler",
    "project": "shop",
    "config": "dev",
    "age_seconds": 60,
    "added": ["B", "A"],
    "changed": ["C"],
    "removed": ["D"],
    "local_only": ["E"],
    "kept": ["DB_HOST"],
    "restricted": ["R"],
}


def test_each_list_is_how_its_names_stand() -> None:
    found = comparison_in(DIFF, 1000.0)
    assert (found.is_doppler, found.where, found.moment) == (True, "shop/dev", 940.0)
    assert found.names(Standing.ADDED) == ["A", "B"]
    assert [found.standings[name] for name in ("C", "D", "E", "DB_HOST", "R")] == [
        Standing.CHANGED,
        Standing.REMOVED,
        Standing.LOCAL,
        Standing.KEPT,
        Standing.RESTRICTED,
    ]


def test_without_doppler_what_the_example_has_besides_is_missing() -> None:
    found = comparison_in({"source": "local", "added": ["A"], "local_only": ["B"], "age_seconds": None}, 1000.0)
    assert found == Comparison(False, "", None, {"A": Standing.MISSING})


@pytest.mark.parametrize(
    ("lists", "nothing"),
    [
        ({"added": ["A"]}, False),
        ({"changed": ["A"]}, False),
        ({"removed": ["A"]}, False),
        ({"kept": ["A"], "restricted": ["B"], "local_only": ["C"]}, True),
    ],
)
def test_what_a_pull_would_change_is_what_came_went_or_is_another(lists: dict[str, list[str]], nothing: bool) -> None:
    assert comparison_in({"source": "doppler", **lists}, 0).is_none is nothing


def test_what_is_no_list_names_nothing() -> None:
    assert comparison_in({"source": "doppler", "added": "ABC", "changed": None}, 0).standings == {}
    assert missing_in({}) == missing_in({"missing": {"name": "A"}}) == missing_in({"missing": [{}, 7]}) == ()


def test_missing_names_come_with_the_places_that_read_them() -> None:
    entry = {"name": "KEY", "read_by": ["config/services.php:12"], "has_default": False, "in_example": True}
    assert missing_in({"missing": [entry]}) == (Missing("KEY", ("config/services.php:12",), False, True),)
