"""The lines that are shown, written to a file: `time service text`, without what a terminal would obey."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from devkit.logs.timeline import Timeline
from devkit.tui.log_rows import service_of

_PAGE = 5000


def save(timeline: Timeline, directory: Path) -> tuple[Path, int]:
    """Write all of a timeline; the file, and how many lines. OSError where the disk is full."""
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / f"log-{datetime.now().astimezone():%Y-%m-%d-%H%M%S}.txt"
    position, end, lines = timeline.start, timeline.end, 0
    with path.open("wb") as file:
        while True:
            page = timeline.after(position, _PAGE)
            for entry in page.entries:
                file.write(b"%s %s %s\n" % (entry.line.time, service_of(entry.source).encode(), entry.line.text))
            lines += len(page.entries)
            position = page.reached
            if page.is_end or position >= end:
                return path, lines
