"""Who holds a file's lock, over processes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from devkit.project.file_lock import locked

pytestmark = pytest.mark.unit

_HOLDER = """
import sys
from pathlib import Path
from devkit.project.file_lock import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_lock_that_another_process_has_is_waited_for_and_that_is_said(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _HOLDER, str(tmp_path / "lock")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdin is not None and other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        with locked(tmp_path / "lock", other.stdin.close):  # so it ends once it is waited for
            assert other.stdin.closed


def test_a_lock_that_is_free_is_had_without_a_word(tmp_path: Path) -> None:
    def waited() -> None:
        raise AssertionError

    for _ in range(2):
        with locked(tmp_path / "lock", waited, mode=0o600):
            assert (tmp_path / "lock").stat().st_mode & 0o777 == 0o600
