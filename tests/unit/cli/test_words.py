"""Global flags and the command's name: read the same by the fast path and by every other door."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devkit.cli.commands import COMMANDS
from devkit.cli.help import command_text
from devkit.cli.words import PASS_THROUGH, SWITCHES, first, split
from devkit.project.errors import UsageError

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("arguments", "values", "rest"),
    [
        (["artisan", "--json", "--help"], {}, ["artisan", "--json", "--help"]),
        (["--json", "--yes", "artisan", "--quiet"], {"json": True, "yes": True}, ["artisan", "--quiet"]),
        (["--project", "a b", "exec", "app", "--", "x"], {"project": "a b"}, ["exec", "app", "--", "x"]),
        (["--project=", "php"], {"project": ""}, ["php"]),
        (["--debug"], {"debug": True}, []),
        (["--", "artisan"], {}, ["--", "artisan"]),
    ],
)
def test_flags_before_the_command_are_devkits_and_all_behind_it_is_the_commands(
    arguments: list[str], values: dict[str, object], rest: list[str]
) -> None:
    assert split(arguments) == (values, rest)
    assert first(arguments) == (rest[0] if rest else "")


@given(st.lists(st.sampled_from([*SWITCHES, "--project", "--project=x", "artisan", "x", "", "-v"]), max_size=6))
def test_both_readings_agree_on_any_command_line(arguments: list[str]) -> None:
    try:
        _, rest = split(arguments)
    except UsageError:
        rest = []
    assert first(arguments) == (rest[0] if rest else "")


@pytest.mark.parametrize("name", PASS_THROUGH)
def test_every_word_has_help_with_an_example(name: str) -> None:
    assert command_text(name).startswith("usage: devkit ")
    assert f"\n  devkit {name}" in command_text(name)


def test_no_word_is_a_command_of_another_kind_too() -> None:
    assert not set(PASS_THROUGH) & set(COMMANDS)
