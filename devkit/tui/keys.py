"""Every key of the app with its id, by which the person's settings can change it, and its tooltip.

Letters of lazydocker, k9s, less and vim mean what they mean there. What belongs to the list or to the lines alone
stands with those widgets.
"""

from __future__ import annotations

from textual.binding import Binding


def _key(
    keys: str, action: str, title: str, id: str, tooltip: str, *, footer: bool = False, shown: str = ""
) -> Binding:
    return Binding(keys, action, title, show=footer, key_display=shown or None, id=id, tooltip=tooltip)


APP = [
    _key("q,ctrl+q", "quit", "Quit", "app.quit", "Leave; the services go on", footer=True, shown="q"),
    _key("question_mark,f1", "help", "Help", "app.help", "Every key; again to close", footer=True, shown="?"),
    _key("colon", "command_palette", "Commands", "app.palette", "Find a command"),
    _key("tab,shift+tab", "other_side", "Other side", "app.other-side", "Services or logs"),
    _key("z,plus", "zoom", "Zoom", "app.zoom", "Logs alone"),
    _key("Y", "copy_command", "Copy command", "app.copy-command", "Copy the last plain command"),
    _key("escape", "logs('back')", "Back", "app.back", "Out of the prompt; no search or filter any more; follow"),
]

SERVICES = [
    _key("s", "service('start_or_stop')", "Stop/start", "service.toggle", "Stop it, or start it", footer=True),
    _key("r", "service('restart')", "Restart", "service.restart", "Restart its containers", footer=True),
    _key("R", "service('recreate')", "Rebuild", "service.rebuild", "Build and recreate it"),
    _key("u", "service('start')", "Up", "service.up", "Start it"),
    _key("d", "service('remove')", "Remove", "service.remove", "Remove its containers"),
    _key("U", "project('up')", "All up", "project.up", "Start everything"),
    _key("D", "project('down')", "All down", "project.down", "Stop and remove everything"),
    _key("e,E", "shell", "Shell", "service.shell", "A shell in it", footer=True, shown="e"),
    _key("o", "browser", "Open", "service.open", "Open it in the browser", footer=True),
    _key("a", "all_services", "All", "log.all", "The logs of all services"),
]

LOGS = [
    _key("slash", "logs('ask', 'search')", "Search", "log.search", "Find in all lines", footer=True, shown="/"),
    _key("n", "logs('search_next', 1)", "Next", "log.next", "The place before this one in time"),
    _key("N", "logs('search_next', -1)", "Former", "log.former", "The place after this one in time"),
    _key("F", "logs('ask', 'filter')", "Filter", "log.filter", "Only lines with it; ! for those without", footer=True),
    _key("L", "logs('next_level')", "Level", "log.level", "All, info, warning, error and above", footer=True),
    _key("f", "logs('toggle_follow')", "Follow", "log.follow", "Stay at the newest line", footer=True),
    _key("t", "logs('toggle_view', 'time')", "Time", "log.time", "With or without times"),
    _key("w", "logs('toggle_view', 'wrap')", "Wrap", "log.wrap", "Long lines over several rows"),
    _key("p", "logs('toggle_view', 'pretty')", "Pretty", "log.pretty", "Parsed, or as it came"),
    _key("v", "logs('toggle_view', 'fold')", "Fold", "log.fold", "Fold frames of packages"),
    _key("m", "logs('mark')", "Mark", "log.mark", "Mark the line"),
    _key("C,ctrl+l", "logs('clear')", "Clear", "log.clear", "Only lines from now on"),
    _key("y,c", "logs('copy')", "Copy", "log.copy", "Copy the line"),
    _key("ctrl+s,S", "logs('save')", "Save", "log.save", "Save what is shown to a file"),
]
