"""Keys of builds: the one that runs, those before it, and what they add up to."""

from __future__ import annotations

from devkit.tui.keys import key

BUILD = [
    key("b", "build", "Build", "build.build", "Build it again; at first what compose.yaml names", footer=True),
    key("S", "stage", "Stage", "build.stage", "Build another stage of the Dockerfile", footer=True),
    key("n", "no_cache", "No cache", "build.no-cache", "Build every step anew", footer=True),
    key("s", "stop", "Stop", "build.stop", "Stop the build; again kills it", footer=True),
    key("o,e", "edit", "Dockerfile", "build.edit", "Open the step's line of the Dockerfile", footer=True, shown="o"),
    key("1", "view('steps')", "Steps", "build.steps", "The build that runs, or the last one"),
    key("2", "view('history')", "History", "build.history", "Builds of here and of CI, the newest first"),
    key("3", "view('figures')", "Figures", "build.figures", "Hit rates, build times, and what would be faster"),
    key("4", "view('layers')", "Layers", "build.layers", "How often each layer came from the cache, and its cost"),
    key("v", "next_view", "View", "build.view", "Steps, history, figures, layers", footer=True),
    key("w", "window", "Weeks", "build.window", "Builds of the last four weeks, or of a year"),
    key("y,c", "copy", "Copy", "build.copy", "Copy what the step wrote, or what is shown"),
]
