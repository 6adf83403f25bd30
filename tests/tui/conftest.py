"""A project whose engine does not answer, with lines in its store: what the app shows of it needs no engine."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from opened_app import COMPOSE, Opened, fill, settled
from textual.pilot import Pilot

from devkit.engine.connection import Endpoint
from devkit.engine.docker import Docker
from devkit.logs.store import LogStore
from devkit.project.paths import ProjectPaths
from devkit.project.settings import Settings
from devkit.setup.project import Project
from devkit.tui.app import DevkitApp


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setenv("TZ", "UTC")
    root = tmp_path / "shop"
    (root / ".devkit").mkdir(parents=True)
    (root / "compose.yaml").write_text(COMPOSE)
    (root / "devkit.toml").write_text('schema = 1\n[project]\nname = "shop"\n')
    store = LogStore(root / ".devkit" / "logs")
    fill(store)
    store.close()
    docker = Docker(Path("/nowhere/docker"), Endpoint(f"unix://{tmp_path}/no.sock", "default"))
    return Project(ProjectPaths(root), Settings("shop"), docker)


@pytest.fixture
def opened(project: Project) -> Opened:
    """The app on a terminal of a size, once its first lines are there."""

    @asynccontextmanager
    async def open_app(width: int = 120, height: int = 30) -> AsyncIterator[Pilot[None]]:
        app = DevkitApp(project)
        async with app.run_test(size=(width, height), notifications=True) as pilot:
            await settled(pilot)
            yield pilot

    return open_app
