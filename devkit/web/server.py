"""The server: textual-serve's page and protocol, guarded, with an end that leaves nothing behind."""

from __future__ import annotations

import asyncio
import os
import shlex
import signal
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable, Sequence
from contextlib import suppress

import aiohttp_jinja2
import jinja2
from aiohttp import WSCloseCode, web
from textual_serve.app_service import AppService
from textual_serve.server import Server, to_int

from devkit.engine.children import end_group
from devkit.project.errors import FailedError
from devkit.web.door import HOST
from devkit.web.guard import guard, harden

_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_QUIT_SECONDS = 1.5
"""The app leaves within a second when it is asked to; then it is ended."""

_SHUTDOWN_SECONDS = 1.0


class UiServer(Server):
    """Serves one command at `url`; each page that is opened has an app of its own."""

    def __init__(self, command: Sequence[str], title: str, port: int, token: str) -> None:
        super().__init__(shlex.join(command), host=HOST, port=port, title=title)
        self._argv = tuple(command)
        self._token = token
        self._sockets: set[web.WebSocketResponse] = set()

    @property
    def url(self) -> str:
        """What to open in the browser. Whoever has it can use the app."""
        return f"{self.public_url}/{self._token}/"

    def application(self) -> web.Application:
        """Page, WebSocket, downloads and static files, all below the token."""
        application = web.Application(middlewares=[guard(HOST, self.port, self._token)])
        application.on_response_prepare.append(harden(HOST, self.port))
        aiohttp_jinja2.setup(application, loader=jinja2.FileSystemLoader(self.templates_path))
        root = f"/{self._token}"
        application.add_routes(
            [
                web.get(f"{root}/", self.handle_index, name="index"),
                web.get(f"{root}/ws", self.handle_websocket, name="websocket"),
                web.get(f"{root}/download/{{key}}", self.handle_download, name="download"),
                web.static(f"{root}/static", self.statics_path, name="static"),
            ]
        )
        return application

    async def handle_websocket(self, request: web.Request) -> web.WebSocketResponse:
        """One page: its app lives as long as its connection."""
        socket = web.WebSocketResponse(heartbeat=15)
        await socket.prepare(request)
        self._sockets.add(socket)
        service = _App(
            self._argv,
            write_bytes=socket.send_bytes,
            write_str=socket.send_str,
            close=socket.close,
            download_manager=self.download_manager,
        )
        try:
            await service.start(to_int(request.query.get("width", ""), 80), to_int(request.query.get("height", ""), 24))
            await self._process_messages(socket, service)
        finally:
            self._sockets.discard(socket)
            await service.stop()
        return socket

    async def close_pages(self) -> None:
        """End all apps, and wait for their ends."""
        for socket in tuple(self._sockets):
            await socket.close(code=WSCloseCode.GOING_AWAY)


class _App(AppService):
    """One app: it leads its process group, and is gone after `stop`."""

    def __init__(self, argv: Sequence[str], **given: object) -> None:
        super().__init__(shlex.join(argv), **given)  # type: ignore[arg-type]
        self._argv = argv

    async def _open_app_process(self, width: int = 80, height: int = 24) -> Process:
        environment = self._build_environment(width=width, height=height)
        process = self._process = await asyncio.create_subprocess_exec(
            *self._argv, stdin=PIPE, stdout=PIPE, stderr=PIPE, env=environment, process_group=0
        )
        self._stdin = process.stdin
        return process

    async def stop(self) -> None:
        """Ask it to leave, and end it where it takes too long."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_QUIT_SECONDS):
                await super().stop()
        if self._process is not None:
            await end_group(self._process, _SHUTDOWN_SECONDS)


def serve(server: UiServer, on_ready: Callable[[str], None]) -> int:
    """Serve until a signal comes; 128 and its number."""
    return asyncio.run(_serve(server, on_ready))


async def _serve(server: UiServer, on_ready: Callable[[str], None]) -> int:
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[int] = loop.create_future()
    for number in _ENDING:
        loop.add_signal_handler(number, _end, ended, number)
    runner = web.AppRunner(server.application(), access_log=None, shutdown_timeout=_SHUTDOWN_SECONDS)
    try:
        await runner.setup()
        try:
            await web.TCPSite(runner, HOST, server.port).start()
        except OSError as error:
            raise FailedError(f"{HOST}:{server.port} cannot be listened on: {os.strerror(error.errno or 0)}") from error
        await asyncio.to_thread(on_ready, server.url)
        return 128 + await ended
    finally:
        await server.close_pages()
        await runner.cleanup()
        for number in _ENDING:
            loop.remove_signal_handler(number)


def _end(ended: asyncio.Future[int], number: int) -> None:
    if not ended.done():
        ended.set_result(number)
