"""Keys of the services, while their list has the focus."""

from __future__ import annotations

from devkit.tui.keys import key

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
]
