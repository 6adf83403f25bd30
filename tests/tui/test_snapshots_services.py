"""Pictures of the services and of what opens from them, wide and narrow, with the same content always."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from typing import Any, ClassVar

import pytest
from canned_engine import CannedEngine, container
from opened_app import at
from sample_services import service
from test_inspection import TOP
from test_resources import filled
from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.worker import Worker

from devkit.engine.containers import Probe
from devkit.engine.live_services import Snapshot
from devkit.engine.live_stats import Usage
from devkit.engine.state import PublishedPort
from devkit.engine.stats import Sample
from devkit.setup.project import Project
from devkit.tui.compose_action import Action
from devkit.tui.session import Listeners, Session
from devkit.tui.side import Side
from devkit.tui.widgets.key_row import KeyRow
from devkit.tui.widgets.service_row import Badge

pytestmark = pytest.mark.unit

SIZES = pytest.mark.parametrize("size", [(140, 45), (80, 24)], ids=["wide", "narrow"])
NOW = 1769853725.0
"""2026-01-31 10:02:05 UTC."""

MIB = 1024 * 1024
PORTS = (PublishedPort("127.0.0.1", 8000, 8080),)


def probe(second: int) -> Probe:
    moment = at(second).decode()
    return Probe(moment, 22, "curl: (22) The requested URL returned error: 500\n", moment)


def services(*, ill: bool = False) -> Snapshot:
    shown = {"started": NOW - 125}
    app = service("app", health="healthy", ports=PORTS, **shown)
    if ill:
        probes = (probe(42), probe(52))
        app = service("app", health="unhealthy", ports=PORTS, failing_streak=4, probes=probes, **shown)
    return Snapshot(
        (
            app,
            service("queue", containers=2, **shown),
            service("redis", health="healthy", **shown),
            service("mailpit", "exited", exit_code=1, **shown),
            service("debug", "missing", profiles=("tools",)),
        )
    )


class SideApp(App[None]):
    """The services alone on the screen."""

    CSS_PATH = "../../devkit/tui/devkit.tcss"
    ENABLE_COMMAND_PALETTE: ClassVar[bool] = False
    editor = ""

    def __init__(self, project: Project) -> None:
        super().__init__()
        self.project = project
        nothing: Callable[..., None] = lambda *_: None  # noqa: E731
        self.session = Session(project, Listeners(nothing, nothing, nothing, nothing, nothing))
        self.side = Side(self, id="side")

    def compose(self) -> ComposeResult:
        yield self.side
        yield KeyRow()

    def on_mount(self) -> None:
        self.side.services.focus()
        self.set_class(self.size.width < 100, "-narrow")

    def on_unmount(self) -> None:
        self.session.close()

    def act(self, action: Action) -> Worker[None]:
        raise NotImplementedError

    def hand_over(self, command: Sequence[str], plain: str) -> None:
        raise NotImplementedError

    def in_terminal(self, words: Sequence[str], plain: str) -> None:
        raise NotImplementedError

    def look_again(self) -> None:
        """There are no badges but those of the test."""

    def say(self, text: str = "", *, problem: bool = False, command: str = "") -> None:
        """There is no line for it."""


Ready = Callable[[Any], bool]


def shown(
    engine: CannedEngine, keys: Sequence[str], ready: Ready, *, ill: bool = False
) -> Callable[[Pilot[None]], Awaitable[None]]:
    """Show the services, press the keys, and wait until that holds of the screen."""

    async def run_before(pilot: Pilot[None]) -> None:
        app = pilot.app
        assert isinstance(app, SideApp)
        path = app.project.docker.endpoint.socket_path
        assert path is not None
        async with AsyncExitStack() as stack, asyncio.timeout(20):
            await stack.enter_async_context(engine.on(path))
            app.session.snapshot = services(ill=ill)
            app.side.snapshot_came(app.session.snapshot)
            app.side.services.show_usage(usage(), sparks=True)
            app.side._show_badges({"app": [Badge("↑2", "yellow", "2 migrations are pending: devkit artisan migrate")]})
            await pilot.press(*keys)
            await pilot.pause()
            while not ready(app.screen):
                await pilot.pause(0.02)
        await pilot.pause()

    return run_before


def usage() -> dict[str, Usage]:
    used = {}
    for found in (one for item in services().services for one in item.containers):
        history = Usage()
        for second in range(20):
            cpu = (second * 37 + len(found.service.name) * 11) % 100
            history.samples.append(Sample(second, float(cpu), 80 * MIB, 0, 0, 0, 0, 0, 1))
        used[found.service.container] = history
    return used


@pytest.fixture(autouse=True)
def same_always(monkeypatch: pytest.MonkeyPatch, project: Project) -> None:
    monkeypatch.setattr(time, "time", lambda: NOW)
    (project.paths.root / ".env").write_text("DB_PASSWORD=hunter22\n")


@SIZES
def test_the_services_with_the_card_of_one_that_is_ill(
    snap_compare: Any, project: Project, size: tuple[int, int]
) -> None:
    before = shown(CannedEngine(), ["down"], lambda _screen: True, ill=True)
    assert snap_compare(SideApp(project), run_before=before, terminal_size=size)


@SIZES
def test_marks_and_the_menu_of_several(snap_compare: Any, project: Project, size: tuple[int, int]) -> None:
    before = shown(CannedEngine(), ["down", "space", "space", "b"], lambda screen: bool(screen.query("OptionList")))
    assert snap_compare(SideApp(project), run_before=before, terminal_size=size)


def inspected() -> CannedEngine:
    ids = [found.service.container for found in services().services[0].containers]
    engine = CannedEngine(*(container("app") | {"Id": one} for one in ids))
    engine.answers |= {f"/containers/{one}/top": TOP for one in ids}
    return engine


@SIZES
@pytest.mark.parametrize("key", ["i", "P"], ids=["facts", "processes"])
def test_a_container_looked_at_closely(snap_compare: Any, project: Project, size: tuple[int, int], key: str) -> None:
    before = shown(inspected(), ["down", key], lambda screen: bool(screen.text.lines))
    assert snap_compare(SideApp(project), run_before=before, terminal_size=size)


@SIZES
def test_volumes_with_their_sizes(snap_compare: Any, project: Project, size: tuple[int, int]) -> None:
    before = shown(filled(), ["I", "2"], lambda screen: screen.table.row_count == 3 and screen._note == "")
    assert snap_compare(SideApp(project), run_before=before, terminal_size=size)
