"""`devkit cache` on histories that are there, on none, and with files that are wrong."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from xml.etree import ElementTree

import pytest
from command_line import devkit_here

from devkit.delivery.build_record import BuildRecord, Reason, StepRecord
from devkit.delivery.history import build_history
from devkit.project.paths import machine_paths

pytestmark = pytest.mark.unit

DOCKERFILE = "FROM php AS app\nCOPY . .\nRUN --mount=type=cache,target=/c composer install\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Its Dockerfile copies the sources before it installs. There is no docker command."""
    root = tmp_path / "shop"
    root.mkdir()
    (root / "devkit.toml").write_text('[project]\nname = "shop"\n')
    (root / "Dockerfile").write_text(DOCKERFILE)
    return root


@pytest.fixture
def built(project: Path) -> Path:
    history = build_history(machine_paths())
    now = time.time()
    reason = Reason("files", "app/User.php changed", ("app/User.php",))
    for age, lock, status in ((40, "1", "done"), (2, "1", "done"), (1, "2", "done"), (0, "2", "failed")):
        steps = (
            StepRecord("RUN composer install", "app", True, 0.0, 3, saved=18.0),
            StepRecord("COPY . .\x1b[2J", "app", False, 2.0, 2, reason=reason),
        )
        started = now - age * 86_400
        history.add(BuildRecord("shop", "app", "i", started, 2.5, status, steps, {"composer.lock": lock}))  # type: ignore[arg-type]
    return project


def cache(project: Path, *words: str) -> tuple[int, str, str]:
    done = devkit_here("cache", *words, cwd=project, PATH=str(project))
    return done.returncode, done.stdout, done.stderr


def test_a_person_is_shown_layers_plots_weekdays_and_advice(built: Path) -> None:
    status, out, _ = cache(built)
    assert status == 0
    lines = out.splitlines()
    assert (
        lines[0] == "shop: 2 builds (1 more failed or were cancelled), from the cache 50 % of steps and 90 % of seconds"
    )
    assert re.search(r"\[app 2\] COPY \. \. +3 +0 % +2.0 s +6.0 s +0.0 s +app/User.php", out)
    assert "steps from the cache; ▲ a new dependency" in out and "⣿" in out
    assert re.search(r"\d{4}-W\d\d +\d +50 % +90 % +2.5 s", out)
    assert sum(line.startswith(("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")) for line in lines) == 7
    assert "Dockerfile:2: line 2 copies sources before composer installs in line 3" in out
    assert "\x1b" not in out


def test_the_object_has_the_contracts_keys(built: Path) -> None:
    status, out, _ = cache(built, "--json")
    body = json.loads(out)
    assert status == 0
    assert {"step", "builds", "hits", "seconds"} <= body["layers"][0].keys()
    assert {"time", "seconds", "hits", "total"} <= body["builds"][0].keys()
    assert [build["status"] for build in body["builds"]] == ["done", "done", "failed"]
    assert body["hit_rate"] == {"steps": 50.0, "seconds": 90.0}
    assert [advice["id"] for advice in body["advice"]] == ["copy-order"]
    assert [day["new_dependency"] for day in body["days"]] == [False, True]


def test_since_says_how_far_back(built: Path) -> None:
    assert len(json.loads(cache(built, "--json", "--since", "12w")[1])["builds"]) == 4
    assert len(json.loads(cache(built, "--json", "--since", "36h")[1])["builds"]) == 2


def test_without_a_build_there_is_advice_and_no_plot(project: Path) -> None:
    status, out, _ = cache(project)
    assert (status, out.splitlines()[0]) == (0, "shop: 0 builds")
    assert "Dockerfile:2" in out and "▏" not in out
    assert json.loads(cache(project, "--json")[1])["builds"] == []


def test_pictures_are_written(built: Path) -> None:
    assert cache(built, "--svg", "a.svg", "--png", "a.png")[0] == 0
    assert ElementTree.parse(built / "a.svg").getroot().tag.endswith("svg")
    assert (built / "a.png").read_bytes().startswith(b"\x89PNG")


def test_what_is_exported_can_be_imported_once(built: Path) -> None:
    status, out, _ = cache(built, "export")
    assert (status, len(out.splitlines())) == (0, 3)
    assert cache(built, "export", "builds.jsonl", "--since", "12w")[0] == 0
    build_history(machine_paths()).path.unlink()
    assert json.loads(cache(built, "import", "builds.jsonl", "--json")[1]) == {"added": 4, "known": 0, "others": 0}
    status, out, err = cache(built, "import", "builds.jsonl")
    assert (status, out) == (0, "")
    assert err.strip() == "ok 0 builds of shop added, 4 were known"
    assert json.loads(cache(built, "--json")[1])["builds"][0]["origin"] == "imported"


def test_builds_of_another_project_are_left_out_with_a_word(built: Path) -> None:
    lines = cache(built, "export")[1]
    (built / "devkit.toml").write_text('[project]\nname = "other"\n')
    (built / "builds.jsonl").write_text(lines)
    err = cache(built, "import", "builds.jsonl")[2]
    assert "3 builds of other projects were left out" in err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["import"], "devkit cache import needs a file"),
        (["import", "missing.jsonl"], "missing.jsonl cannot be read: No such file or directory"),
        (["import", "devkit.toml"], "devkit.toml, line 1: "),
        (["import", "binary"], "binary cannot be read: it is no text"),
        (["--since", "yesterday"], "--since yesterday: no age"),
        (["--svg", "missing/a.svg"], "missing/a.svg: there is no directory missing"),
        (["export", "--png", "a.png"], "devkit cache export draws no picture"),
        (["clear"], "invalid choice: 'clear'"),
    ],
)
def test_what_is_wrong_is_a_usage_error_and_nothing_is_written(project: Path, words: list[str], message: str) -> None:
    (project / "binary").write_bytes(b"\xff\xfe\x00")
    before = sorted(project.iterdir())
    status, out, err = cache(project, *words)
    assert (status, out) == (2, "")
    assert message in err
    assert sorted(project.iterdir()) == before
    assert not build_history(machine_paths()).path.exists()


def test_a_damaged_history_is_an_error_with_what_to_do(built: Path) -> None:
    build_history(machine_paths()).path.write_bytes(b"x" * 5000)
    status, _, err = cache(built)
    assert status == 1
    assert "file is not a database" in err and "builds.sqlite.broken" in err


def test_outside_a_project_it_says_so(tmp_path: Path) -> None:
    assert cache(tmp_path)[0] == 4
