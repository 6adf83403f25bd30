"""The words that artisan gets. That Laravel reads them as they were meant is in tests/e2e/test_artisan_tab.py."""

from __future__ import annotations

import pytest

from devkit.laravel.artisan_words import Values, plain, with_colours, words
from devkit.laravel.catalogue import Argument, Command, Option
from devkit.project.errors import UsageError

pytestmark = pytest.mark.unit

SEND = Command(
    "mail:send",
    "",
    "",
    False,
    (
        Argument("user", required=True, many=False, description="Who gets it"),
        Argument("copy", required=False, many=False, description=""),
        Argument("files", required=False, many=True, description=""),
    ),
    (
        Option("--queue", "-Q", "none", False, ""),
        Option("--subject", "", "required", False, "What it says"),
        Option("--tag", "-t", "required", True, ""),
        Option("--later", "", "optional", False, "", default=False),
        Option("--html", "", "none", False, ""),
        Option("--no-html", "", "none", False, 'Negate the "--html" option'),
    ),
)
EVERYWHERE = (Option("--verbose", "-v|-vv|-vvv", "none", False, ""), Option("--env", "", "optional", False, ""))


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        ({"user": "ada"}, ["ada"]),
        ({"user": "ada", "--queue": True}, ["ada", "--queue"]),
        ({"user": "ada", "--queue": False, "--html": False}, ["ada"]),
        ({"user": ""}, [""]),
        ({"user": "a b", "--subject": "it's = 1"}, ["a b", "--subject=it's = 1"]),
        ({"user": "ada", "--subject": ""}, ["ada", "--subject="]),
        ({"user": "ada", "--subject": "-5"}, ["ada", "--subject=-5"]),
        ({"user": "-5", "--queue": True}, ["--queue", "--", "-5"]),
        ({"user": "-5", "copy": "b", "--later": True}, ["--later", "--", "-5", "b"]),
        ({"user": "ada", "--later": True}, ["ada", "--later"]),
        ({"user": "ada", "--later": "monday"}, ["ada", "--later=monday"]),
        ({"user": "ada", "--tag": ("a", "", "-c")}, ["ada", "--tag=a", "--tag=", "--tag=-c"]),
        ({"user": "ada", "copy": "b", "files": ("c", "d e")}, ["ada", "b", "c", "d e"]),
        ({"user": "ada", "files": ()}, ["ada"]),
        ({"user": "ada", "--no-html": True}, ["ada", "--no-html"]),
        ({"user": "ada", "--verbose": "-vv", "--env": "testing"}, ["ada", "-vv", "--env=testing"]),
        ({"user": "ada", "--verbose": True}, ["ada", "--verbose"]),
        ({"user": "ünïcode \n $HOME `x` *"}, ["ünïcode \n $HOME `x` *"]),
    ],
)
def test_values_become_words_as_they_are(values: Values, wanted: list[str]) -> None:
    assert words(SEND, values, EVERYWHERE) == ("mail:send", *wanted)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, r"user is missing \(Who gets it\)"),
        ({"user": "a", "files": ("x",)}, r"copy is missing \(it stands before files\)"),
        ({"user": "a", "--subject": True}, r"--subject needs a value \(What it says\)"),
        ({"user": "a", "--html": True, "--no-html": True}, "--html and --no-html exclude each other"),
        ({"user": "a", "--gone": "x"}, "mail:send has no --gone"),
        ({"user": "a\0b"}, "NUL"),
    ],
)
def test_what_does_not_make_a_command_is_said_in_one_line(values: Values, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        words(SEND, values, EVERYWHERE)


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        (["migrate"], ["migrate", "--ansi"]),
        (["test", "--filter=x"], ["test", "--ansi", "--filter=x"]),
        (["about", "--no-ansi"], ["about", "--no-ansi"]),
        (["about", "--ansi"], ["about", "--ansi"]),
        (["send", "--", "--ansi"], ["send", "--ansi", "--", "--ansi"]),
    ],
)
def test_artisan_is_asked_for_colours_unless_it_was_told(line: list[str], wanted: list[str]) -> None:
    assert with_colours(line) == tuple(wanted)


def test_the_plain_command_can_be_pasted() -> None:
    assert plain(("mail:send", "it's", "")) == "docker compose exec app php artisan mail:send 'it'\"'\"'s' ''"
