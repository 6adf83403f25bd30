"""Keys of what a program writes: those of a pager."""

from __future__ import annotations

from devkit.tui.keys import key

OUTPUT = [
    key("up,k", "line(-1)", "Up", "output.up", "A line up"),
    key("down,j", "line(1)", "Down", "output.down", "A line down"),
    key("pageup,ctrl+b", "page(-1.0)", "Page up", "output.page-up", "A screen up"),
    key("pagedown,ctrl+f,space", "page(1.0)", "Page down", "output.page-down", "A screen down"),
    key("ctrl+u", "page(-0.5)", "Half up", "output.half-up", "Half a screen up"),
    key("ctrl+d", "page(0.5)", "Half down", "output.half-down", "Half a screen down"),
    key("g,home", "start", "First", "output.first", "The first line"),
    key("G,end", "end", "Last", "output.last", "The last line, and follow"),
    key("left,h", "sideways(-1)", "Left", "output.left", "Further to the left of long lines"),
    key("right,l", "sideways(1)", "Right", "output.right", "Further to the right of long lines"),
]
