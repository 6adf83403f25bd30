"""Keys of the settings."""

from __future__ import annotations

from devkit.tui.keys import key

SETTINGS = [
    key("escape", "back", "Back", "settings.back", "To the sections, then out of the settings"),
    key("right,l", "enter_section", "Into", "settings.into", "Into the section"),
    key("left,h", "leave_section", "Sections", "settings.sections", "To the sections"),
]

SINGLE_KEYS = [
    key("a", "add", "Add", "settings.add", "One more key for it"),
    key("backspace,delete", "reset", "Reset", "settings.reset", "The key that it had"),
    key("slash", "find", "Find", "settings.find", "Find a key, by what it does"),
]
