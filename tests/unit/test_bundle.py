"""The scripted path's modules in one file: served as long as it holds, and what happens where it does not."""

from __future__ import annotations

import json
import marshal
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from fake_engine import REPOSITORY, FakeEngine, fake_engine, frame, remembered_project

from devkit import bundle

pytestmark = pytest.mark.unit

PROGRAM = """
import posix, sys

def told(event, arguments):
    if event == "open" and str(arguments[0]).endswith((".py", ".pyc")):
        posix.write(2, f"{arguments[0]}\\n".encode())

sys.addaudithook(told)
"""
"""Says on stderr which files of Python's are opened."""


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeEngine]:
    project = tmp_path / "project"
    project.mkdir()
    with fake_engine(tmp_path) as running:
        running.stream = lambda connection: connection.sendall(frame(2, b"devkit 7\n") + frame(1, b"done"))
        remembered_project(project, running, monkeypatch)
        yield running


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """devkit's sources alone, with the launcher that quickstart would write for them."""
    directory = tmp_path / "checkout"
    shutil.copytree(REPOSITORY / "devkit", directory / "devkit", ignore=shutil.ignore_patterns("__pycache__"))
    return directory


def launched(checkout: Path, *words: str) -> tuple[str, list[str]]:
    """What devkit prints, and the sources and compiled files that Python opened for it."""
    source = (REPOSITORY / "quickstart.py").read_text()
    launcher = source.partition('LAUNCHER = """\\\n')[2].partition('"""')[0].replace("CHECKOUT", repr(str(checkout)))
    command = [sys.executable, "-IS", "-c", PROGRAM + launcher, *words]
    project = checkout.parent / "project"
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=True)
    return done.stdout, [line for line in done.stderr.splitlines() if "devkit" in line]


def bundle_of(checkout: Path) -> Path:
    return checkout / "devkit/__pycache__" / f"bundle.{sys.implementation.cache_tag}"


def test_the_second_command_opens_no_module(engine: FakeEngine, checkout: Path) -> None:
    out, opened = launched(checkout, "exec", "app", "true")
    assert out == "done"
    assert any("passthrough" in path for path in opened)
    assert bundle_of(checkout).is_file()
    assert launched(checkout, "exec", "app", "true") == ("done", [])


def test_modules_that_are_not_in_it_are_found_as_ever(engine: FakeEngine, checkout: Path) -> None:
    launched(checkout, "exec", "app", "true")
    out, opened = launched(checkout, "--json", "--version")
    assert set(json.loads(out)) == {"version"}
    assert [path for path in opened if "/cli/front" in path]


def test_a_file_that_has_changed_counts_at_once(engine: FakeEngine, checkout: Path) -> None:
    launched(checkout, "exec", "app", "true")
    with (checkout / "devkit/cli/words.py").open("a") as file:
        file.write("\nimport posix\nposix.write(1, b'changed ')\n")
    out, opened = launched(checkout, "exec", "app", "true")
    assert out == "changed done"
    assert opened
    assert launched(checkout, "exec", "app", "true") == ("changed done", [])


def test_a_reader_that_has_changed_is_replaced(engine: FakeEngine, checkout: Path) -> None:
    launched(checkout, "exec", "app", "true")
    before = bundle_of(checkout).read_bytes()
    with (checkout / "devkit/bundle_reader.py").open("a") as file:
        file.write("\nNEW = True\n")
    assert launched(checkout, "exec", "app", "true")[1]
    assert bundle_of(checkout).read_bytes() != before
    assert launched(checkout, "exec", "app", "true") == ("done", [])


@pytest.mark.parametrize("content", [b"", b"no marshal", marshal.dumps((1, 2)), marshal.dumps(None)])
def test_a_bundle_that_is_broken_is_written_anew(engine: FakeEngine, checkout: Path, content: bytes) -> None:
    bundle_of(checkout).parent.mkdir()
    bundle_of(checkout).write_bytes(content)
    out, opened = launched(checkout, "exec", "app", "true")
    assert out == "done"
    assert opened
    assert launched(checkout, "exec", "app", "true") == ("done", [])


def test_where_nothing_can_be_written_commands_run_all_the_same(engine: FakeEngine, checkout: Path) -> None:
    (checkout / "devkit/__pycache__").write_text("a file: no directory can be made here")
    out, opened = launched(checkout, "exec", "app", "true")
    assert out == "done"
    assert opened


def test_every_module_of_the_scripted_path_is_in_it(engine: FakeEngine) -> None:
    program = (
        f"import atexit, sys; sys.path.insert(0, {str(REPOSITORY)!r}); from devkit.entry import main;"
        "main(['exec', 'app', 'true']); print(*sys.modules, sep=chr(10))"
    )
    command = [sys.executable, "-IS", "-c", program]
    project = engine.path.parent / "project"
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=True)
    loaded = {name for name in done.stdout.split() if name.startswith("devkit")}
    assert "devkit.engine.exec.attached" in loaded
    assert loaded <= set(bundle.MODULES)
