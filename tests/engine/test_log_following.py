"""Logs that are followed go on when containers restart, are made anew, or come later; no line comes twice."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from devkit.engine.compose import Compose
from devkit.engine.docker import Docker
from devkit.engine.images.catalogue import DEBIAN
from devkit.engine.logs import LogLine, Starts, container_source, read_lines

pytestmark = pytest.mark.engine

SAY = "echo began $$(cat /proc/sys/kernel/random/uuid); exec sleep infinity"
COMPOSE = f"""
services:
  one: {{image: "{DEBIAN}", init: true, command: [sh, -c, "{SAY}"], stop_grace_period: 1s}}
  two: {{image: "{DEBIAN}", init: true, command: [sh, -c, "{SAY}"], stop_grace_period: 1s}}
"""
PATIENCE = 30.0


class StopReadingError(Exception):
    pass


@pytest.fixture
def compose(docker: Docker, project_directory: Path) -> Iterator[Compose]:
    (project_directory / "compose.yaml").write_text(COMPOSE)
    made = Compose(docker, project_directory, project_directory.name)
    made.up(["one"], on_line=lambda _line: None)
    yield made


def test_what_restarts_is_made_anew_or_comes_later_is_followed(compose: Compose) -> None:
    lines: queue.Queue[LogLine] = queue.Queue()
    ended = threading.Event()

    def take(line: LogLine) -> None:
        if ended.is_set():
            raise StopReadingError
        lines.put(line)

    def read() -> None:
        (state,) = compose.services()
        source = container_source(compose.docker, state.name, state.container, follow=True)
        try:
            read_lines(compose.docker, [source], take, starts=Starts(compose.project))
        except StopReadingError:
            return

    reader = threading.Thread(target=read)
    reader.start()
    seen: list[LogLine] = [lines.get(timeout=PATIENCE)]
    # The subscription to the events has no sign of its own: restarted until it is heard.
    end = time.monotonic() + PATIENCE
    while len(seen) < 2 and time.monotonic() < end:
        compose.run("restart", "one")
        try:
            seen.append(lines.get(timeout=2))
        except queue.Empty:
            continue
    compose.run("up", "--detach", "two")
    seen.append(lines.get(timeout=PATIENCE))
    compose.run("up", "--detach", "--force-recreate", "two")
    seen.append(lines.get(timeout=PATIENCE))
    ended.set()
    compose.run("restart", "two")
    reader.join(PATIENCE)
    assert not reader.is_alive()
    assert [line.service for line in seen] == ["one", "one", "two", "two"]
    assert len({line.text for line in seen}) == 4
