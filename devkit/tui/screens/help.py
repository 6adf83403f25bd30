"""Every key of the app by where it works, those that work where the person is first; found by what they do."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Mapping
from typing import ClassVar

from rich.table import Table
from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from devkit.tui.bindings import Key, group_title
from devkit.tui.keys.help import HELP
from devkit.tui.preferences import Preferences, known_keys

_KEYS_WIDTH = 15
_SELECTION = "Shift (on macOS Option) and the mouse selects text as the terminal does it."


class HelpScreen(ModalScreen[None]):
    """`here` are the ids of the bindings that work where the person is, the nearest first."""

    BINDINGS: ClassVar[list[BindingType]] = [*HELP]

    DEFAULT_CSS = """
    HelpScreen #help { width: 90%; height: 90%; max-width: 110; padding: 1 2 0 2; }
    HelpScreen #find { margin: 0 0 1 0; background: $boost; }
    HelpScreen #scroll { height: 1fr; }
    HelpScreen #hint { color: $text-muted; height: 1; }
    """

    def __init__(self, preferences: Preferences, here: Collection[str]) -> None:
        super().__init__()
        self._preferences = preferences
        self._here = tuple(here)
        self._known: tuple[Key, ...] = ()

    def compose(self) -> ComposeResult:
        """The search, the keys, what leads out."""
        with Vertical(id="help", classes="dialog"):
            yield Input(placeholder="find by what it does, or by its key", id="find", compact=True)
            with VerticalScroll(id="scroll", can_focus=True):
                yield Static("", id="keys")
            yield Static("/ find   esc close   , settings: other keys", id="hint", markup=False)

    def on_mount(self) -> None:
        """The keys at once, without the search in the way of letters."""
        self.query_one("#scroll").focus()
        self._fill()

    @work(exclusive=True, group="keys", exit_on_error=False)
    async def _fill(self) -> None:
        self._known = await asyncio.to_thread(known_keys)
        self._show()

    def action_back(self) -> None:
        """Out of the search, then out."""
        if self.query_one("#find").has_focus:
            self.query_one("#find", Input).value = ""
            self.query_one("#scroll").focus()
        else:
            self.dismiss()

    def action_find(self) -> None:
        """To the search."""
        self.query_one("#find").focus()

    def action_scroll(self, lines: int) -> None:
        """Lines up or down."""
        self.query_one("#scroll").scroll_relative(y=lines, animate=False)

    def action_page(self, pages: int) -> None:
        """Pages up or down."""
        scroll = self.query_one("#scroll")
        scroll.scroll_relative(y=pages * max(1, scroll.size.height - 1), animate=False)

    def action_top(self) -> None:
        """The first key."""
        self.query_one("#scroll").scroll_home(animate=False)

    def action_bottom(self) -> None:
        """The last key."""
        self.query_one("#scroll").scroll_end(animate=False)

    @on(Input.Changed, "#find")
    def _typed(self) -> None:
        self.action_top()
        self._show()

    @on(Input.Submitted, "#find")
    def _found(self) -> None:
        self.query_one("#scroll").focus()

    def _show(self) -> None:
        keys = self._preferences.keys_with(self._known).keys
        shown = {
            id: " ".join(self.app.get_key_display(Binding(key, "")) for key in given) for id, given in keys.items()
        }
        words = self.query_one("#find", Input).value.lower().split()
        found = [key for key in self._known if all(word in searched(key, shown[key.id]) for word in words)]
        self.query_one("#keys", Static).update(table(found, shown, self._here))


def searched(key: Key, shown: str) -> str:
    """The text that a key is found by."""
    return f"{group_title(key.id)} {key.title} {key.tooltip} {shown} {key.id}".lower()


def table(keys: Iterable[Key], shown: Mapping[str, str], here: Collection[str]) -> Table:
    """Keys in groups: those of the ids `here` first, the nearest group before the others."""
    groups: dict[str, list[Key]] = {group_title(id): [] for id in here}
    for key in keys:
        groups.setdefault(group_title(key.id), []).append(key)
    rows = Table.grid(padding=(0, 1, 0, 0))
    rows.add_column(width=_KEYS_WIDTH)
    rows.add_column(ratio=1)
    active = {group_title(id) for id in here}
    for title, members in groups.items():
        if not members:
            continue
        rows.add_row("", Text(title, "bold").append(" here" if title in active else "", "not bold dim"))
        for key in members:
            text = Text(key.title).append(f"  {key.tooltip}", "dim")
            rows.add_row(Text(shown[key.id], "bold", overflow="fold"), text)
        rows.add_row("", "")
    rows.add_row("", Text(_SELECTION, "dim"))
    return rows
