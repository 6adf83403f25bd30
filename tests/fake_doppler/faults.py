"""What can go wrong between a client and Doppler; `FakeDoppler.fail` takes one of these.

Those that change what is said (`Status`, `Page`, `Redirect`, …) leave the connection open, as a server does; those that
change how it is said (`Hang`, `DripBody`, `Reset`, …) end it. The API acts on the request (a POST writes) only where
its own answer is said in the end, whole or not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from email.utils import format_datetime

from fake_doppler.line import Line
from fake_doppler.messages import JSON, Answer

Usual = Callable[[], Answer]
"""What the API itself answers; calling it lets the API act."""


class Fault:
    """One thing that goes wrong with a request."""

    ends_connection = False

    def answer(self, usual: Usual) -> Answer | None:
        """What is said, if anything."""
        return usual()

    def transmit(self, line: Line, answer: Answer | None) -> None:
        """How it is said."""
        if answer is not None:
            line.send(answer.head(ends=self.ends_connection) + answer.body)


@dataclass(frozen=True)
class Status(Fault):
    """An error by the API itself, in its JSON. `retry_after` is in seconds, or a date (which must have a time zone)."""

    status: int
    message: str = "It went wrong"
    retry_after: float | datetime | str | None = None
    rate_limit: int | None = None
    """Where it is a 429: the requests a minute that are allowed, of which none is left."""

    def answer(self, _usual: Usual) -> Answer:
        headers = {}
        if isinstance(self.retry_after, datetime):
            headers["Retry-After"] = format_datetime(self.retry_after, usegmt=True)
        elif self.retry_after is not None:
            headers["Retry-After"] = str(self.retry_after)
        if self.rate_limit is not None:
            headers |= {"X-RateLimit-Limit": str(self.rate_limit), "X-RateLimit-Remaining": "0"}
        return replace(Answer.of_error(self.status, self.message), headers=headers)


@dataclass(frozen=True)
class Says(Fault):
    """Any answer at all, in place of the API's."""

    body: bytes
    content_type: str = JSON
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)

    def answer(self, _usual: Usual) -> Answer:
        return Answer(self.status, self.body, self.content_type, self.headers)


@dataclass(frozen=True)
class Page(Fault):
    """An HTML page, by a proxy or a portal that wants a login: with 200 unless said otherwise."""

    status: int = 200
    html: str = "<!doctype html><title>Sign in</title><h1>Welcome to the network</h1>"

    def answer(self, _usual: Usual) -> Answer:
        return Answer(self.status, self.html.encode(), "text/html; charset=utf-8")


@dataclass(frozen=True)
class Redirect(Fault):
    """A redirect to `to`: 301 is what Doppler answers plain HTTP with (https://docs.doppler.com/reference/api)."""

    to: str
    status: int = 301

    def answer(self, _usual: Usual) -> Answer:
        return Answer(self.status, content_type="", headers={"Location": self.to})


@dataclass(frozen=True)
class NotAnObject(Fault):
    """JSON, and no object."""

    body: str = '["not", "an", "object"]'

    def answer(self, _usual: Usual) -> Answer:
        return Answer(200, self.body.encode())


@dataclass(frozen=True)
class TruncatedJson(Fault):
    """The API's answer, of which the second half is missing, though it is as long as it says it is."""

    def answer(self, usual: Usual) -> Answer:
        whole = usual()
        return replace(whole, body=whole.body[: len(whole.body) // 2])


@dataclass(frozen=True)
class EmptyBody(Fault):
    """200, JSON by its type, and nothing in it."""

    def answer(self, _usual: Usual) -> Answer:
        return Answer(200)


@dataclass(frozen=True)
class WrongContentType(Fault):
    """The API's answer, which says it is something else."""

    content_type: str = "text/plain"

    def answer(self, usual: Usual) -> Answer:
        return replace(usual(), content_type=self.content_type)


class _Transport(Fault):
    ends_connection = True


class _Silent(_Transport):
    def answer(self, _usual: Usual) -> Answer | None:
        return None


@dataclass(frozen=True)
class CloseAtOnce(_Silent):
    """The connection is closed without a word. (Where nobody even listens: `nobody_listening`.)"""


@dataclass(frozen=True)
class Hang(_Transport):
    """Silence: for `seconds` before the answer, or for good. The API does not act while it lasts."""

    seconds: float | None = None

    def answer(self, usual: Usual) -> Answer | None:
        return None if self.seconds is None else usual()

    def transmit(self, line: Line, answer: Answer | None) -> None:
        line.pause(self.seconds)
        super().transmit(line, answer)


@dataclass(frozen=True)
class DripHeaders(_Transport):
    """The head a byte at a time, with so many seconds before each; then the body."""

    seconds: float = 0.05

    def transmit(self, line: Line, answer: Answer | None) -> None:
        if answer is not None:
            line.drip(answer.head(ends=True), self.seconds)
            line.send(answer.body)


@dataclass(frozen=True)
class DripBody(_Transport):
    """The body a byte at a time, with so many seconds before each: no single wait is long, the whole is."""

    seconds: float = 0.05

    def transmit(self, line: Line, answer: Answer | None) -> None:
        if answer is not None:
            line.send(answer.head(ends=True))
            line.drip(answer.body, self.seconds)


@dataclass(frozen=True)
class CutShort(_Transport):
    """The connection is closed in the middle of the body: less comes than the head says. The API has acted."""

    keep: float = 0.5

    def transmit(self, line: Line, answer: Answer | None) -> None:
        if answer is not None:
            line.send(answer.head(ends=True) + answer.body[: int(len(answer.body) * self.keep)])


@dataclass(frozen=True)
class Reset(_Silent):
    """The connection is reset in place of an answer; the API has not acted."""

    def transmit(self, line: Line, answer: Answer | None) -> None:
        line.reset()


@dataclass(frozen=True)
class LostAnswer(_Transport):
    """The API acts, and the connection is reset before it could say so."""

    def transmit(self, line: Line, answer: Answer | None) -> None:
        line.reset()
