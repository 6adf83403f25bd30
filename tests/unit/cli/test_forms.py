from __future__ import annotations

import pytest

from devkit.cli.forms import Form, plain_words

pytestmark = pytest.mark.unit


def test_flags_know_their_value_and_words_their_order() -> None:
    form = Form("set KEY VALUE [--since WHEN] [--all] [--mode worker|classic]")
    assert form.words == ["set", "KEY", "VALUE"]
    assert {name: flag.value for name, flag in form.flags.items()} == {
        "--since": "WHEN",
        "--all": "",
        "--mode": "worker|classic",
    }


@pytest.mark.parametrize(
    ("form", "given", "following"),
    [
        ("[SERVICE...] [--build]", [], "SERVICE"),
        ("[SERVICE...] [--build]", ["app", "redis"], "SERVICE"),
        ("get KEY", [], "get"),
        ("get KEY", ["get"], "KEY"),
        ("get KEY", ["get", "php.mode"], None),
        ("get KEY", ["set"], None),
        ("on|off", [], "on|off"),
        ("on|off", ["on"], None),
        ("on|off", ["maybe"], None),
        ("", [], None),
        ("", ["x"], None),
    ],
)
def test_what_may_follow_depends_on_the_words_before(form: str, given: list[str], following: str | None) -> None:
    assert Form(form).next_word(given) == following


def test_a_form_whose_words_are_all_there_still_takes_flags() -> None:
    assert Form("get KEY [--raw]").takes(["get", "php.mode"])
    assert not Form("get KEY [--raw]").takes(["list"])


def test_values_of_flags_are_no_words() -> None:
    flags = Form("[--since WHEN] [--follow]").flags
    assert plain_words(["--since", "10m", "app", "--follow", "redis", "--", "-x"], flags) == ["app", "redis", "-x"]
    assert plain_words(["--since=10m", "app"], flags) == ["app"]
