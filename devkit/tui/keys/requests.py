"""Keys of the requests: capitals order them, as in k9s."""

from __future__ import annotations

from devkit.tui.keys import key

REQUESTS = [
    key("C", "order('COUNT')", "By count", "requests.by-count", "The most frequent first; of a route the newest"),
    key("P", "order('P95')", "By p95", "requests.by-p95", "The slowest first, by what 95 of 100 do not exceed"),
    key("S", "order('SLOWEST')", "By slowest", "requests.by-slowest", "The slowest single request first"),
    key("E", "order('ERRORS')", "By errors", "requests.by-errors", "Failed ones first: 5xx, then 4xx"),
    key("w", "window", "Window", "requests.window", "The last 5 minutes, hour, or all", footer=True),
    key("slash", "ask", "Filter", "requests.filter", "Only those with it; ! for without", footer=True, shown="/"),
    key("o", "browser", "Open", "requests.open", "Open a GET in the browser", footer=True),
    key("y,c", "copy", "Copy", "requests.copy", "Copy its address"),
]

REQUEST = [
    key("escape,q", "dismiss", "Close", "request.close", "Back to the requests"),
    key("v", "fold", "Fold", "request.fold", "Fold frames of packages"),
    key("o", "browser", "Open", "request.open", "Open a GET in the browser"),
    key("y,c", "copy", "Copy", "request.copy", "Copy its log lines"),
]
