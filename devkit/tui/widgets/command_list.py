"""Artisan's commands, one a row; headings are passed over."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import BindingType
from textual.message import Message
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from devkit.tui.artisan_rows import Row
from devkit.tui.keys import artisan as keys


class CommandList(OptionList):
    """Shows rows; enter or a click opens one."""

    BINDINGS: ClassVar[list[BindingType]] = [*keys.LIST]
    DEFAULT_CSS = """
    CommandList { border: none; padding: 0 1; background: transparent; text-wrap: nowrap; text-overflow: ellipsis; }
    CommandList:focus { border: none; background: transparent; background-tint: transparent 0%; }
    """

    class Opened(Message):
        """A person wants to run it."""

        def __init__(self, row: Row) -> None:
            super().__init__()
            self.row = row

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id, markup=False)
        self.rows: tuple[Row, ...] = ()

    @property
    def row(self) -> Row | None:
        """The row under the cursor."""
        return self.rows[self.highlighted] if self.highlighted is not None else None

    def show(self, rows: Sequence[Row], *, from_start: bool = False) -> None:
        """Show these; the cursor stays on its row, or on its command, and `from_start` it goes to the first."""
        former = self.row
        self.rows = tuple(rows)
        self.set_options([Option(row.text, id=row.id, disabled=not row.command) for row in rows])
        places = [place for place, row in enumerate(rows) if row.command]
        if places:
            self.highlighted = places[0] if from_start or former is None else _place(rows, places, former)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Enter, or a click."""
        event.stop()
        self.post_message(self.Opened(self.rows[event.option_index]))


def _place(rows: Sequence[Row], places: Sequence[int], former: Row) -> int:
    same = [place for place in places if rows[place].id == former.id]
    return (same or [place for place in places if rows[place].command == former.command] or places)[0]


class CommandSearch(Input):
    """What is typed to find a command, while the cursor in the list is moved from here."""

    BINDINGS: ClassVar[list[BindingType]] = [*keys.SEARCH]
    DEFAULT_CSS = "CommandSearch { height: 1; border: none; padding: 0 1; background: $boost; display: none; }"

    class Moved(Message):
        """The cursor in the list has to go up or down."""

        def __init__(self, rows: int) -> None:
            super().__init__()
            self.rows = rows

    def action_move(self, rows: int) -> None:
        """Up or down in the list."""
        self.post_message(self.Moved(rows))
