"""Keys of the Artisan tab, of its list and of its form."""

from __future__ import annotations

from devkit.tui.keys import key

ARTISAN = [
    key("slash", "search", "Search", "artisan.search", "Find a command; enter opens its form", footer=True, shown="/"),
    key("r", "again", "Again", "artisan.again", "Run what was run last once more", footer=True),
    key("T", "terminal", "Terminal", "artisan.terminal", "Run it in the terminal: it asks for what it needs"),
    key("f", "favourite", "Favourite", "artisan.favourite", "Put it first, or no more", footer=True),
    key("x,ctrl+c", "stop", "Stop", "artisan.stop", "End what runs; once more kills it", footer=True, shown="x"),
    key("y,c", "copy", "Copy", "artisan.copy", "Copy what it has written"),
    key("o", "output", "Output", "artisan.output", "From the commands to what was written, and back", footer=True),
    key("less_than_sign", "other_run(-1)", "Former run", "artisan.former-run", "What the run before this one wrote"),
    key("greater_than_sign", "other_run(1)", "Next run", "artisan.next-run", "What the run after this one wrote"),
    key("K", "scroll_output(-5)", "Output up", "artisan.output-up", "Scroll what was written, from the list"),
    key("J", "scroll_output(5)", "Output down", "artisan.output-down", "Scroll what was written, from the list"),
    key("R", "refresh", "Read anew", "artisan.refresh", "Ask the application for its commands"),
]

LIST = [
    key("enter", "select", "Form", "artisan.open", "Fill in its form", footer=True),
    key("k", "cursor_up", "Up", "artisan.up", "The command above"),
    key("j", "cursor_down", "Down", "artisan.down", "The command below"),
    key("g", "first", "First", "artisan.first", "The first command"),
    key("G", "last", "Last", "artisan.last", "The last command"),
]

SEARCH = [
    key("up", "move(-1)", "Up", "artisan.search-up", "The command above"),
    key("down", "move(1)", "Down", "artisan.search-down", "The command below"),
]

FORM = [
    key("ctrl+r,ctrl+enter", "run", "Run", "form.run", "Run it", footer=True, shown="^r"),
    key("ctrl+t", "terminal", "In the terminal", "form.terminal", "Run it in the terminal", footer=True),
    key("escape", "close", "Back", "form.close", "Back to the list; what you typed stays", footer=True),
]

LOSS = [
    key("y", "answer('run')", "Run", "loss.run", "Run it"),
    key("s", "answer('snapshot')", "Snapshot first", "loss.snapshot", "Keep the database, then run it"),
    key("n,escape,enter,q", "answer('')", "No", "loss.no", "Leave it"),
]
