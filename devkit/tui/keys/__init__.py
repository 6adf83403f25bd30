"""Every key of the app with its id, by which the person's settings can change it, and its tooltip.

Letters of lazydocker, k9s, less and vim mean what they mean there. A module for each part of the app that has keys.
"""

from __future__ import annotations

from textual.binding import Binding


def key(keys: str, action: str, title: str, id: str, tooltip: str, *, footer: bool = False, shown: str = "") -> Binding:
    """A key, or several with commas between; `shown` stands in the footer for them."""
    return Binding(keys, action, title, show=footer, key_display=shown or None, id=id, tooltip=tooltip)
