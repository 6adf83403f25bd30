"""Keys of texts that are shown over everything else."""

from __future__ import annotations

from devkit.tui.keys import key

DETAIL = [
    key("escape,q,enter", "dismiss", "Close", "text.close", "Back"),
    key("y,c", "copy", "Copy", "text.copy", "Copy all of it"),
]
