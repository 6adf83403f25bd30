"""Several runs of pytest that share tests out: each test runs once, and what is still to come is waited for."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import time
from pathlib import Path

import lanes
import pytest

pytestmark = pytest.mark.unit

FILE = """
from pathlib import Path
import pytest

pytestmark = pytest.mark.{mark}

@pytest.mark.parametrize("number", range(20))
def test_it({fixture}, number):
    with Path("ran").open("a") as file:
        file.write("{mark} {file}-%d\\n" % number)
"""
CONFTEST = """
from pathlib import Path
import pytest
from lanes import pytest_runtestloop as pytest_runtestloop

@pytest.fixture(scope="session")
def default_stack():
    with Path("made").open("a") as file:
        file.write("made ")
"""
FIXTURES = {"unit": "tmp_path", "engine": "tmp_path", "e2e": "default_stack"}


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    """Two files of tests of each kind, and the directory in which their runs meet."""
    (tmp_path / "pytest.ini").write_text("\n    ".join(["[pytest]\nmarkers =", *FIXTURES]))
    (tmp_path / "conftest.py").write_text(CONFTEST)
    for mark, fixture in FIXTURES.items():
        for file in ("one", "other"):
            text = FILE.format(mark=mark, fixture=fixture, file=file)
            (tmp_path / f"test_{mark}_{file}.py").write_text(text)
    (tmp_path / "meeting").mkdir()
    for name in ("images", "kubernetes"):
        (tmp_path / "meeting" / f"{name}.lock").touch()
    return tmp_path


def start(suite: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    environment = {
        **os.environ,
        lanes.DIRECTORY: str(suite / "meeting"),
        "PYTHONPATH": str(Path(lanes.__file__).parent),
    }
    return subprocess.Popen(command, cwd=suite, env=environment, stdout=subprocess.PIPE, text=True)


def ran(suite: Path) -> list[str]:
    file = suite / "ran"
    return file.read_text().splitlines() if file.exists() else []


def test_each_test_runs_in_one_of_them_and_those_of_one_fixture_in_the_same(suite: Path) -> None:
    runs = [start(suite) for _ in range(2)]
    said = [run.communicate()[0] for run in runs]
    assert [run.returncode for run in runs] == [0, 0], said
    every = [f"{mark} {file}-{number}" for mark in FIXTURES for file in ("one", "other") for number in range(20)]
    assert sorted(ran(suite)) == sorted(every)
    assert (suite / "made").read_text() == "made "


def test_what_needs_images_waits_for_them_and_all_else_does_not(suite: Path) -> None:
    with (suite / "meeting" / "images.lock").open("w") as images:
        fcntl.flock(images, fcntl.LOCK_EX)
        run = start(suite)
        while len(ran(suite)) < 40:
            assert run.poll() is None
            time.sleep(0.02)  # a file sends no event
        assert {line.split()[0] for line in ran(suite)} == {"unit"}
    said = run.communicate()[0]
    assert run.returncode == 0, said
    assert len(ran(suite)) == 120
