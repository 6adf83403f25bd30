"""Pictures of the Build tab, wide and narrow: a build that runs, one that failed, the history, figures, layers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from build_stand_in import DOCKERFILE, MADE, running, stand_in, started
from build_stand_in import failed as failed_events
from pane_app import PaneApp
from textual.pilot import Pilot

from devkit.delivery.build_lines import BuildFailed
from devkit.delivery.build_record import BuildRecord
from devkit.delivery.history import build_history
from devkit.project.paths import machine_paths
from devkit.setup.project import Project
from devkit.tui.build_history import LOOKING
from devkit.tui.pane import BUILD, TABS
from devkit.tui.panes.build import FIGURES, BuildPane
from devkit.tui.shown_build import ShownBuild

pytestmark = pytest.mark.unit

MOMENT = MADE.started + 3_600
ADVICE = {"id": "copy-order", "text": "line 6 copies sources before composer installs", "file": "Dockerfile", "line": 6}
BROKEN = BuildFailed(
    "the stage development could not be built: failed to solve: dockerfile parse error on line 3: unknown instruction:"
    " RUNN (did you mean RUN?)",
    "mend that step of the Dockerfile, or what it calls",
    ("Dockerfile:3", "--------------------", "   3 | >>> RUNN make", "--------------------"),
)
SIZES = pytest.mark.parametrize("size", [(120, 34), (54, 21)], ids=["wide", "narrow"])


def month() -> list[BuildRecord]:
    """Some builds a day, one of them cancelled, with another dependency in the second week."""
    builds = []
    for day in range(12):
        for number in range(2):
            locks = {"composer.lock": "1" if day < 7 else "2"}
            steps = MADE.steps if number else tuple(replace(step, cached=True, reason=None) for step in MADE.steps)
            began = MADE.started - (12 - day) * 86_400 + number * 600
            builds.append(replace(MADE, id=f"{day}-{number}", started=began, steps=steps, locks=locks, seconds=3 + day))
    return [*builds, replace(MADE, id="cancelled", status="cancelled", steps=MADE.steps[:2])]


@pytest.fixture
def tab(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PaneApp:
    (project.paths.root / "Dockerfile").write_text(DOCKERFILE)
    stand_in(tmp_path / "program", monkeypatch).advises(ADVICE)
    monkeypatch.setattr("devkit.tui.build_history.time", lambda: MOMENT)
    for module in ("panes.build", "widgets.build_steps"):
        monkeypatch.setattr(f"devkit.tui.{module}.monotonic", lambda: 1012.0)
    return PaneApp(project, next(tab for tab in TABS if tab.id == BUILD))


def build_at(pane: BuildPane, *events: Any) -> ShownBuild:
    """A build that these were told of, at a time that is always the same."""
    build = ShownBuild(began=1000.0)
    for place, event in enumerate(events):
        build.take(event, 1000.0 + place)
    pane.runner.build = build
    return build


def shown(prepare: Callable[[BuildPane], None], *keys: str, builds: int = 0) -> Callable[[Pilot[None]], Any]:
    async def run(pilot: Pilot[None]) -> None:
        pane = cast(BuildPane, cast(PaneApp, pilot.app).pane)
        prepare(pane)
        pane.draw()
        await pilot.press(*keys)
        async with asyncio.timeout(20):
            while pane.history.row_count < builds or (pane.view == FIGURES and pane.kept.advice == LOOKING):
                await pilot.pause(0.01)
        await pilot.pause(0.2)

    return run


def runs(pane: BuildPane) -> None:
    build_at(pane, *running(pane.host.project.paths.root))


def fails(pane: BuildPane) -> None:
    from devkit.tui.build_runner import read_dockerfile

    build = build_at(pane, *running(pane.host.project.paths.root), *failed_events())
    build.dockerfile = read_dockerfile(pane.host.project.paths.root / "Dockerfile")
    build.close(1012.0)


def is_broken(pane: BuildPane) -> None:
    build_at(pane, started(pane.host.project.paths.root), BROKEN).close(1000.4)


@SIZES
@pytest.mark.parametrize("prepare", [runs, fails, is_broken], ids=["runs", "failed", "broken"])
def test_a_build(tab: PaneApp, snap_compare: Any, prepare: Callable[[BuildPane], None], size: tuple[int, int]) -> None:
    assert snap_compare(tab, terminal_size=size, run_before=shown(prepare))


@SIZES
@pytest.mark.parametrize("view", ["history", "figures", "layers"])
def test_builds_before(tab: PaneApp, snap_compare: Any, view: str, size: tuple[int, int]) -> None:
    history = build_history(machine_paths())
    for build in month():
        history.add(build)
    keys = {"history": "2", "figures": "3", "layers": "4"}
    assert snap_compare(tab, terminal_size=size, run_before=shown(lambda _pane: None, keys[view], builds=25))


def test_nothing_was_built_yet(tab: PaneApp, snap_compare: Any) -> None:
    assert snap_compare(tab, terminal_size=(80, 24), run_before=shown(lambda _pane: None))
