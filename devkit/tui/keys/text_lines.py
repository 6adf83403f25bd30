"""Keys of a text that is read, as less has them."""

from __future__ import annotations

from devkit.tui.keys import key

TEXT_LINES = [
    key("up,k", "scroll_up", "Up", "text.up", "A row up"),
    key("down,j", "scroll_down", "Down", "text.down", "A row down"),
    key("pageup,ctrl+b", "page_up", "Page up", "text.page-up", "A screen up"),
    key("pagedown,ctrl+f,space", "page_down", "Page down", "text.page-down", "A screen down"),
    key("g,home", "scroll_home", "Top", "text.top", "The first row"),
    key("G,end", "scroll_end", "End", "text.end", "The last row"),
]
