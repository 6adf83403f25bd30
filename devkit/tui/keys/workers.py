"""Keys of FrankenPHP's workers, and of what waits to be built, which is there in every tab."""

from __future__ import annotations

from devkit.tui.keys import key

WORKERS = [
    key("r", "reload", "Reload", "workers.reload", "Restart the workers; when the new code answers", footer=True),
    key("m", "mode", "Mode", "workers.mode", "Worker mode or classic mode; asks", footer=True),
    key("f", "follow", "Follow files", "workers.follow", "Containers follow their files, or not", footer=True),
]

OFFER = [
    key("B", "rebuild", "Rebuild", "app.rebuild", "Take up a changed Dockerfile or compose.yaml", footer=True),
]
