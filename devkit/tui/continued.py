"""Textual's driver for a screen on which something stands already."""

from __future__ import annotations

from textual.drivers.linux_driver import LinuxDriver

from devkit.tui.first_rows import ENTER


class Continued(LinuxDriver):
    """Draws over what stands there: to go to the alternate screen once more would clear it (Textual 8.2.8)."""

    _is_there = True

    def write(self, data: str) -> None:
        """Write it; the first change to the alternate screen has been made."""
        if self._is_there and data == ENTER:
            self._is_there = False
            return
        super().write(data)
