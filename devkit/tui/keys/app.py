"""Keys that mean the same everywhere, and those of services."""

from __future__ import annotations

from devkit.tui.keys import key

APP = [
    key("q,ctrl+q", "quit", "Quit", "app.quit", "Leave; the services go on", footer=True, shown="q"),
    key("question_mark,f1", "help", "Help", "app.help", "Every key; again to close", footer=True, shown="?"),
    key("colon", "command_palette", "Commands", "app.palette", "Find a command"),
    key("tab,shift+tab", "other_side", "Other side", "app.other-side", "Services or the tab"),
    key("right_square_bracket,ctrl+right", "next_pane(1)", "Next tab", "app.next-tab", "The tab at the right"),
    key("left_square_bracket,ctrl+left", "next_pane(-1)", "Former tab", "app.former-tab", "The tab at the left"),
    key("z,plus", "zoom", "Zoom", "app.zoom", "The tab alone"),
    key("Y", "copy_command", "Copy command", "app.copy-command", "Copy the last plain command"),
    key("escape", "out", "Back", "app.back", "Out of the prompt; no search or filter any more; follow"),
]

SERVICES = [
    key("s", "service('start_or_stop')", "Stop/start", "service.toggle", "Stop it, or start it", footer=True),
    key("r", "service('restart')", "Restart", "service.restart", "Restart its containers", footer=True),
    key("R", "service('recreate')", "Rebuild", "service.rebuild", "Build and recreate it"),
    key("u", "service('start')", "Up", "service.up", "Start it"),
    key("d", "service('remove')", "Remove", "service.remove", "Remove its containers"),
    key("U", "project('up')", "All up", "project.up", "Start everything"),
    key("D", "project('down')", "All down", "project.down", "Stop and remove everything"),
    key("e,E", "shell", "Shell", "service.shell", "A shell in it", footer=True, shown="e"),
    key("o", "browser", "Open", "service.open", "Open it in the browser", footer=True),
    key("a", "all_services", "All", "log.all", "The logs of all services"),
]
