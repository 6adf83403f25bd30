"""Every key of the app in a list that can be searched; enter gives one another key."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Input
from textual.widgets.option_list import Option

from devkit.tui.bindings import Key, group_title
from devkit.tui.keys.settings import SINGLE_KEYS
from devkit.tui.preferences import Preferences
from devkit.tui.screens.press_key import PressKey
from devkit.tui.widgets.choices import Choices

_KEYS_WIDTH, _TITLE_WIDTH = 15, 14
_WITH_IDS = 56
"""Columns of the list from which on ids stand in it; the line below tells the one under the cursor anyway."""


class KeyChoices(Vertical):
    """The list of keys, and what is done to the one under the cursor."""

    BINDINGS: ClassVar[list[BindingType]] = [*SINGLE_KEYS]

    class Seen(Message):
        """The cursor is on this key."""

        def __init__(self, key: Key) -> None:
            super().__init__()
            self.key = key

    def __init__(self, preferences: Preferences, *, id: str) -> None:
        super().__init__(id=id)
        self._preferences = preferences
        self._known: tuple[Key, ...] = ()

    def compose(self) -> ComposeResult:
        """The prompt of the search, and the list."""
        yield Input(placeholder="find by what it does, or by its key", id="find", compact=True)
        yield Choices(id="bindings", markup=False)

    @work(exclusive=True, group="keys", exit_on_error=False)
    async def fill(self) -> None:
        """Show the keys as they are now; the first time all tabs are imported for it."""
        import asyncio

        from devkit.tui.preferences import known_keys

        self._known = self._known or await asyncio.to_thread(known_keys)
        self._show()

    def action_find(self) -> None:
        """To the prompt."""
        self.query_one("#find").focus()

    @on(Choices.OptionSelected)
    def action_change(self) -> None:
        """Another key in place of those that it has."""
        self._press(lambda _former, pressed: pressed)

    def action_add(self) -> None:
        """One more key."""
        self._press(lambda former, pressed: ",".join(dict.fromkeys([*former, pressed])))

    @work(exclusive=True, group="reset", exit_on_error=False)
    async def action_reset(self) -> None:
        """The keys that it has by itself, or by the preset."""
        if (chosen := self._chosen()) is not None:
            await self._preferences.choose_keys(chosen.id, None)
            self._show()

    def _press(self, made: Callable[[tuple[str, ...], str], str]) -> None:
        if (chosen := self._chosen()) is None:
            return
        former = self._preferences.keys_with(self._known).keys[chosen.id]

        def refused(pressed: str) -> str:
            others = self._preferences.keys_with(self._known, chosen.id, made(former, pressed))
            return next((one.why for one in others.refused if one.id == chosen.id), "")

        async def answered(pressed: str | None) -> None:
            if pressed is not None:
                await self._preferences.choose_keys(chosen.id, made(former, pressed))
                self._show()

        self.app.push_screen(PressKey(chosen.title, self._keys_text(former), refused), answered)

    def on_resize(self) -> None:
        """With or without ids."""
        self._show()

    @on(Choices.OptionHighlighted)
    def _seen(self) -> None:
        if (chosen := self._chosen()) is not None:
            self.post_message(self.Seen(chosen))

    @on(Input.Changed, "#find")
    def _typed(self) -> None:
        self._show()

    @on(Input.Submitted, "#find")
    def _found(self) -> None:
        self.query_one("#bindings").focus()

    def _chosen(self) -> Key | None:
        choices = self.query_one("#bindings", Choices)
        id = choices.highlighted_option.id if choices.highlighted_option is not None else None
        return next((key for key in self._known if key.id == id), None)

    def _show(self) -> None:
        choices = self.query_one("#bindings", Choices)
        chosen = self._chosen()
        keys = self._preferences.keys_with(self._known).keys
        words = self.query_one("#find", Input).value.lower().split()
        options: list[Option] = []
        group = ""
        for key in self._known:
            shown = self._keys_text(keys[key.id])
            text = f"{key.id} {key.title} {key.tooltip} {group_title(key.id)} {shown}".lower()
            if not all(word in text for word in words):
                continue
            if (title := group_title(key.id)) != group:
                group = title
                options.append(Option(Text(group, "bold"), disabled=True))
            options.append(Option(self._row(key, shown, changed=keys[key.id] != key.keys), id=key.id))
        choices.clear_options()
        choices.add_options(options)
        if chosen is not None and any(option.id == chosen.id for option in options):
            choices.highlighted = choices.get_option_index(chosen.id)

    def _row(self, key: Key, shown: str, *, changed: bool) -> Text:
        row = Text("* " if changed else "  ", no_wrap=True)
        row.append(f"{shown:<{_KEYS_WIDTH}} ", "bold").append(f"{key.title:<{_TITLE_WIDTH}} ")
        return row.append(key.id, "dim") if self.size.width >= _WITH_IDS else row

    def _keys_text(self, keys: tuple[str, ...]) -> str:
        return " ".join(self.app.get_key_display(Binding(key, "")) for key in keys)
