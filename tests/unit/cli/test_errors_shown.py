from __future__ import annotations

import errno
import json

import pytest

from devkit.cli.errors_shown import explain, one_line, show
from devkit.project.errors import CommandError, UsageError

pytestmark = pytest.mark.unit


def test_an_error_is_one_line_and_a_hint_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    show(UsageError("no such\nthing", "take another"), as_json=False, debug=False)
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.splitlines()[0] == "devkit: no such thing"
    assert said.err.splitlines()[1].strip()[1:].strip().endswith("take another")
    assert len(said.err.splitlines()) == 2


def test_what_a_program_said_stands_between_the_error_and_the_hint(capsys: pytest.CaptureFixture[str]) -> None:
    show(CommandError("it failed: two", "mend it", detail="one\x1b[31m\ntwo"), as_json=False, debug=False)
    lines = capsys.readouterr().err.splitlines()
    assert lines[:3] == ["devkit: it failed: two", "    one", "    two"]
    assert lines[3].endswith("mend it")


def test_one_line_that_the_message_has_already_is_not_said_twice(capsys: pytest.CaptureFixture[str]) -> None:
    show(CommandError("it failed: two", "mend it", detail="two"), as_json=False, debug=False)
    assert len(capsys.readouterr().err.splitlines()) == 2


def test_with_json_stdout_holds_one_object(capsys: pytest.CaptureFixture[str]) -> None:
    show(UsageError("bad", "do this"), as_json=True, debug=False)
    assert json.loads(capsys.readouterr().out) == {"error": {"code": "usage", "message": "bad", "hint": "do this"}}


def test_a_full_disk_is_said_plainly_with_the_file() -> None:
    said = explain(OSError(errno.ENOSPC, "No space left on device", "/data/x"))
    assert said.message == "the disk is full: /data/x"
    assert "free some space" in said.hint


def test_a_denied_file_is_named() -> None:
    assert explain(PermissionError(errno.EACCES, "denied", "/etc/x")).message == "not permitted: /etc/x"


def test_an_escape_sequence_in_a_message_never_reaches_the_terminal() -> None:
    assert one_line("a\x1b[31mred\x1b[0m\x1b]0;title\x07 b\x07\x00") == "ared b"


def test_the_traceback_comes_only_with_debug(capsys: pytest.CaptureFixture[str]) -> None:
    show(UsageError("bad"), as_json=False, debug=False)
    assert "Traceback" not in capsys.readouterr().err
    try:
        raise UsageError("bad")
    except UsageError as error:
        show(error, as_json=False, debug=True)
    assert "Traceback" in capsys.readouterr().err
