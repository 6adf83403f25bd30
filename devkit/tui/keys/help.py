"""Keys of the help."""

from __future__ import annotations

from devkit.tui.keys import key

HELP = [
    key("escape,q,question_mark,f1", "back", "Close", "help.close", "Back; from the search to the keys first"),
    key("slash", "find", "Find", "help.find", "Find a key, by what it does"),
    key("down,j", "scroll(1)", "Down", "help.down", "A line down"),
    key("up,k", "scroll(-1)", "Up", "help.up", "A line up"),
    key("pagedown,space,ctrl+f,ctrl+d", "page(1)", "Page down", "help.page-down", "A page down"),
    key("pageup,ctrl+b,ctrl+u", "page(-1)", "Page up", "help.page-up", "A page up"),
    key("g,home", "top", "First", "help.top", "The first key"),
    key("G,end", "bottom", "Last", "help.bottom", "The last key"),
]
