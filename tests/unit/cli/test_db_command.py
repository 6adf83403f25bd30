"""`devkit db` on the command line, as far as no engine is needed."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import devkit

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("arguments", "status", "message", "hint"),
    [
        ((), 2, "ACTION", "--help"),
        (("exprot",), 2, "'exprot'", "--help"),
        (("import",), 2, "devkit db import was given 0 words", "devkit db import FILE"),
        (("url", "x"), 2, "devkit db url was given 1 words", "devkit db url"),
        (("snapshot", "a/b"), 2, "a snapshot cannot be named 'a/b'", "letters, digits"),
        (("snapshot", ".."), 2, "a snapshot cannot be named '..'", "letters, digits"),
        (("snapshot", ""), 2, "a snapshot cannot be named ''", "letters, digits"),
        (("snapshot", "x" * 300), 2, "a snapshot cannot be named 'xxx", "at most 80"),
        (("restore", "büro"), 2, "a snapshot cannot be named 'büro'", "ASCII"),
        (("export", "--gzip"), 2, "unknown flag --gzip", "--help"),
        (("snapshots",), 4, "not in a devkit project", "devkit init"),
    ],
)
def test_a_mistake_is_one_line_with_a_hint(
    arguments: tuple[str, ...], status: int, message: str, hint: str, tmp_path: Path
) -> None:
    said = devkit("db", *arguments, cwd=tmp_path)
    first, second = said.stderr.splitlines()
    assert (said.returncode, said.stdout) == (status, "")
    assert message in first
    assert hint in second


def test_the_help_says_what_each_action_does_with_examples(tmp_path: Path) -> None:
    said = devkit("db", "--help", cwd=tmp_path).stdout
    for action in ("shell", "export", "import", "snapshot", "snapshots", "restore", "fresh", "url"):
        assert f"\n  {action} " in said
    assert "examples:" in said
