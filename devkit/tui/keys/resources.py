"""Keys of the images, volumes and networks."""

from __future__ import annotations

from devkit.tui.keys import key

RESOURCES = [
    key("1", "part('images')", "Images", "resources.images", "Of the project, and what its containers were made of"),
    key("2", "part('volumes')", "Volumes", "resources.volumes", "What outlives the containers"),
    key("3", "part('networks')", "Networks", "resources.networks", "How the containers reach each other"),
    key("tab,right_square_bracket", "next_part(1)", "Next", "resources.next-part", "Images, volumes, networks"),
    key("shift+tab,left_square_bracket", "next_part(-1)", "Former", "resources.former-part", "The other way round"),
    key("j", "move(1)", "Down", "resources.down", "The row below"),
    key("k", "move(-1)", "Up", "resources.up", "The row above"),
    key("d,delete", "remove", "Remove", "resources.remove", "Remove it; asks first"),
    key("p", "prune", "Prune", "resources.prune", "Left-over images, unused volumes, build cache; asks first"),
    key("y,c", "copy", "Copy", "resources.copy", "Copy the name"),
    key("ctrl+r,f5", "reload", "Refresh", "resources.refresh", "Ask the engine again"),
    key("escape,q", "close", "Close", "resources.close", "Back to the services"),
]
