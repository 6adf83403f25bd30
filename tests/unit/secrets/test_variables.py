"""The names of .env beside what Doppler has of them: source, drift and order."""

from __future__ import annotations

import pytest

from devkit.secrets.comparison import Comparison, Missing, Standing
from devkit.secrets.variables import Order, Source, Variable, counted, edited_since, ordered, variables

pytestmark = pytest.mark.unit

LOCAL = {"APP_NAME": "Shop", "DB_HOST": "mysql", "DB_PORT": "3306", "STRIPE": "sk_1", "SAME": "1", "OWN": "x"}
STACK = {"DB_HOST", "DB_PORT", "REDIS_HOST"}
DOPPLER = Comparison(
    True,
    "shop/dev",
    standings={
        "STRIPE": Standing.CHANGED,
        "NEW": Standing.ADDED,
        "REDIS_HOST": Standing.KEPT,
        "DB_HOST": Standing.KEPT,
        "DB_PORT": Standing.LOCAL,
        "OWN": Standing.LOCAL,
        "APP_NAME": Standing.REMOVED,
        "SEALED": Standing.RESTRICTED,
        "GONE": Standing.REMOVED,
    },
)


def said(found: list[Variable]) -> dict[str, tuple[Source, Standing]]:
    return {one.name: (one.source, one.standing) for one in found}


def test_each_name_has_the_source_of_its_value_and_how_it_differs_from_there() -> None:
    assert said(variables(LOCAL, STACK, DOPPLER, ())) == {
        "APP_NAME": (Source.DOPPLER, Standing.REMOVED),
        "DB_HOST": (Source.STACK, Standing.KEPT),
        "DB_PORT": (Source.STACK, Standing.LOCAL),
        "NEW": (Source.DOPPLER, Standing.ADDED),
        "OWN": (Source.LOCAL, Standing.LOCAL),
        "REDIS_HOST": (Source.STACK, Standing.KEPT),
        "SAME": (Source.DOPPLER, Standing.SAME),
        "SEALED": (Source.DOPPLER, Standing.RESTRICTED),
        "STRIPE": (Source.DOPPLER, Standing.CHANGED),
    }


def test_before_it_is_compared_nothing_is_said_of_source_and_drift() -> None:
    assert set(said(variables(LOCAL, STACK, None, ())).values()) == {(Source.NONE, Standing.NONE)}


def test_without_doppler_a_value_is_local_or_the_stacks() -> None:
    found = said(variables(LOCAL, STACK, Comparison(False, standings={"MAIL_FROM": Standing.MISSING}), ()))
    assert found["OWN"] == (Source.LOCAL, Standing.NONE)
    assert found["DB_HOST"] == (Source.STACK, Standing.NONE)
    assert found["MAIL_FROM"] == (Source.NOWHERE, Standing.MISSING)


def test_what_the_application_misses_is_missing_unless_doppler_has_it() -> None:
    missing = (
        Missing("IN_EXAMPLE", ("config/a.php:1",), in_example=True),
        Missing("READ_ONLY", ("config/b.php:2",)),
        Missing("NEW", ("config/c.php:3",), in_example=True),
    )
    found = {one.name: one for one in variables(LOCAL, STACK, DOPPLER, missing)}
    assert found["IN_EXAMPLE"] == Variable("IN_EXAMPLE", Source.NOWHERE, Standing.MISSING, None, ("config/a.php:1",))
    assert found["READ_ONLY"].standing is Standing.UNSET
    assert (found["NEW"].standing, found["NEW"].read_by) == (Standing.ADDED, ("config/c.php:3",))


def test_what_was_set_since_is_not_missing_any_more() -> None:
    found = said(variables({"LATE": "1"}, (), DOPPLER, [Missing("LATE", in_example=True)], edited={"LATE"}))
    assert found["LATE"] == (Source.LOCAL, Standing.EDITED)


def test_a_value_that_was_edited_is_not_said_to_be_the_same() -> None:
    then = {**LOCAL, "SAME": "0", "FORMER": ""}
    assert edited_since(LOCAL, then) == {"SAME", "FORMER"}
    assert said(variables(LOCAL, STACK, DOPPLER, (), edited_since(LOCAL, then)))["SAME"][1] is Standing.EDITED


def test_what_needs_a_look_comes_first_and_then_names() -> None:
    found = variables(LOCAL, STACK, DOPPLER, ())
    by_drift = [one.name for one in ordered(reversed(found), Order.DRIFT)]
    assert by_drift == ["STRIPE", "NEW", "APP_NAME", "SEALED", "DB_HOST", "REDIS_HOST", "DB_PORT", "OWN", "SAME"]
    assert [one.name for one in ordered(reversed(found), Order.NAME)] == sorted(one.name for one in found)
    assert list(counted(found).items())[:2] == [(Standing.CHANGED, 1), (Standing.ADDED, 1)]


def test_a_value_stands_in_no_text_about_a_name() -> None:
    (one,) = variables({"STRIPE": "sk_live_canary"}, (), None, ())
    assert "canary" not in f"{one!r} {one}"


@pytest.mark.parametrize(
    ("name", "value", "plain"),
    [
        ("APP_ENV", "local", "local"),
        ("APP_ENV", "", ""),
        ("STRIPE", "true", None),
        ("APP_URL", "https://shop.test", "https://shop.test"),
        ("APP_URL", "https://me:hunter22@shop.test", None),
        ("CACHE_PREFIX", "ghp_0123456789abcdef", None),
    ],
)
def test_only_values_of_plain_names_are_plain_and_none_that_looks_like_a_secret(
    name: str, value: str, plain: str | None
) -> None:
    assert Variable(name, value=value).plain == plain
