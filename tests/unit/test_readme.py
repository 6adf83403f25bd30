"""The README's table from other tools' words to devkit's: every command and flag that it names exists."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from devkit.cli.commands import COMMANDS
from devkit.cli.forms import Form
from devkit.cli.reference import REFERENCE
from devkit.cli.sail import SAIL, translated
from devkit.cli.words import PASS_THROUGH

pytestmark = pytest.mark.unit

README = (Path(__file__).parent.parent.parent / "README.md").read_text(encoding="utf-8")
SECTION = README.partition("## From a Makefile, quickstart.sh or Sail")[2].partition("\n## ")[0]
LINES = [line for line in SECTION.splitlines() if line.startswith("|")]
ROWS = [[cell.strip() for cell in line.strip("|").split("|")] for line in LINES[2:]]
SHORT = {"-f": "--follow", "-v": "--volumes"}


def commands_in(cell: str, word: str) -> list[list[str]]:
    """The calls of a program in a cell, as words without its name."""
    return [shlex.split(call)[1:] for call in re.findall(r"`([^`]+)`", cell) if call.startswith(f"{word} ")]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[3])
def test_what_the_last_column_names_exists(row: list[str]) -> None:
    calls = commands_in(row[3], "devkit")
    assert calls
    for name, *words in calls:
        assert name in (*COMMANDS, *PASS_THROUGH)
        flags = {flag for form in REFERENCE[name].forms for flag in Form(form).flags}
        if name not in PASS_THROUGH:
            assert {word for word in words if word.startswith("-")} <= flags


@pytest.mark.parametrize("row", [row for row in ROWS if "`sail " in row[2]], ids=lambda row: row[2])
def test_a_word_of_sails_does_what_its_row_says(row: list[str]) -> None:
    (expected,) = commands_in(row[3], "devkit")
    for call in commands_in(row[2], "sail"):
        assert [SHORT.get(word, word) for word in translated(call)] == expected


def test_every_word_of_sails_that_has_another_name_here_is_in_the_table() -> None:
    named = {call[0] for row in ROWS for call in commands_in(row[2], "sail")}
    assert {word for word, command in SAIL.items() if command[0] in (*COMMANDS, *PASS_THROUGH)} <= named
