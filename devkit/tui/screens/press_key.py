"""Waits for one key, whatever it means elsewhere."""

from __future__ import annotations

from collections.abc import Callable

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Label


class PressKey(ModalScreen[str | None]):
    """Gives the key, None for escape; one that `refused` has a reason against is not taken, and the reason shown."""

    def __init__(self, title: str, keys: str, refused: Callable[[str], str]) -> None:
        super().__init__()
        self._title = title
        self._keys = keys
        self._refused = refused

    def compose(self) -> ComposeResult:
        """What the key is for, and which it has."""
        with Vertical(classes="dialog"):
            yield Label(f"Press the key for: {self._title}", markup=False)
            yield Label(f"now {self._keys}", markup=False, classes="command")
            yield Label("", id="refused", markup=False)
            yield Label("esc leaves it", markup=False, classes="keys")

    def on_key(self, event: events.Key) -> None:
        """This one."""
        event.stop()
        event.prevent_default()
        if event.key == "escape":
            self.dismiss(None)
        elif reason := self._refused(event.key):
            self.query_one("#refused", Label).update(reason)
        else:
            self.dismiss(event.key)
