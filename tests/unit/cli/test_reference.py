"""The reference against the commands themselves: nothing is offered that a command does not take, or left out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from command_line import devkit_here

from devkit.cli.commands import COMMANDS, GLOBAL_FLAGS
from devkit.cli.forms import Form
from devkit.cli.reference import REFERENCE, usage_text
from devkit.cli.words import PASS_THROUGH

pytestmark = pytest.mark.unit


def flags_of(command: str) -> set[str]:
    return {flag for form in REFERENCE[command].forms for flag in Form(form).flags if flag != "--"}


def test_every_command_has_a_usage_and_examples() -> None:
    assert {
        name for name in (*COMMANDS, *PASS_THROUGH) if name not in REFERENCE or not REFERENCE[name].examples
    } == set()


@pytest.mark.parametrize("command", [name for name in COMMANDS if name != "help"])
def test_the_usage_names_the_flags_that_the_command_takes_and_no_others(command: str, tmp_path: Path) -> None:
    own = devkit_here(command, "--help", cwd=tmp_path).stdout.partition("\neverywhere:")[0]
    options = re.findall(r"^  (--[a-z-]+)", own.partition("\noptions:")[2], re.MULTILINE)
    assert flags_of(command) == set(options)


@pytest.mark.parametrize("command", REFERENCE)
def test_every_example_is_a_call_of_its_command_with_flags_that_it_takes(command: str) -> None:
    for example in REFERENCE[command].examples:
        call = example.partition(" | ")[0].partition(" -- ")[0]
        assert re.match(rf'(eval "\$\()?devkit (--yes )?{command}\b', call), example
        if any("WORD..." in form for form in REFERENCE[command].forms):
            continue  # what stands behind it is another command's
        used = set(re.findall(r"(?<= )(--[a-z-]+)", call))
        assert used <= {*flags_of(command), *GLOBAL_FLAGS}, example


def test_a_long_usage_goes_on_in_lines_that_no_terminal_breaks() -> None:
    lines = usage_text("init").splitlines()
    assert len(lines) > 1
    assert max(map(len, lines)) <= 110
    assert "--database sqlite|mysql|mariadb|pgsql" in usage_text("init")


def test_help_with_a_name_says_what_that_command_says_itself(tmp_path: Path) -> None:
    said = devkit_here("help", "logs", cwd=tmp_path)
    assert (said.returncode, said.stdout) == (0, devkit_here("logs", "--help", cwd=tmp_path).stdout)
    assert "devkit logs --follow" in said.stdout


def test_help_with_a_name_that_is_none_is_refused_as_the_command_would_be(tmp_path: Path) -> None:
    said = devkit_here("help", "lgos", cwd=tmp_path)
    assert said.returncode == 2
    assert "did you mean logs?" in said.stderr
