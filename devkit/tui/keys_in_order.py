"""Keys that come in one burst go where the former ones led."""

from __future__ import annotations

import asyncio
from collections import deque

from textual import events
from textual.app import App
from textual.message import Message
from textual.screen import Screen
from textual.widget import Widget

_LOOK = 1.0
"""Seconds after which it is looked whether the widget that a key was given to has gone with it."""

_LOOKS = 10
"""So often a widget that is there is waited for: on a busy machine a prompt takes seconds to open."""


class _Handled(Message):
    """Sent after a key along the same way: where it arrives, the key's action has been run.

    Sent once more, what the action has posted (such as Input.Submitted) has been handled too.
    """

    def __init__(self, key: events.Key, *, again: bool) -> None:
        super().__init__()
        self.key = key
        self.again = again


class KeysInOrder(App[None]):
    """An app in which a key waits until the former has been handled.

    Textual 8.2.8 gives a key to what has the focus when the key arrives (App.on_event), and runs what it is bound to
    once it has come back up through all widgets. Of `/err` typed while the app is busy, or sent by tmux, `err` went to
    the list, where `r` restarts a service.
    """

    def __init__(self) -> None:
        super().__init__()
        self._typed: deque[events.Key] = deque()
        self._given: events.Key | None = None
        self.keys_shown = asyncio.Event()
        """Set while nobody waits to see what a key does: until then, what can wait should."""
        self.keys_shown.set()

    @property
    def has_keys_to_handle(self) -> bool:
        """Whether a key waits, or has not been handled yet."""
        return self._given is not None or bool(self._typed)

    async def on_event(self, event: events.Event) -> None:
        """Keys wait for their turn; all else goes on as it does."""
        if isinstance(event, events.Key) and not event.is_forwarded:
            self._typed.append(event)
            self.keys_shown.clear()
            await self._give_next()
        else:
            await super().on_event(event)

    async def on__handled(self, event: _Handled) -> None:
        """The action of the key that was given has been run; or that and what followed from it."""
        if event.again:
            (self.focused or self.screen).post_message(_Handled(event.key, again=False))
        else:
            await self._release(event.key)

    async def _give_next(self) -> None:
        if self._given is not None or not self._typed:
            return
        given = self._given = self._typed.popleft()
        target = self.focused or self.screen
        await super().on_event(given)
        target.post_message(_Handled(given, again=True))
        self.set_timer(_LOOK, lambda: self._look(given, target, _LOOKS))

    async def _look(self, given: events.Key, target: Widget | Screen[object], looks: int) -> None:
        if given is not self._given:
            return
        if looks > 1 and target.is_attached and target.is_running:
            self.set_timer(_LOOK, lambda: self._look(given, target, looks - 1))
        else:
            await self._release(given)

    async def _release(self, given: events.Key) -> None:
        if given is self._given:
            self._given = None
            await self._give_next()
            if self._given is None:
                self.call_after_refresh(self._all_shown)

    def _all_shown(self) -> None:
        if not self.has_keys_to_handle:
            self.keys_shown.set()
