"""What comes over the wire: a request, as the API and as a test sees it, and an answer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

JSON = "application/json; charset=utf-8"


@dataclass(frozen=True)
class Request:
    """What somebody asks for; `path` is without the prefix of the API's address."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False, default=b"")

    @property
    def bearer(self) -> str | None:
        """The token that came with it."""
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token if scheme == "Bearer" and token else None


@dataclass(frozen=True)
class Seen:
    """A request that came, for tests to look at. Its Authorization is not kept: only whether that opened something."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    """By their names in lower case."""
    authorized: bool
    """Whether a token came that the workplace knows."""
    body: bytes = field(repr=False)

    @property
    def json(self) -> object:
        """The body as JSON; ValueError if it is none."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Answer:
    """An answer of the API. Where `watched` names a project and a config, their events follow the head."""

    status: int = 200
    body: bytes = b""
    content_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)
    watched: tuple[str, str] | None = None

    @classmethod
    def of_json(cls, content: object, status: int = 200) -> Answer:
        """An answer of JSON, as JavaScript writes it: compact, and not only ASCII."""
        return cls(status, json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode())

    @classmethod
    def of_error(cls, status: int, *messages: str) -> Answer:
        """An error as Doppler tells it (pkg/http/http.go of its CLI reads `messages`)."""
        return cls.of_json({"messages": list(messages), "success": False}, status)

    def head(self, *, ends: bool = False) -> bytes:
        """Status line and headers; `ends` tells the client that the connection is closed behind it."""
        try:
            phrase = HTTPStatus(self.status).phrase
        except ValueError:
            phrase = "Unknown"
        headers: dict[str, str] = {}
        if self.content_type:
            headers["Content-Type"] = self.content_type
        if self.watched is not None:
            headers["Transfer-Encoding"] = "chunked"
        elif self.status not in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED):
            headers["Content-Length"] = str(len(self.body))
        headers |= self.headers
        if ends:
            headers["Connection"] = "close"
        lines = [f"HTTP/1.1 {self.status} {phrase}", *(f"{name}: {value}" for name, value in headers.items())]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


class RefusedError(Exception):
    """The API says no; ends the work on a request."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.answer = Answer.of_error(status, message)
