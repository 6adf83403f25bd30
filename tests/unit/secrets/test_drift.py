"""What differs is said by names, each in one place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devkit.secrets.drift import Drift, drift_between

pytestmark = pytest.mark.unit

NAMES = st.sampled_from("ABCDEFGH")
VALUES = st.dictionaries(NAMES, st.sampled_from(["1", "2", ""]))


def test_each_kind_of_difference_has_its_list() -> None:
    drift = drift_between(
        {"SAME": "1", "CHANGED": "1", "GONE": "1", "MINE": "1", "DB_HOST": "mysql", "HIDDEN": "1"},
        {"SAME": "1", "CHANGED": "2", "NEW": "1", "DB_HOST": "127.0.0.1"},
        restricted={"HIDDEN"},
        pulled={"SAME", "GONE"},
        own={"DB_HOST"},
    )
    assert drift == Drift(("NEW",), ("CHANGED",), ("GONE",), ("MINE",), ("DB_HOST",), ("HIDDEN",))
    assert not drift.is_none


def test_what_the_stack_sets_is_never_removed() -> None:
    drift = drift_between({"DB_HOST": "mysql"}, {}, pulled={"DB_HOST"}, own={"DB_HOST"})
    assert drift == Drift(local_only=("DB_HOST",))


@given(local=VALUES, remote=VALUES, pulled=st.sets(NAMES), own=st.sets(NAMES))
def test_every_name_that_differs_stands_in_exactly_one_list(
    local: dict[str, str], remote: dict[str, str], pulled: set[str], own: set[str]
) -> None:
    drift = drift_between(local, remote, pulled=pulled, own=own)
    listed = [*drift.added, *drift.changed, *drift.removed, *drift.local_only, *drift.kept]
    differing = {name for name in {*local, *remote} if local.get(name) != remote.get(name)}
    assert sorted(listed) == sorted(differing)


def test_no_value_stands_in_what_is_printed() -> None:
    drift = drift_between({"A": "canary-one"}, {"A": "canary-two", "B": "canary-three"})
    assert "canary" not in f"{drift!r} {drift.to_json()}"
