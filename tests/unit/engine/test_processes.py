"""What the engine's ps says, and an inspection for reading."""

from __future__ import annotations

import pytest

from devkit.engine.container_facts import sections, without_values
from devkit.engine.processes import table_from_json

pytestmark = pytest.mark.unit

INSPECTION = {
    "Id": "a" * 64,
    "Name": "/shop-app-1",
    "Path": "frankenphp",
    "Args": ["run", "a b"],
    "State": {"Status": "exited", "ExitCode": 137, "OOMKilled": True, "StartedAt": "0001-01-01T00:00:00Z"},
    "Config": {
        "Env": ["A=1", "B", "C=d=e"],
        "Healthcheck": {"Test": ["CMD", "app-healthcheck"], "Interval": 10_000_000_000, "Retries": 6},
    },
    "HostConfig": {"RestartPolicy": {"Name": "on-failure", "MaximumRetryCount": 3}, "Memory": 64 * 1024 * 1024},
}


def test_children_stand_below_their_parents() -> None:
    found = table_from_json(
        {"Titles": ["PID", "PPID", "CMD"], "Processes": [["3", "2", "c"], ["1", "0", "a"], ["2", "1", "b"]]}
    )
    assert [(row[-1], depth) for row, depth in zip(found.rows, found.depths, strict=True)] == [
        ("a", 0),
        ("b", 1),
        ("c", 2),
    ]


@pytest.mark.parametrize("found", [{}, {"Titles": None, "Processes": None}])
def test_an_engine_that_says_nothing_has_no_processes(found: dict[str, object]) -> None:
    assert table_from_json(found).rows == ()


def test_columns_without_parents_are_kept_as_they_are() -> None:
    found = table_from_json({"Titles": ["USER", "COMMAND"], "Processes": [["root", "b"], ["root", "a"]]})
    assert found.rows == (("root", "b"), ("root", "a"))


def test_an_inspection_is_read_with_what_matters_first() -> None:
    found = {section.title: dict(section.facts) for section in sections(INSPECTION)}
    assert list(found)[:3] == ["Container", "Command", "Health"]
    assert found["Container"]["state"] == "exited with status 137: out of memory"
    assert found["Container"]["restart policy"] == "on-failure, at most 3 times"
    assert "started" not in found["Container"]
    assert found["Command"]["runs"] == "frankenphp run 'a b'"
    assert found["Command"]["memory limit"] == "64 MiB"
    assert found["Health"]["every"] == "10 s"


def test_the_environment_has_names_only() -> None:
    assert without_values(INSPECTION)["Config"]["Env"] == ["A=***", "B=***", "C=***"]
    facts = next(section.facts for section in sections(INSPECTION) if section.title.startswith("Environment"))
    assert facts == (("A", "***"), ("B", "***"), ("C", "***"))
