"""What can be done, each with its key and the plain command that it stands for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Label, OptionList
from textual.widgets.option_list import Option

from devkit.tui.choice import Choice
from devkit.tui.keys.menu import MENU


class Menu(ModalScreen[Choice | None]):
    """Closes with the entry that was taken, or with none."""

    DEFAULT_CSS = """
    Menu .dialog { min-width: 40; }
    Menu OptionList { height: auto; max-height: 1fr; padding: 0; background: $surface; margin: 1 0 0 0; }
    Menu OptionList, Menu OptionList:focus { border: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*MENU]

    def __init__(self, title: str, choices: Sequence[Choice]) -> None:
        super().__init__()
        self._title = title
        self.choices = tuple(choices)

    def compose(self) -> ComposeResult:
        """The title, and an entry a row."""
        with Vertical(classes="dialog"):
            yield Label(self._title, markup=False)
            width = max(len(choice.title) for choice in self.choices)
            yield OptionList(*(Option(_row(choice, width)) for choice in self.choices))

    def on_key(self, event: events.Key) -> None:
        """An entry's own key takes it at once."""
        pressed = event.character or event.key
        if (choice := next((one for one in self.choices if one.key == pressed), None)) is not None:
            event.stop()
            self.dismiss(choice)

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self.choices[event.option_index])

    def action_move(self, rows: int) -> None:
        """Another entry."""
        options = self.query_one(OptionList)
        (options.action_cursor_down if rows > 0 else options.action_cursor_up)()

    def action_close(self) -> None:
        """Take none."""
        self.dismiss(None)

    def on_click(self, event: events.Click) -> None:
        """A click beside it closes it."""
        if event.widget is self:
            self.dismiss(None)


def _row(choice: Choice, width: int) -> Text:
    row = Text(f"{choice.key}  ", "bold", no_wrap=True, overflow="ellipsis", end="")
    row.append(f"{choice.title:<{width}}", "not bold")
    return row.append(f"  {choice.plain}", "dim not bold") if choice.plain else row
