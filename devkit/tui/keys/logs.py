"""Keys of the logs."""

from __future__ import annotations

from devkit.tui.keys import key

LOGS = [
    key("a", "all_services", "All", "log.all", "The logs of all services"),
    key("slash", "logs('ask', 'search')", "Search", "log.search", "Find in all lines", footer=True, shown="/"),
    key("n", "logs('search_next', 1)", "Next", "log.next", "The place before this one in time"),
    key("N", "logs('search_next', -1)", "Former", "log.former", "The place after this one in time"),
    key("F", "logs('ask', 'filter')", "Filter", "log.filter", "Only lines with it; ! for those without", footer=True),
    key("L", "logs('next_level')", "Level", "log.level", "All, info, warning, error and above", footer=True),
    key("T", "logs('ask', 'time')", "When", "log.when", "Only lines of a time: 10m, 14:30, from..to"),
    key("f", "logs('toggle_follow')", "Follow", "log.follow", "Stay at the newest line", footer=True),
    key("t", "logs('toggle_view', 'time')", "Time", "log.time", "With or without times"),
    key("w", "logs('toggle_view', 'wrap')", "Wrap", "log.wrap", "Long lines over several rows"),
    key("p", "logs('toggle_view', 'pretty')", "Pretty", "log.pretty", "Parsed, or as it came"),
    key("v", "logs('toggle_view', 'fold')", "Fold", "log.fold", "Fold frames of packages"),
    key("e", "logs('edit')", "Edit", "log.edit", "Open the file and line that it names in the editor"),
    key("m", "logs('mark')", "Mark", "log.mark", "Mark the line"),
    key("C,ctrl+l", "logs('clear')", "Clear", "log.clear", "Only lines from now on"),
    key("y,c", "logs('copy')", "Copy", "log.copy", "Copy the line"),
    key("ctrl+s,S", "logs('save')", "Save", "log.save", "Save what is shown to a file"),
]
