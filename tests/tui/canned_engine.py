"""An engine that says always the same: what is shown of it does not depend on a machine."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from devkit.engine.containers import ONE_OFF_LABEL, PROJECT_LABEL, SERVICE_LABEL

NUMBER = "com.docker.compose.container-number"


def container(service: str, number: int = 1, state: str = "running", **more: Any) -> dict[str, Any]:
    """One as GET /containers/ID/json says it."""
    labels = {PROJECT_LABEL: "shop", SERVICE_LABEL: service, ONE_OFF_LABEL: "False", NUMBER: str(number)}
    return {
        "Id": f"{service}{number}".ljust(64, "0"),
        "Name": f"/shop-{service}-{number}",
        "Created": "2026-01-31T09:59:00.123456789Z",
        "Path": "php",
        "Args": ["artisan", "queue:work", "--password=hunter22"],
        "Image": "sha256:0123456789abcdef",
        "RestartCount": 0,
        "State": {
            "Status": state,
            "Running": state == "running",
            "Pid": 4711,
            "ExitCode": 0,
            "OOMKilled": False,
            "Error": "",
            "StartedAt": "2026-01-31T10:00:00.5Z",
            "FinishedAt": "0001-01-01T00:00:00Z",
            **more.get("state", {}),
        },
        "Config": {
            "Image": "shop-app:development",
            "Env": ["APP_ENV=local", "DB_PASSWORD=hunter22", "PATH=/usr/bin:/bin"],
            "Labels": labels,
            "WorkingDir": "/app",
            "ExposedPorts": {"8080/tcp": {}, "2019/tcp": {}},
            **more.get("config", {}),
        },
        "HostConfig": {"RestartPolicy": {"Name": "unless-stopped", "MaximumRetryCount": 0}, "Init": True},
        "Mounts": [
            {"Type": "bind", "Source": "/home/me/shop", "Destination": "/app", "RW": True},
            {"Type": "volume", "Name": "shop_data", "Destination": "/data", "RW": False},
        ],
        "NetworkSettings": {
            "Ports": {"8080/tcp": [{"HostIp": "127.0.0.1", "HostPort": "8000"}]},
            "Networks": {"shop_default": {"IPAddress": "172.20.0.2", "Aliases": ["app"]}},
        },
    }


class CannedEngine:
    """Containers by id, other answers by path; `asked` are the paths with their queries, in order."""

    def __init__(self, *containers: dict[str, Any]) -> None:
        self.containers = {found["Id"]: found for found in containers}
        self.answers: dict[str, Any] = {}
        self.refusals: dict[str, str] = {}
        self.asked: list[str] = []
        self._listeners: list[asyncio.StreamWriter] = []

    @asynccontextmanager
    async def on(self, path: Path) -> AsyncIterator[CannedEngine]:
        """Answer at this socket for the while."""
        server = await asyncio.start_unix_server(self._talk, path)
        try:
            yield self
        finally:
            server.close()
            for writer in self._listeners:
                writer.transport.abort()

    async def say(self, action: str, found: dict[str, Any]) -> None:
        """Tell all who listen that something happened to a container."""
        event = {"Type": "container", "Action": action, "Actor": {"ID": found["Id"]}}
        event["Actor"]["Attributes"] = found["Config"]["Labels"]  # type: ignore[index]
        for writer in self._listeners:
            writer.write(_chunk(json.dumps(event).encode() + b"\n"))
            await writer.drain()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                target = (await reader.readuntil(b"\r\n\r\n")).decode().split()[1]
                self.asked.append(unquote(target))
                path = urlsplit(target).path
                if path == "/events":
                    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
                    self._listeners.append(writer)
                else:
                    writer.write(self._answer(path, unquote(target)))
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    def _answer(self, path: str, target: str) -> bytes:
        refusal = next((said for part, said in self.refusals.items() if part in target), None)
        words = path.split("/")
        if refusal is not None:
            return _response("500 Internal Server Error", {"message": refusal})
        if path in self.answers:
            return _response("200 OK", self.answers[path])
        if path == "/containers/json":
            found = [{"Id": key, "Labels": one["Config"]["Labels"]} for key, one in self.containers.items()]
            return _response("200 OK", found)
        if words[1] == "containers" and words[2] in self.containers and words[3:] == ["json"]:
            return _response("200 OK", self.containers[words[2]])
        return _response("404 Not Found", {"message": "no"})


def _response(status: str, found: Any) -> bytes:
    body = json.dumps(found).encode()
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)
