"""Keys of tables."""

from __future__ import annotations

from devkit.tui.keys import key

TABLE = [
    key("up,k", "cursor_up", "Up", "table.up", "The row above"),
    key("down,j", "cursor_down", "Down", "table.down", "The row below"),
    key("g,home", "scroll_top", "First", "table.first", "The first row"),
    key("G,end", "scroll_bottom", "Last", "table.last", "The last row"),
    key("enter", "select_cursor", "Open", "table.open", "All of the row", footer=True, shown="enter"),
]
