from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from recorded_build import MONDAY, rebuilt, record, step

from devkit.delivery.exchange import export_lines, read_lines
from devkit.project.errors import UsageError

pytestmark = pytest.mark.unit

LEAST: dict[str, Any] = {
    "stage": "app",
    "seconds": 2,
    "steps": [{"name": "RUN x", "stage": "app", "cached": True, "seconds": 0}],
    "time": "2026-01-05T10:00:00+01:00",
}


def read(text: str, project: str = "shop") -> Any:
    return read_lines(text, project=project, source="builds.jsonl")


def test_what_is_exported_is_what_is_imported() -> None:
    kept = record(
        rebuilt("COPY . .", 1.5, "a.php", number=3, digest="sha256:1"),
        step("RUN x", cached=True, saved=2.0, number=4),
        step("RUN y", number=5, error="exit code: 1"),
        status="failed",
        locks={"composer.lock": "ab"},
        pushed="sha256:2",
        started=MONDAY + 0.125,
    )
    (line,) = export_lines([kept])
    assert "\n" not in line
    assert read(f"{line}\n\n").builds == (replace(kept, origin="imported"),)


def test_the_object_of_a_build_has_the_contracts_keys_and_more() -> None:
    body = record(rebuilt("COPY . .", 1.5, "a.php"), step("RUN x", cached=True)).to_json()
    assert {"stage", "image", "seconds", "steps", "hits", "total"} <= body.keys()
    assert (body["hits"], body["total"], body["digest"], body["time"]) == (1, 2, None, "2026-01-05T09:00:00.000+00:00")
    assert body["steps"][0] == {
        "name": "COPY . .",
        "stage": "app",
        "cached": False,
        "seconds": 1.5,
        "number": 0,
        "digest": "",
        "saved": None,
        "reason": {"cause": "files", "text": "a.php changed", "files": ["a.php"]},
    }


def test_the_least_that_another_program_writes_is_a_build() -> None:
    (build,) = read(json.dumps(LEAST)).builds
    assert (build.project, build.status, build.started, build.hits) == ("shop", "done", MONDAY, 1)
    assert build.id == read(json.dumps(LEAST)).builds[0].id


def test_builds_of_other_projects_are_counted_and_left_out() -> None:
    found = read(json.dumps({**LEAST, "project": "other"}) + "\n" + json.dumps(LEAST))
    assert (len(found.builds), found.others) == (1, 1)


def without(key: str) -> str:
    return json.dumps({name: value for name, value in LEAST.items() if name != key})


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("nonsense", "Expecting value"),
        ("[]", "it is no object"),
        ("{}", "it has no 'stage'"),
        (without("time"), "it has no 'time'"),
        (json.dumps({**LEAST, "time": "yesterday"}), "Invalid isoformat string"),
        (json.dumps({**LEAST, "time": 1e300}), "is no time"),
        (json.dumps({**LEAST, "seconds": "2"}), "'2' is no number of seconds"),
        (json.dumps({**LEAST, "seconds": -1}), "-1 is no number of seconds"),
        ('{"stage": "a", "time": 1, "steps": [], "seconds": NaN}', "nan is no number of seconds"),
        (json.dumps({**LEAST, "status": "perhaps"}), "'perhaps' is none of done, failed, cancelled"),
        (json.dumps({**LEAST, "steps": {}}), "it has no list where one belongs"),
        (json.dumps({**LEAST, "steps": ["x"]}), "it is no build"),
        (json.dumps({**LEAST, "steps": [{"name": "x", "stage": "y", "cached": "no", "seconds": 1}]}), "`cached`"),
        ("[" * 100_000, ""),
    ],
)
def test_a_line_that_is_no_build_is_named(line: str, why: str) -> None:
    with pytest.raises(UsageError) as error:
        read(f"{json.dumps(LEAST)}\n{line}")
    assert error.value.message.startswith("builds.jsonl, line 2: ")
    assert why in error.value.message
