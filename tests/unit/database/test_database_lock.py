"""Who may work on a database at the same time, over processes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from devkit.database.lock import changing, reading
from devkit.project.errors import FailedError

pytestmark = pytest.mark.unit

_HOLDER = """
import sys
from pathlib import Path
from devkit.database.lock import changing, reading
how, directory = sys.argv[1], Path(sys.argv[2])
with (changing(directory, "import") if how == "changing" else reading(directory, lambda: None)):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def held(how: str, directory: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", _HOLDER, how, str(directory)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "held\n"
        try:
            yield child
        finally:
            child.kill()


def test_two_imports_at_once_are_refused_with_who_is_at_it(tmp_path: Path) -> None:
    with held("changing", tmp_path) as other:
        with pytest.raises(FailedError, match=f"import, process {other.pid}"), changing(tmp_path, "restore"):
            pass
        with pytest.raises(FailedError, match="another devkit"), reading(tmp_path, lambda: None):
            pass


def test_exports_run_side_by_side_and_keep_an_import_away(tmp_path: Path) -> None:
    recovered: list[bool] = []
    with held("reading", tmp_path):
        with reading(tmp_path, lambda: recovered.append(True)):
            pass
        with pytest.raises(FailedError, match="an export or a snapshot"), changing(tmp_path, "import"):
            pass
    assert recovered == []  # whoever came first did it


def test_an_export_waits_while_another_one_tidies_up(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _HOLDER, "reading", str(tmp_path)]
    others: list[subprocess.Popen[str]] = []

    def recover() -> None:
        others.append(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
        with pytest.raises(subprocess.TimeoutExpired):
            others[0].wait(0.5)  # refused, it would have ended

    with reading(tmp_path, recover), others[0] as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        other.kill()


def test_a_lock_ends_with_the_process_that_had_it(tmp_path: Path) -> None:
    with held("changing", tmp_path) as other:
        other.kill()
        other.wait()
        with changing(tmp_path, "restore"):
            pass


def test_who_is_alone_recovers_before_reading(tmp_path: Path) -> None:
    recovered: list[bool] = []
    with reading(tmp_path, lambda: recovered.append(True)):
        pass
    assert recovered == [True]
