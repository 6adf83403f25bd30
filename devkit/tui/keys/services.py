"""Keys of the services, while their list has the focus."""

from __future__ import annotations

from devkit.tui.keys import key

SERVICES = [
    key("s", "service('start_or_stop')", "Stop/start", "service.toggle", "Stop it, or start it", footer=True),
    key("r", "service('restart')", "Restart", "service.restart", "Restart its containers", footer=True),
    key("R", "service('rebuild')", "Rebuild", "service.rebuild", "Build and recreate it"),
    key("u", "service('start')", "Up", "service.up", "Start it"),
    key("d", "service('remove')", "Remove", "service.remove", "Remove its containers"),
    key("U", "project('up')", "All up", "project.up", "Start everything"),
    key("D", "project('down')", "All down", "project.down", "Stop and remove everything"),
    key("e,E", "shell", "Shell", "service.shell", "A shell in it", footer=True, shown="e"),
    key("o", "browser", "Open", "service.open", "Open it in the browser", footer=True),
    key("i", "inspect('facts')", "Inspect", "service.inspect", "Image, command, mounts, networks, health, JSON"),
    key("P", "inspect('processes')", "Processes", "service.processes", "What runs in its container"),
    key("I", "resources", "Resources", "service.resources", "Images, volumes and networks with their sizes"),
    key("J,ctrl+d,pagedown", "card(1)", "Card down", "services.card-down", "More of the card below the list"),
    key("K,ctrl+u,pageup", "card(-1)", "Card up", "services.card-up", "Back to the card's beginning"),
    key("y", "app.copy_command", "Copy command", "service.copy-command", "Copy the last plain command"),
    key("x", "menu", "Menu", "service.menu", "All that can be done with it", footer=True),
    key("c", "team_commands", "Team", "project.commands", "The team's own commands, from devkit.toml"),
    key("b", "bulk", "Bulk", "service.bulk", "Start, stop, remove … the marked ones, or all; profiles"),
]
"""What is done to the chosen service, or to the marked ones at once."""

LIST = [
    key("up,k", "move(-1)", "Up", "services.up", "The service above"),
    key("down,j", "move(1)", "Down", "services.down", "The service below"),
    key("g,home", "move(-1000)", "First", "services.first", "All services"),
    key("G,end", "move(1000)", "Last", "services.last", "The last service"),
    key("space", "mark", "Mark", "services.mark", "Mark it for what is done next; all on the first row"),
    key("escape", "unmark", "Unmark", "services.unmark", "No marks any more"),
]
