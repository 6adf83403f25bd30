"""Names of .env as text: what is shown of a value, and what is not."""

from __future__ import annotations

import pytest

from devkit.logs.query import parse_query
from devkit.secrets.comparison import Comparison, Standing
from devkit.secrets.variables import Order, Source, Variable
from devkit.tui.environment_rows import (
    MASK,
    chosen,
    detail_text,
    note_text,
    pull_summary,
    push_question,
    title_text,
    variable_rows,
)

pytestmark = pytest.mark.unit

DOPPLER = Comparison(True, "shop/dev", 1000.0, {"A": Standing.ADDED})


def cells(one: Variable, revealed: str = "", *, narrow: bool = False) -> list[str]:
    (row,) = variable_rows([one], revealed, narrow=narrow)
    return [cell.plain for cell in row.cells]


@pytest.mark.parametrize("value", ["x", "canary", "canary " * 1000, "two\nlines", " "])
def test_a_mask_tells_nothing_of_what_is_behind_it(value: str) -> None:
    one = Variable("STRIPE", Source.DOPPLER, Standing.SAME, value)
    assert cells(one) == ["STRIPE", MASK, "Doppler", "same"]
    assert detail_text(one).plain.splitlines()[1] == f"{MASK}   v shows it for 10 s"


def test_empty_values_and_plain_ones_are_shown_as_they_are() -> None:
    assert cells(Variable("STRIPE", value="")) == ["STRIPE", "empty", "", ""]
    assert cells(Variable("APP_ENV", value="local")) == ["APP_ENV", "local", "", ""]
    assert cells(Variable("STRIPE")) == ["STRIPE", "", "", ""]


def test_only_the_one_that_is_revealed_is_shown() -> None:
    rows = variable_rows(
        [Variable("A_KEY", value="canary-a"), Variable("B_KEY", value="canary-b")], "B_KEY", narrow=True
    )
    assert [row.cells[1].plain for row in rows] == [MASK, "canary-b"]


def test_a_revealed_value_cannot_do_anything_to_the_terminal() -> None:
    one = Variable("KEY", value="a\x1b[2Jb\x1b]0;title\x07c\rd\x00[bold]e[/]")
    assert cells(one, "KEY")[1] == "abc d[bold]e[/]"
    assert detail_text(one, is_revealed=True).plain.splitlines()[1] == "abcd[bold]e[/]   C copies it"


def test_a_long_value_is_cut_and_its_size_said() -> None:
    text = detail_text(Variable("KEY", value="x" * 4096), is_revealed=True).plain
    assert text.count("x") == 600
    assert "… 4,096 signs" in text
    pem = "\n".join(["-----BEGIN", *(f"line{number}" for number in range(28)), "-----END"])
    lines = detail_text(Variable("KEY", value=pem), is_revealed=True).plain.splitlines()
    assert lines[1:7] == ["-----BEGIN", "line0", "line1", "line2", "line3", "line4"]
    assert lines[7].startswith("… ") and "30 lines" in lines[7]


def test_names_and_places_are_harmless_too() -> None:
    one = Variable("KEY\x1b[2J", Source.NOWHERE, Standing.MISSING, read_by=("config/\x07a.php:1",))
    assert detail_text(one).plain == "KEY\n.env.example has it and .env has not\nread by config/a.php:1"
    assert cells(one, narrow=True) == ["KEY", "", "missing"]


def test_what_the_stack_sets_is_said_to_be_its() -> None:
    for standing in (Standing.LOCAL, Standing.NONE):
        assert detail_text(Variable("DB_HOST", Source.STACK, standing)).plain == "DB_HOST\nthis machine's stack sets it"
    assert detail_text(Variable("OWN", Source.LOCAL)).plain == "OWN\nlocal"


def test_the_title_counts_what_needs_a_look() -> None:
    found = [Variable("A", standing=Standing.ADDED), Variable("B", standing=Standing.SAME)]
    said = title_text(found, DOPPLER, Order.NAME, 4600.0, doing="comparing …", more=["with “a”"])
    assert said == "comparing …   shop/dev   .env is 1 h old   2 names by name   1 new   with “a”"
    assert title_text(found, DOPPLER, Order.NAME, 4600.0, narrow=True) == "shop/dev   1 h old   1 new"
    assert title_text(found[1:], None, Order.DRIFT, 0.0, narrow=True) == "1 name by drift"


def test_what_a_person_can_do_is_said_where_there_is_something() -> None:
    assert note_text(None, exists=False) == note_text(DOPPLER, exists=True) == ""
    assert "devkit up" in note_text(DOPPLER, exists=False)
    assert "secrets.source doppler" in note_text(Comparison(False), exists=True)


def test_names_are_chosen_by_what_was_typed() -> None:
    found = [Variable("STRIPE_KEY"), Variable("APP_NAME"), Variable("UNSET_KEY", standing=Standing.UNSET)]

    def names(text: str, *, with_unset: bool = False) -> list[str]:
        return [one.name for one in chosen(found, parse_query(text), with_unset=with_unset)]

    assert names("") == ["STRIPE_KEY", "APP_NAME"]
    assert names("key", with_unset=True) == ["STRIPE_KEY", "UNSET_KEY"]
    assert names("!key") == ["APP_NAME"]
    assert names("^APP") == ["APP_NAME"]


def test_a_pull_is_counted_by_what_it_changes() -> None:
    standings = {"A": Standing.ADDED, "B": Standing.ADDED, "C": Standing.REMOVED, "D": Standing.KEPT}
    assert pull_summary(Comparison(True, standings=standings)) == "2 added, 1 removed"


@pytest.mark.parametrize(
    ("standing", "said"),
    [(Standing.CHANGED, "overwritten."), (Standing.LOCAL, "new there."), (Standing.EDITED, "at Doppler?")],
)
def test_what_a_push_does_there_is_said(standing: Standing, said: str) -> None:
    asked = push_question(Variable("A", standing=standing, value="canary"), DOPPLER)
    assert asked.endswith(said)
    assert "canary" not in asked
