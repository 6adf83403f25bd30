"""Who may ask the server for anything: the browser that was given the address, and no page from elsewhere.

A server on 127.0.0.1 is reached by every page in the person's browser, and by every user of the machine. textual-serve
1.1.3 answers all of them. Here the path begins with a token that only the person is told; a page of another origin may
not use it even then (browsers name the origin with every WebSocket and every request that is not a plain visit), and a
name that was made to point to 127.0.0.1 (DNS rebinding) is refused by its Host header.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware


def guard(host: str, port: int, token: str) -> Middleware:
    """The middleware for a server at this address."""
    address = f"{host}:{port}"
    origin = f"http://{address}"

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        first = request.path.split("/", 2)[1]
        if not secrets.compare_digest(first.encode(), token.encode()):
            raise web.HTTPNotFound
        if request.headers.get("Host") != address or request.headers.get("Origin", origin) != origin:
            raise web.HTTPForbidden(text=f"only {origin} is answered\n")
        return await handler(request)

    return middleware


def harden(host: str, port: int) -> Callable[[web.Request, web.StreamResponse], Awaitable[None]]:
    """What each answer tells the browser: nothing from elsewhere, no frame around it, no word of the address."""
    policy = (
        f"default-src 'self'; connect-src 'self' ws://{host}:{port}; style-src 'self' 'unsafe-inline'; "
        "script-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; frame-ancestors 'none'"
    )

    async def prepare(_request: web.Request, response: web.StreamResponse) -> None:
        response.headers["Content-Security-Policy"] = policy
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Cache-Control"] = "no-store"

    return prepare
