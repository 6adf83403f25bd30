"""The names of .env as text for the screen: no value but plain ones, and the one that is revealed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rich.text import Text

from devkit.logs.escapes import one_line, printable
from devkit.logs.query import Query
from devkit.secrets.comparison import Comparison, Standing
from devkit.secrets.variables import Order, Source, Variable, counted
from devkit.tui.figures import duration
from devkit.tui.widgets.table import Column, Row

COLUMNS = (Column("name", 28), Column("value", 0), Column("source", 12), Column("drift", 19))
NARROW_COLUMNS = (Column("name", 24), Column("value", 0), Column("drift", 10))

MASK = "••••••••"
"""In the place of every value, however long it is."""

CONNECT = "secrets are local; to have them from Doppler: devkit config set secrets.source doppler"
NO_FILE = "there is no .env yet: devkit up makes it"

_CELL = 200
_LINES, _SIGNS = 6, 600
"""Of a revealed value so much is shown at most; all of it can be copied."""

_SHORT = {Standing.ADDED: "new", Standing.REMOVED: "removed", Standing.EDITED: "edited", Standing.KEPT: "kept"}
_STYLES = {
    Standing.CHANGED: "yellow",
    Standing.ADDED: "green",
    Standing.REMOVED: "red",
    Standing.EDITED: "yellow",
    Standing.MISSING: "red",
    Standing.RESTRICTED: "yellow",
    Standing.KEPT: "cyan",
    Standing.LOCAL: "",
}
_WELL = frozenset((Standing.LOCAL, Standing.UNSET, Standing.SAME, Standing.NONE))
"""What needs no look."""

_SET_BY_STACK = "this machine's stack sets it"
_SAID = {
    Standing.CHANGED: "Doppler has another value: p pulls it, P gives Doppler the one of .env",
    Standing.ADDED: "Doppler has it and .env has not: p pulls it",
    Standing.REMOVED: "it came from Doppler and is no longer there: a pull takes it out of .env",
    Standing.EDITED: "edited in .env since it was compared: r compares again",
    Standing.MISSING: ".env.example has it and .env has not",
    Standing.RESTRICTED: "Doppler has it, and this token may not read it: what .env has stays",
    Standing.KEPT: f"{_SET_BY_STACK}: the value that Doppler has is not taken",
    Standing.LOCAL: "only .env has it: P gives it to Doppler",
    Standing.UNSET: "read without a default, and set nowhere",
    Standing.SAME: "Doppler has the same value",
}
_OVERWRITTEN, _NEW = "The value there is overwritten.", "It is new there."
_PUSHED = {
    Standing.CHANGED: _OVERWRITTEN,
    Standing.KEPT: _OVERWRITTEN,
    Standing.RESTRICTED: _OVERWRITTEN,
    Standing.LOCAL: _NEW,
    Standing.REMOVED: _NEW,
}
_PULLED = (
    (Standing.ADDED, "+", "green", ""),
    (Standing.CHANGED, "~", "yellow", ""),
    (Standing.REMOVED, "-", "red", ""),
    (Standing.KEPT, "=", "dim", f"stays: {_SET_BY_STACK}"),
    (Standing.RESTRICTED, "?", "dim", "stays: this token may not read it"),
)
"""What a pull does with names, in the order and with the signs of `devkit env diff`."""


def variable_rows(found: Sequence[Variable], revealed: str, *, narrow: bool) -> list[Row]:
    """A row for each name; `revealed` is the one whose value is shown."""
    return [Row(one.name, _cells(one, is_revealed=one.name == revealed, narrow=narrow)) for one in found]


def detail_text(one: Variable, *, is_revealed: bool = False) -> Text:
    """All that is known of a name, and what can be done."""
    text = Text(end="").append(one_line(one.name), "bold")
    if one.value is not None:
        text.append("\n").append_text(_revealed(one.value) if is_revealed else _value(one))
        if one.plain is None and one.value:
            text.append("\n" if is_revealed and "\n" in one.value else "   ")
            text.append("C copies it" if is_revealed else "v shows it for 10 s", "dim")
    if said := _said(one):
        text.append(f"\n{said}", "dim")
    if one.read_by:
        text.append(f"\nread by {', '.join(map(one_line, one.read_by))}", "dim")
    return text


def title_text(
    found: Sequence[Variable],
    comparison: Comparison | None,
    order: Order,
    now: float,
    *,
    narrow: bool = False,
    doing: str = "",
    more: Sequence[str] = (),
) -> str:
    """Where secrets are kept, how old .env is, how many names need a look; `now` in seconds since the epoch."""
    parts = [doing]
    if comparison is not None:
        parts.append(one_line(comparison.where) if comparison.is_doppler else "local")
        if comparison.is_doppler and comparison.moment is not None:
            parts.append(f"{'' if narrow else '.env is '}{duration(now - comparison.moment)} old")
    needs = ", ".join(f"{number} {_short(one)}" for one, number in counted(found).items() if one not in _WELL)
    if not narrow or not needs:
        parts.append(f"{'1 name' if len(found) == 1 else f'{len(found):,} names'} {order.value}")
    return "   ".join(filter(None, [*parts, needs, *more]))


def note_text(comparison: Comparison | None, *, exists: bool) -> str:
    """What a person can do where there is no .env, or no Doppler; empty where nothing is to be said."""
    if comparison is None:
        return ""
    if not exists:
        return NO_FILE
    return "" if comparison.is_doppler else CONNECT


def chosen(found: Iterable[Variable], query: Query | None, *, with_unset: bool) -> list[Variable]:
    """The names that a person asked for, with those that are set nowhere or without."""
    return [
        one
        for one in found
        if (with_unset or one.standing is not Standing.UNSET)
        and (query is None or (query.shown.search(one.name) is None) is query.inverted)
    ]


def filter_text(query: Query) -> str:
    """What is asked for, in words."""
    return f"{'without' if query.inverted else 'with'} “{one_line(query.text)}”"


def push_question(one: Variable, comparison: Comparison) -> str:
    """What is asked before a value goes to Doppler."""
    asked = f"Give .env's value of {one_line(one.name)} to {one_line(comparison.where)} at Doppler?"
    return f"{asked} {_PUSHED.get(one.standing, '')}".rstrip()


def pull_text(comparison: Comparison) -> list[Text]:
    """A line for each name that a pull changes or leaves: names alone."""
    return [
        Text(f"{sign} {one_line(name)}", style).append(f"   {why}" if why else "", "dim")
        for standing, sign, style, why in _PULLED
        for name in comparison.names(standing)
    ]


def pull_summary(comparison: Comparison) -> str:
    """What a pull changes, counted: `2 added, 1 changed`."""
    words = ((Standing.ADDED, "added"), (Standing.CHANGED, "changed"), (Standing.REMOVED, "removed"))
    return ", ".join(f"{number} {word}" for standing, word in words if (number := len(comparison.names(standing))))


def _said(one: Variable) -> str:
    if one.source is Source.STACK and one.standing in (Standing.LOCAL, Standing.NONE):
        return _SET_BY_STACK
    return _SAID.get(one.standing, one.source.value)


def _short(standing: Standing) -> str:
    return _SHORT.get(standing, standing.value)


def _cells(one: Variable, *, is_revealed: bool, narrow: bool) -> tuple[Text, ...]:
    lacks = one.standing in (Standing.MISSING, Standing.UNSET, Standing.ADDED)
    name = Text(one_line(one.name), "dim" if lacks else "bold")
    value = Text(one_line(one.value or "")[:_CELL], "bold") if is_revealed else _value(one)
    style = _STYLES.get(one.standing, "dim")
    if narrow:
        return name, value, Text(_short(one.standing), style)
    source = Text(one.source.value, "dim" if one.source in (Source.NOWHERE, Source.LOCAL) else "")
    return name, value, source, Text(one.standing.value, style)


def _value(one: Variable) -> Text:
    if one.value is None:
        return Text("")
    if not one.value:
        return Text("empty", "dim italic")
    return Text(MASK, "dim") if one.plain is None else Text(one_line(one.plain)[:_CELL])


def _revealed(value: str) -> Text:
    """The value by its lines, as many as there is room for, harmless to the terminal."""
    lines = value.split("\n")
    shown = Text("\n").join(Text(line) for line in _cut(lines))
    if len(lines) > _LINES or len(value) > _SIGNS:
        size = f"{len(value):,} signs" + (f" in {len(lines):,} lines" if len(lines) > 1 else "")
        shown.append(f"\n… {size}", "dim")
    return shown


def _cut(lines: Sequence[str]) -> Iterator[str]:
    left = _SIGNS
    for line in lines[:_LINES]:
        yield printable(line)[:left]
        left -= len(line)
        if left <= 0:
            return
