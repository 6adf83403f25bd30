"""Keys of a container that is looked at closely."""

from __future__ import annotations

from devkit.tui.keys import key

INSPECTION = [
    key("1", "part('facts')", "Facts", "inspect.facts", "What matters first"),
    key("2,P", "part('processes')", "Processes", "inspect.processes", "What runs in it, every two seconds"),
    key("3", "part('json')", "JSON", "inspect.json", "All that the engine says"),
    key("tab,right_square_bracket", "next_part(1)", "Next", "inspect.next-part", "Facts, processes, JSON"),
    key("shift+tab,left_square_bracket", "next_part(-1)", "Former", "inspect.former-part", "JSON, processes, facts"),
    key("right,l", "next_container(1)", "Next container", "inspect.next-container", "Another one of a scaled service"),
    key("left,h", "next_container(-1)", "Former container", "inspect.former-container", "The container before it"),
    key("slash", "ask", "Search", "inspect.search", "Find a text"),
    key("n", "search_next(1)", "Next", "inspect.next", "The next place"),
    key("N", "search_next(-1)", "Former", "inspect.former", "The place before"),
    key("y,c", "copy", "Copy", "inspect.copy", "Copy all of what is shown"),
    key("ctrl+r,f5", "reload", "Refresh", "inspect.refresh", "Ask the engine again"),
    key("escape,q", "back", "Close", "inspect.close", "End the search, then close"),
]
