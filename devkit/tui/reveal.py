"""One value on the screen, for as long as a person looks at it: who shows values asks here whether it may."""

from __future__ import annotations

from collections.abc import Callable

from textual.timer import Timer
from textual.widget import Widget

REVEAL_SECONDS = 10.0


class Reveal:
    """Which value is shown; `owner` has its timer, `changed` hears when another one is shown, or none any more.

    It is hidden when its time is over, when the terminal is left or given away, and when another screen is opened.
    """

    def __init__(self, owner: Widget, changed: Callable[[], None]) -> None:
        self.name = ""
        """Whose value is shown; empty for none."""
        self._owner = owner
        self._changed = changed
        self._timer: Timer | None = None

    def begin(self) -> None:
        """Listen to what hides it; `owner` is mounted by now."""
        app = self._owner.app
        self._owner.watch(app, "app_focus", self._focus_changed, init=False)
        for signal in (app.screen_change_signal, app.app_suspend_signal):
            signal.subscribe(self._owner, lambda _: self.hide(), immediate=True)

    def show(self, name: str) -> None:
        """Show this one, and none besides."""
        self._stop()
        self.name = name
        self._timer = self._owner.set_timer(REVEAL_SECONDS, self.hide, name="reveal")
        self._changed()

    def hide(self) -> None:
        """Show none."""
        self._stop()
        if self.name:
            self.name = ""
            self._changed()

    def _focus_changed(self, focused: bool) -> None:
        if not focused:
            self.hide()

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
