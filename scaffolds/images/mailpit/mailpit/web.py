"""The HTTP side: Mailpit's API (version 1, what tests and people use of it) and a page to read mails on."""

from __future__ import annotations

import json
from collections.abc import Sequence
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import page
from box import Box, Mail, attachments, content_of, details, summary
from search import search

VERSION = "v1.27.10"


class Server(ThreadingHTTPServer):
    """A web server that knows its mailbox."""

    daemon_threads = True

    def __init__(self, box: Box, host: str, port: int) -> None:
        super().__init__((host, port), Handler)
        self.box = box


def web_server(box: Box, host: str, port: int) -> Server:
    """The server; the caller runs and closes it."""
    return Server(box, host, port)


class Handler(BaseHTTPRequestHandler):
    """One request."""

    server: Server
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:  # noqa: N802
        """Read: lists, searches, one mail and its parts, health."""
        url = urlsplit(self.path)
        query = {name: values[-1] for name, values in parse_qs(url.query).items()}
        match [part for part in url.path.split("/") if part]:
            case ["readyz" | "livez"]:
                self._text("ok")
            case ["api", "v1", "info"]:
                self._json(self._info())
            case ["api", "v1", "messages"]:
                self._list(self.server.box.all(), query, None)
            case ["api", "v1", "search"]:
                if not query.get("query", "").strip():
                    self._error(HTTPStatus.BAD_REQUEST, "no search query")
                    return
                self._list(self.server.box.all(), query, query["query"])
            case ["api", "v1", "message", identifier, *rest]:
                self._message(identifier, rest)
            case ["view", name]:
                self._view(*name.rpartition(".")[::2])
            case []:
                self._send(page.index([summary(mail) for mail in self.server.box.all()]), page.CONTENT_TYPE)
            case _:
                self._error(HTTPStatus.NOT_FOUND, "page not found")

    def do_HEAD(self) -> None:  # noqa: N802
        """As GET, without the body."""
        self.do_GET()

    def do_DELETE(self) -> None:  # noqa: N802
        """Delete the mails named in the body (all without one), or those that a search finds."""
        url = urlsplit(self.path)
        if url.path == "/api/v1/messages":
            body = self._body()
            if body is not None:
                self.server.box.delete(body.get("IDs") or None)
                self._text("ok")
        elif url.path == "/api/v1/search":
            query = parse_qs(url.query).get("query", [""])[-1]
            if not query.strip():
                self._error(HTTPStatus.BAD_REQUEST, "no search query")
                return
            self.server.box.delete([mail.id for mail in search(self.server.box.all(), query)])
            self._text("ok")
        else:
            self._error(HTTPStatus.NOT_FOUND, "page not found")

    def do_PUT(self) -> None:  # noqa: N802
        """Mark mails as read or unread."""
        if urlsplit(self.path).path != "/api/v1/messages":
            self._error(HTTPStatus.NOT_FOUND, "page not found")
            return
        body = self._body()
        if body is not None:
            self.server.box.mark(body.get("IDs") or None, read=bool(body.get("Read")))
            self._text("ok")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing: health checks would fill the log."""

    def _info(self) -> dict[str, Any]:
        mails = self.server.box.all()
        return {
            "Version": VERSION,
            "LatestVersion": VERSION,
            "Messages": len(mails),
            "Unread": sum(not mail.read for mail in mails),
            "Tags": {},
        }

    def _list(self, mails: Sequence[Mail], query: dict[str, str], terms: str | None) -> None:
        found = mails if terms is None else search(mails, terms)
        try:
            start, limit = max(0, int(query.get("start", "0"))), max(0, int(query.get("limit", "50")))
        except ValueError:
            self._error(HTTPStatus.BAD_REQUEST, "start and limit are numbers")
            return
        shown = found[start : start + limit] if limit else []
        self._json(
            {
                "total": len(mails),
                "unread": sum(not mail.read for mail in mails),
                "count": len(shown),
                "messages_count": len(found),
                "messages_unread": sum(not mail.read for mail in found),
                "start": start,
                "tags": [],
                "messages": [summary(mail) for mail in shown],
            }
        )

    def _message(self, identifier: str, rest: Sequence[str]) -> None:
        mail = self.server.box.find(identifier)
        if mail is None:
            self._error(HTTPStatus.NOT_FOUND, "message not found")
            return
        match rest:
            case []:
                self.server.box.mark([mail.id], read=True)
                self._json(details(mail))
            case ["headers"]:
                headers: dict[str, list[str]] = {}
                for name, value in mail.message.items():
                    headers.setdefault(name, []).append(str(value))
                self._json(headers)
            case ["raw"]:
                self._send(mail.raw, "text/plain; charset=utf-8")
            case ["part", number]:
                part = dict(attachments(mail.message)).get(number)
                if part is None:
                    self._error(HTTPStatus.NOT_FOUND, "part not found")
                    return
                # Never a type that a browser would run: the page and the mails share one origin.
                self._send(content_of(part), "application/octet-stream", download=True)
            case _:
                self._error(HTTPStatus.NOT_FOUND, "page not found")

    def _view(self, identifier: str, kind: str) -> None:
        mail = self.server.box.find(identifier)
        if mail is None or kind not in ("html", "txt"):
            self._error(HTTPStatus.NOT_FOUND, "message not found")
            return
        self.server.box.mark([mail.id], read=True)
        known = details(mail)
        if kind == "txt":
            self._send(known["Text"].encode(), "text/plain; charset=utf-8")
        else:
            self._send(page.message(known), page.CONTENT_TYPE)

    def _body(self) -> dict[str, Any] | None:
        """The request's JSON object, {} without a body; None after an answer that says what is wrong."""
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            value = json.loads(raw) if raw.strip() else {}
        except ValueError:
            value = None
        if isinstance(value, dict):
            return value
        self._error(HTTPStatus.BAD_REQUEST, "the body is not a JSON object")
        return None

    def _json(self, value: Any) -> None:
        self._send(json.dumps(value).encode(), "application/json")

    def _text(self, text: str) -> None:
        self._send(text.encode(), "text/plain; charset=utf-8")

    def _error(self, status: HTTPStatus, message: str) -> None:
        self._send(json.dumps({"Error": message}).encode(), "application/json", status)

    def _send(
        self, data: bytes, kind: str, status: HTTPStatus = HTTPStatus.OK, *, download: bool = False
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Content-Security-Policy", page.POLICY)
        if download:
            self.send_header("Content-Disposition", "attachment")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)
