"""Keys that mean the same everywhere."""

from __future__ import annotations

from devkit.tui.keys import key

APP = [
    key("q,ctrl+q", "quit", "Quit", "app.quit", "Leave; the services go on", footer=True, shown="q"),
    key("question_mark,f1", "help", "Help", "app.help", "Every key; again to close", footer=True, shown="?"),
    key("colon,ctrl+p", "command_palette", "Commands", "app.palette", "Find a command"),
    key("tab,shift+tab", "other_side", "Other side", "app.other-side", "Services or the tab"),
    key("right_square_bracket,ctrl+right", "next_pane(1)", "Next tab", "app.next-tab", "The tab at the right"),
    key("left_square_bracket,ctrl+left", "next_pane(-1)", "Former tab", "app.former-tab", "The tab at the left"),
    key("z,plus", "zoom", "Zoom", "app.zoom", "The tab alone"),
    key("Y", "copy_command", "Copy command", "app.copy-command", "Copy the last plain command"),
    key("comma,f2", "settings", "Settings", "app.settings", "Themes, keys and the editor"),
    key("escape", "out", "Back", "app.back", "Out of the prompt; no search or filter any more; follow"),
]
