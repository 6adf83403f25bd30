"""The keys that work now, in one line that is drawn as a whole.

Textual's own row has a widget for each key; to make those anew whenever the focus changes takes longer than all else
that a key does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

_TURN = 4
"""Cells that the row moves with the wheel."""


@dataclass(frozen=True)
class ShownKey:
    """One key in the row, from cell `start` up to `end`."""

    key: str
    label: str
    title: str
    tooltip: str
    enabled: bool
    start: int

    @property
    def end(self) -> int:
        """The first cell that is no longer its own."""
        return self.start + cell_len(f"{self.label} {self.title}")


class KeyRow(Widget, can_focus=False):
    """Each key can be clicked; the wheel moves the row where it does not fit."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {"key-row--key", "key-row--title", "key-row--over"}

    def __init__(self) -> None:
        super().__init__()
        self.keys: tuple[ShownKey, ...] = ()
        self._left = 0
        self._over: ShownKey | None = None

    def on_mount(self) -> None:
        """Hear of every change of what works."""
        self.screen.bindings_updated_signal.subscribe(self, self._changed)

    def on_unmount(self) -> None:
        """Hear of none any more."""
        self.screen.bindings_updated_signal.unsubscribe(self)

    def _changed(self, screen: Screen[object]) -> None:
        if not screen.app.app_focus or screen is not self.screen:
            return
        keys = self._found(screen)
        if keys != self.keys:
            self.keys = keys
            self._look_at(None)
            self._move(0)
            self.refresh()

    def _found(self, screen: Screen[object]) -> tuple[ShownKey, ...]:
        """Those that are to be shown, each action once."""
        found: dict[str, ShownKey] = {}
        start = 0
        for _, binding, enabled, tooltip in screen.active_bindings.values():
            if binding.show and binding.action not in found:
                label = self.app.get_key_display(binding)
                key = ShownKey(binding.key, label, binding.description, tooltip, enabled, start)
                found[binding.action] = key
                start = key.end + 1
        return tuple(found.values())

    def _move(self, cells: int) -> None:
        length = self.keys[-1].end if self.keys else 0
        left = max(0, min(self._left + cells, length - self.size.width))
        if left != self._left:
            self._left = left
            self.refresh()

    def render_line(self, y: int) -> Strip:  # noqa: ARG002
        """The keys that there is room for."""
        names = ("key", "title", "over")
        key_style, title_style, over_style = (self.get_component_rich_style(f"key-row--{name}") for name in names)
        between = Style(bgcolor=self.rich_style.bgcolor)
        segments: list[Segment] = []
        for key in self.keys:
            over = key == self._over
            segments += [
                Segment(" ", between),
                Segment(key.label, key_style + over_style if over else key_style),
                Segment(f" {key.title}", over_style if over else title_style),
            ]
        return Strip(segments[1:]).crop_extend(self._left, self._left + self.size.width, between)

    def _at(self, event: events.MouseEvent) -> ShownKey | None:
        x = event.x + self._left
        return next((key for key in self.keys if key.start <= x < key.end), None)

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """A click is the key."""
        key = self._at(event)
        if key is not None and key.enabled:
            self.app.simulate_key(key.key)
        elif key is not None:
            self.app.bell()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """What the pointer is on stands out."""
        self._look_at(self._at(event))

    def on_leave(self) -> None:
        """The pointer is on none."""
        self._look_at(None)

    def _look_at(self, key: ShownKey | None) -> None:
        if key != self._over:
            self._over = key
            self.tooltip = key.tooltip or None if key else None
            self.refresh()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """To what lies on the right."""
        event.stop()
        self._move(_TURN)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Back to the left."""
        event.stop()
        self._move(-_TURN)
