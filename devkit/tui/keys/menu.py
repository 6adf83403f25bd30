"""Keys of menus; each entry has one of its own besides."""

from __future__ import annotations

from devkit.tui.keys import key

MENU = [
    key("j", "move(1)", "Down", "menu.down", "The entry below"),
    key("k", "move(-1)", "Up", "menu.up", "The entry above"),
    key("escape,q", "close", "Close", "menu.close", "Do nothing"),
]
