from __future__ import annotations

from pathlib import Path

import pytest

from devkit.project.errors import CommandError
from devkit.scaffold.merge import merge

pytestmark = pytest.mark.unit


def test_changes_of_both_sides_are_merged_and_those_of_the_same_line_are_a_conflict() -> None:
    base = "one\n\ntwo\n\nthree\n"
    merged = merge(base, base.replace("one", "mine"), base.replace("three", "theirs"))
    assert (merged.text, merged.conflicts) == ("mine\n\ntwo\n\ntheirs\n", False)
    assert merge(base, base.replace("two", "mine"), base.replace("two", "theirs")).conflicts


def test_what_git_says_of_its_failure_is_the_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "git").write_text("#!/bin/sh\necho 'usage: git' >&2\necho 'fatal: this git is broken' >&2\nexit 129\n")
    (tmp_path / "git").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CommandError, match="ended with status 129: fatal: this git is broken") as caught:
        merge("a\n", "b\n", "c\n")
    assert caught.value.detail.startswith("usage: git")
