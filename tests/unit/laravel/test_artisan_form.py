from __future__ import annotations

import pytest

from devkit.laravel.artisan_form import Entry, Field, entries_of, fields, values_of
from devkit.laravel.artisan_words import Values
from devkit.laravel.catalogue import Argument, Catalogue, Command, Default, Option
from devkit.project.errors import UsageError

pytestmark = pytest.mark.unit

SEND = Command(
    "mail:send",
    "",
    "",
    False,
    (
        Argument("user", required=True, many=False, description="Who <info>gets</info> it"),
        Argument("files", required=False, many=True, description="", default=["a b", "c"]),
    ),
    (
        Option("--queue", "-Q", "none", False, "", default=False),
        Option("--subject", "", "optional", False, "", default="Hello"),
        Option("--tag", "", "required", True, "", default=[]),
        Option("--later", "", "optional", False, "", default=False),
        Option("--no-queue", "", "none", False, 'Negate the "--queue" option', default=True),
    ),
)
CATALOGUE = Catalogue(
    "Laravel",
    (
        Option("--help", "-h", "none", False, ""),
        Option("--quiet", "-q", "none", False, ""),
        Option("--verbose", "-v|-vv|-vvv", "none", False, ""),
        Option("--version", "-V", "none", False, ""),
        Option("--ansi", "", "none", False, ""),
        Option("--no-ansi", "", "none", False, 'Negate the "--ansi" option'),
        Option("--no-interaction", "-n", "none", False, ""),
        Option("--env", "", "optional", False, ""),
    ),
    (SEND,),
)
FORM = fields(SEND, CATALOGUE)


def field(key: str) -> Field:
    return next(one for one in FORM if one.key == key)


def test_each_argument_and_option_has_a_field_and_help_none() -> None:
    own = [(one.key, one.kind, one.required) for one in FORM if not one.everywhere]
    assert own == [
        ("user", "text", True),
        ("files", "many", False),
        ("--queue", "switch", False),
        ("--subject", "text", False),
        ("--tag", "many", False),
        ("--later", "maybe", False),
        ("--no-queue", "switch", False),
    ]
    assert [one.key for one in FORM if one.everywhere] == ["--no-interaction", "--env", "--verbose"]
    assert field("--verbose").choices == ("--quiet", "-v", "-vv", "-vvv")
    assert field("--no-queue").negates == "--queue"
    assert field("user").description == "Who gets it"


@pytest.mark.parametrize(
    ("key", "shown"), [("files", "'a b' c"), ("--subject", "Hello"), ("--tag", ""), ("--queue", ""), ("user", "")]
)
def test_a_default_is_shown_as_it_would_be_typed(key: str, shown: str) -> None:
    assert field(key).default == shown


@pytest.mark.parametrize(("default", "shown"), [(True, "true"), (0, "0"), (2.5, "2.5"), (None, ""), ("", "")])
def test_defaults_of_every_kind_are_texts(default: Default, shown: str) -> None:
    command = Command("x", "", "", False, (Argument("a", False, False, "", default),), ())
    assert fields(command, Catalogue("", (), (command,)))[0].default == shown


CASES: list[tuple[str, Entry, Values]] = [
    ("user", Entry("ada"), {"user": "ada"}),
    ("user", Entry(" a  b "), {"user": " a  b "}),
    ("user", Entry(""), {}),
    ("user", Entry('""'), {"user": ""}),
    ("user", Entry("''"), {"user": ""}),
    ("files", Entry("a 'b c' \"\""), {"files": ("a", "b c", "")}),
    ("files", Entry("  "), {}),
    ("--queue", Entry(on=True), {"--queue": True}),
    ("--queue", Entry(), {}),
    ("--later", Entry(on=True), {"--later": True}),
    ("--later", Entry("monday"), {"--later": "monday"}),
    ("--later", Entry(), {}),
    ("--verbose", Entry("-vv"), {"--verbose": "-vv"}),
    ("--verbose", Entry("--quiet"), {"--quiet": True}),
]


@pytest.mark.parametrize(("key", "entry", "values"), CASES)
def test_what_stands_in_a_field_is_read_as_it_is(key: str, entry: Entry, values: Values) -> None:
    assert values_of({field(key): entry}) == values


@pytest.mark.parametrize(("key", "entry", "values"), [case for case in CASES if case[2]])
def test_a_form_filled_in_with_values_gives_the_same(key: str, entry: Entry, values: Values) -> None:
    filled = entries_of(FORM, values)
    assert list(filled) == [field(key)]
    assert values_of(filled) == values


def test_what_a_form_has_no_field_for_is_left_out() -> None:
    assert entries_of(FORM, {"--gone": "x", "--verbose": "-x"}) == {}


def test_quotes_that_do_not_end_are_said() -> None:
    with pytest.raises(UsageError, match="files: the quotes do not end"):
        values_of({field("files"): Entry("a 'b")})
