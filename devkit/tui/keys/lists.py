"""Keys of every list of choices."""

from __future__ import annotations

from devkit.tui.keys import key

LISTS = [
    key("enter", "select", "Take", "list.take", "Take the entry, or open it"),
    key("k", "cursor_up", "Up", "list.up", "The entry above"),
    key("j", "cursor_down", "Down", "list.down", "The entry below"),
    key("g", "first", "First", "list.first", "The first entry"),
    key("G", "last", "Last", "list.last", "The last entry"),
    key("ctrl+b,ctrl+u", "page_up", "Page up", "list.page-up", "A page up"),
    key("ctrl+f,ctrl+d", "page_down", "Page down", "list.page-down", "A page down"),
]
