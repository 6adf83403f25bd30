"""The project's images, volumes and networks: what they take, and what is removed of them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from canned_engine import CannedEngine, container
from opened_app import Opened
from textual.pilot import Pilot
from textual.widgets import Static

from devkit.engine.containers import PROJECT_LABEL
from devkit.setup.project import Project
from devkit.tui.screens.menu import Menu
from devkit.tui.screens.question import Question
from devkit.tui.screens.resources import ResourcesScreen

pytestmark = [pytest.mark.unit, pytest.mark.anyio]

MIB = 1024 * 1024


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def image(id: str, names: list[str], *, own: bool = False) -> dict[str, Any]:
    labels = {PROJECT_LABEL: "shop"} if own else {}
    return {"Id": f"sha256:{id * 64}", "RepoTags": names, "Size": 500 * MIB, "Created": 0, "Labels": labels}


def volume(name: str) -> dict[str, Any]:
    return {"Name": f"shop_{name}", "Labels": {PROJECT_LABEL: "shop", "com.docker.compose.volume": name}}


def filled() -> CannedEngine:
    """A project with an image in use, one left over, one of others; three volumes; one network."""
    engine = CannedEngine(container("app"))
    users = [
        {
            "Id": "app1",
            "Names": ["/shop-app-1"],
            "ImageID": "sha256:" + "a" * 64,
            "Labels": container("app")["Config"]["Labels"],
            "Mounts": [{"Type": "volume", "Name": "shop_devkit-caddy-data"}, {"Type": "bind", "Source": "/x"}],
            "NetworkSettings": {"Networks": {"shop_default": {}}},
        },
    ]
    # what the list of services asks for comes without its container's mounts: it looks at each by itself
    engine.answers["/containers/json"] = users
    engine.containers["app1"] = container("app") | {"Id": "app1"}
    engine.answers["/images/json"] = [
        image("a", ["shop-app:development"]),
        image("b", [], own=True),
        image("c", ["redis:8"]),
        image("d", ["shop-app:old", "shop-app:older"]),
    ]
    engine.answers["/volumes"] = {"Volumes": [volume(name) for name in ("devkit-caddy-data", "devkit-mysql", "stuff")]}
    network = {"Name": "shop_default", "Driver": "bridge", "IPAM": {"Config": [{"Subnet": "172.20.0.0/16"}]}}
    engine.answers["/networks"] = [network]
    engine.answers["/system/df"] = {
        "Images": [{"Id": "sha256:" + id * 64, "SharedSize": 400 * MIB} for id in "abcd"],
        "Volumes": [
            {"Name": "shop_devkit-caddy-data", "UsageData": {"Size": 5 * MIB}},
            {"Name": "shop_devkit-mysql", "UsageData": {"Size": 200 * MIB}},
            {"Name": "shop_stuff", "UsageData": {"Size": -1}},
        ],
        "BuildCache": [
            {"Size": 30 * MIB, "InUse": False, "Shared": False},
            {"Size": 10 * MIB, "InUse": True, "Shared": False},
            {"Size": 99 * MIB, "InUse": False, "Shared": True},
        ],
    }
    return engine


@asynccontextmanager
async def looking(
    opened: Opened, project: Project, *keys: str, prepare: Callable[[CannedEngine], object] = lambda _engine: None
) -> AsyncIterator[tuple[Pilot[None], CannedEngine]]:
    engine = filled()
    prepare(engine)
    path = project.docker.endpoint.socket_path
    assert path is not None
    async with engine.on(path), opened(140, 40) as pilot:
        await pilot.press("I")
        await loaded(pilot)
        await pilot.press(*keys)
        await pilot.pause()
        yield pilot, engine


async def loaded(pilot: Pilot[None]) -> ResourcesScreen:
    await pilot.pause()
    screen = pilot.app.screen
    assert isinstance(screen, ResourcesScreen)
    while "…" in said(screen, "#head"):
        await pilot.pause(0.01)
    return screen


def said(screen: Any, selector: str) -> str:
    return " ".join(str(found.render()) for found in screen.query(selector).results(Static))


def rows(screen: ResourcesScreen) -> list[list[str]]:
    return [[str(cell) for cell in screen.table.get_row_at(y)] for y in range(screen.table.row_count)]


async def test_images_of_the_project_come_with_what_they_alone_take(opened: Opened, project: Project) -> None:
    async with looking(opened, project) as (pilot, _):
        screen = await loaded(pilot)
        assert [row[:3] for row in rows(screen)] == [
            ["shop-app:development", "500M", "100M"],
            ["shop-app:old, shop-app:older", "500M", "100M"],
            ["bbbbbbbbbbbb (left over)", "500M", "100M"],
        ]
        assert rows(screen)[0][-1] == "shop-app-1"
        assert "its images 300M   volumes 205M   build cache of all projects 40M" in said(screen, "#sum")


@pytest.mark.parametrize("keys", [("2",), ("tab",), ("3", "shift+tab"), ("right_square_bracket",)])
async def test_volumes_are_a_key_away(opened: Opened, project: Project, keys: tuple[str, ...]) -> None:
    async with looking(opened, project, *keys) as (pilot, _):
        assert [row[:3] for row in rows(await loaded(pilot))] == [
            ["shop_devkit-caddy-data", "5M", "devkit-caddy-data"],
            ["shop_devkit-mysql", "200M", "devkit-mysql"],
            ["shop_stuff", "?", "stuff"],
        ]


async def test_networks_too(opened: Opened, project: Project) -> None:
    async with looking(opened, project, "1", "left_square_bracket") as (pilot, _):
        assert rows(await loaded(pilot)) == [["shop_default", "bridge", "172.20.0.0/16", "shop-app-1"]]


async def test_what_is_in_use_is_not_removed_and_by_whom_is_said(opened: Opened, project: Project) -> None:
    async with looking(opened, project, "d") as (pilot, _):
        assert isinstance(pilot.app.screen, ResourcesScreen)
        note = [one.message for one in pilot.app._notifications]
        assert note == ["shop-app:development is in use by shop-app-1: remove what uses it first"]


async def test_a_databases_volume_is_asked_for_with_what_is_lost_and_how_it_is_kept(
    opened: Opened, project: Project
) -> None:
    async with looking(opened, project, "2", "j", "d") as (pilot, _):
        assert isinstance(pilot.app.screen, Question)
        question = said(pilot.app.screen, "Label")
        assert "Remove the volume shop_devkit-mysql? That frees 200M." in question
        assert "the whole MySQL database" in question
        assert "devkit db snapshot" in question
        assert "docker volume rm shop_devkit-mysql" in question
        await pilot.press("n")
        await pilot.pause()
        assert isinstance(pilot.app.screen, ResourcesScreen)


async def test_an_image_is_removed_by_all_of_its_names_and_the_engine_is_asked_again(
    opened: Opened, project: Project, tmp_path: Path
) -> None:
    async with looking(opened, project, "j", "j", "k", "d") as (pilot, engine):
        assert "docker image rm shop-app:old shop-app:older" in said(pilot.app.screen, "Label")
        before = len(engine.asked)
        await pilot.press("y")
        while len(engine.asked) == before:
            await pilot.pause(0.01)
        await loaded(pilot)
        assert pilot.app.command == "docker image rm shop-app:old shop-app:older"  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("key", "command", "words"),
    [
        ("i", "docker image prune --force --filter label=com.docker.compose.project=shop", "frees 100M"),
        ("v", "docker volume rm shop_devkit-mysql shop_stuff", "the whole MySQL database"),
        ("c", "docker builder prune --force", "of all projects on this engine? That frees 30M."),
    ],
)
async def test_left_overs_are_asked_for_with_the_space_that_is_won(
    opened: Opened, project: Project, key: str, command: str, words: str
) -> None:
    async with looking(opened, project, "p") as (pilot, _):
        assert isinstance(pilot.app.screen, Menu)
        await pilot.press(key)
        while not isinstance(pilot.app.screen, Question):
            await pilot.pause(0.01)
        assert command in said(pilot.app.screen, "Label")
        assert words in said(pilot.app.screen, "Label")
        await pilot.press("escape")


async def test_where_nothing_is_left_over_it_is_said(opened: Opened, project: Project) -> None:
    def prepare(engine: CannedEngine) -> None:
        engine.answers |= {"/images/json": [], "/volumes": {"Volumes": None}, "/system/df": {}}

    async with looking(opened, project, "p", prepare=prepare) as (pilot, _):
        assert [one.message for one in pilot.app._notifications] == ["nothing is left over"]


async def test_the_name_is_copied_and_the_engine_asked_again(opened: Opened, project: Project) -> None:
    async with looking(opened, project, "y") as (pilot, engine):
        assert pilot.app.clipboard == "shop-app:development"
        before = len(engine.asked)
        await pilot.press("ctrl+r")
        await loaded(pilot)
        assert len(engine.asked) == before + 5


async def test_an_engine_that_cannot_measure_says_why_and_names_stay(opened: Opened, project: Project) -> None:
    def prepare(engine: CannedEngine) -> None:
        engine.refusals["/system/df"] = "a disk usage operation is already running"

    async with looking(opened, project, prepare=prepare) as (pilot, _):
        screen = await loaded(pilot)
        assert "already running" in said(screen, "#head")
        assert rows(screen)[0][:3] == ["shop-app:development", "500M", "…"]


@pytest.mark.parametrize("key", ["escape", "q"])
async def test_it_is_left_for_the_services(opened: Opened, project: Project, key: str) -> None:
    async with looking(opened, project, key) as (pilot, _):
        assert not isinstance(pilot.app.screen, ResourcesScreen)
        assert pilot.app.is_running
