"""The UI in a browser: who is answered, that the app draws and takes keys, and that its end leaves nothing behind."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest

from devkit.web.door import REQUIREMENT

pytestmark = [pytest.mark.unit, pytest.mark.anyio]

REPOSITORY = Path(__file__).parents[3]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@dataclass(frozen=True)
class Served:
    """A running `devkit ui --web`."""

    process: subprocess.Popen[str]
    url: str

    @property
    def base(self) -> str:
        return self.url.rsplit("/", 2)[0]

    def children(self) -> list[int]:
        listed = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(self.process.pid)], capture_output=True, text=True, check=False
        )
        return [int(pid) for pid in listed.stdout.split()]


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/no.sock")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("CI", "true")
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "devkit.toml").write_text('schema = 1\n[project]\nname = "shop"\n')
    return tmp_path / "shop"


@pytest.fixture
def served(root: Path) -> Iterator[Served]:
    command = [sys.executable, "-m", "devkit.entry", "--project", str(root), "ui", "--web"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=REPOSITORY)
    try:
        assert process.stdout is not None
        yield Served(process, process.stdout.readline().strip())
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        process.communicate()


@pytest.fixture
async def browser() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def frames(socket: aiohttp.ClientWebSocketResponse, wanted: bytes) -> bytes:
    """What the app has drawn, once it has drawn this."""
    drawn = b""
    async with asyncio.timeout(30):
        async for message in socket:
            if message.type is aiohttp.WSMsgType.BINARY:
                drawn += message.data
            if wanted in drawn:
                return drawn
    raise AssertionError(f"the connection ended, and {wanted!r} was never drawn")


async def test_the_page_and_what_it_needs_is_answered_at_the_address(
    served: Served, browser: aiohttp.ClientSession
) -> None:
    assert served.url.startswith("http://127.0.0.1:")
    async with browser.get(served.url) as page:
        text = await page.text()
        assert page.status == 200
        assert page.headers["Referrer-Policy"] == "no-referrer"
        assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    assert f'data-session-websocket-url="ws{served.url.removeprefix("http")}ws"' in text
    async with browser.get(served.url + "static/js/textual.js") as script:
        assert script.status == 200
    async with browser.get(served.url + "static/") as listing:
        assert listing.status == 403


@pytest.mark.parametrize("path", ["/", "/ws", "/static/js/textual.js", "/wrong-token/", "/wrong-token/ws"])
async def test_without_the_token_nothing_is_found(served: Served, browser: aiohttp.ClientSession, path: str) -> None:
    async with browser.get(served.base + path) as answer:
        assert answer.status == 404


@pytest.mark.parametrize(
    "headers",
    [{"Host": "evil.example:8765"}, {"Host": "127.0.0.1"}, {"Origin": "http://evil.example"}, {"Origin": "null"}],
)
@pytest.mark.parametrize("path", ["", "ws"])
async def test_another_page_is_refused_though_it_knows_the_token(
    served: Served, browser: aiohttp.ClientSession, headers: dict[str, str], path: str
) -> None:
    async with browser.get(served.url + path, headers=headers) as answer:
        assert answer.status == 403
    assert served.children() == []


async def test_the_app_draws_takes_keys_follows_the_size_and_ends_with_its_page(
    served: Served, browser: aiohttp.ClientSession
) -> None:
    address = f"{served.url}ws?width=100&height=30"
    async with browser.ws_connect(address, origin=served.base) as socket:
        await frames(socket, b"all services")
        (app,) = served.children()
        await socket.send_str(json.dumps(["stdin", "?"]))
        await frames(socket, b"other keys")
        await socket.send_str(json.dumps(["resize", {"width": 60, "height": 20}]))
        await frames(socket, b"other keys")
    await gone(app)
    assert served.children() == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_ends_the_server_and_the_apps_of_open_pages(
    served: Served, browser: aiohttp.ClientSession, number: signal.Signals
) -> None:
    async with browser.ws_connect(f"{served.url}ws") as socket:
        await frames(socket, b"all services")
        (app,) = served.children()
        served.process.send_signal(number)
        assert served.process.wait(timeout=10) == 128 + number
        await gone(app)


async def test_a_server_that_was_killed_leaves_no_app(served: Served, browser: aiohttp.ClientSession) -> None:
    async with browser.ws_connect(f"{served.url}ws") as socket:
        await frames(socket, b"all services")
        (app,) = served.children()
        served.process.kill()
        await gone(app)


async def gone(pid: int) -> None:
    """The process ends."""
    async with asyncio.timeout(10):
        while True:
            try:
                os.kill(pid, 0)
            except ProcessLookupError:
                return
            await asyncio.sleep(0.02)


def test_a_port_that_is_taken_is_said(served: Served, root: Path) -> None:
    port = served.base.rpartition(":")[2]
    command = [sys.executable, "-m", "devkit.entry", "--project", str(root), "ui", "--web", "--port", port]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=REPOSITORY)
    assert done.returncode == 1
    assert f"port {port} is taken by process" in done.stderr


def test_without_the_extra_one_line_says_how_to_install_it(root: Path) -> None:
    code = (
        "import sys, importlib.util as util\n"
        "find = util.find_spec\n"
        "util.find_spec = lambda name, *rest: None if name == 'textual_serve' else find(name, *rest)\n"
        "from devkit.entry import main\n"
        f"sys.exit(main(['--project', {str(root)!r}, 'ui', '--web']))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=REPOSITORY)
    assert done.returncode == 2
    assert f"-m pip install {REQUIREMENT}" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_extra_is_what_is_said_to_be_installed() -> None:
    assert f'web = ["{REQUIREMENT}"]' in (REPOSITORY / "pyproject.toml").read_text()
