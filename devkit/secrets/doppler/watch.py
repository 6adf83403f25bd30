"""Being told when a config changes: Doppler's stream of events, and asking now and then where there is none.

The stream is what `doppler run --watch` uses (pkg/http/api.go and pkg/cmd/run.go of Doppler's CLI): server-sent events
with JSON, of type `connected`, `ping` and `secrets.update`. Doppler's API documentation does not have it, and some
plans refuse it.
"""

from __future__ import annotations

import http.client
import json
import random
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Self

from devkit.secrets.doppler import failures
from devkit.secrets.doppler.address import address_of
from devkit.secrets.doppler.client import Doppler
from devkit.secrets.doppler.connection import Connection
from devkit.secrets.doppler.exchange import NoAnswerError
from devkit.secrets.doppler.failures import PassingError, Question
from devkit.secrets.doppler.retries import is_passing, retry_after

if TYPE_CHECKING:
    from devkit.secrets.doppler.access import Access, Fetched
    from devkit.secrets.doppler.exchange import Answer

_STREAM = "/v3/configs/config/secrets/watch"
_LONGEST_LINE = 64 * 1024
_MOST_LINES = 64
_MOST_DOUBLINGS = 16


@dataclass(frozen=True)
class Rhythm:
    """How long is waited, in seconds."""

    again: float = 1.0
    """Before the stream is opened again, doubled each time it fails."""
    longest: float = 60.0
    answer: float = 10.0
    """For the stream's first line."""
    silence: float = 120.0
    """A stream that is silent so long is taken for dead: a laptop that slept does not hear that its connections are."""
    poll: float = 30.0
    """Between two looks where there is no stream; Doppler allows a token 60 to 480 of them a minute."""


def changes(access: Access, *, rhythm: Rhythm | None = None) -> Changes:
    """Watch a config: `with changes(access) as watched: for _ in watched: ...`."""
    return Changes(access, rhythm or Rhythm())


class Changes:
    """Iterating gives something each time the config may hold something else than before.

    The first time is as soon as the config is watched, so that whoever then fetches it misses nothing, and so it is
    after a connection was lost. Changes while one is being dealt with are one. SecretsError for what no waiting mends:
    the token is not taken, there is no such config. `close`, from any thread, ends it at once; so does Ctrl-C.

    The stream is read in a thread that belongs to this object: it starts with the first wait and ends with `close`.
    It is a daemon, since a name's look-up, which nothing can end, must not keep the program from ending.
    """

    def __init__(self, access: Access, rhythm: Rhythm) -> None:
        self._doppler = Doppler(access)
        self._address = address_of(access.host)
        self._question = Question(access, self._address.shown)
        if not access.names_a_config:
            raise failures.no_config(self._question)
        self._rhythm = rhythm
        self._thread: threading.Thread | None = None
        self._closed = threading.Event()
        self._connection: Connection | None = None
        self._news = threading.Condition()  # for the two below
        self._changed = False
        self._failure: BaseException | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> None:
        if self._thread is None and not self._closed.is_set():
            self._thread = threading.Thread(target=self._run, name="devkit-doppler-watch", daemon=True)
            self._thread.start()
        with self._news:
            self._news.wait_for(lambda: self._changed or self._failure or self._closed.is_set())
            failure, self._failure, self._changed = self._failure, None, False
        if self._closed.is_set():
            raise StopIteration
        if failure is not None:
            self.close()
            raise failure

    def close(self) -> None:
        """Stop watching: the iteration ends, wherever it waits."""
        self._closed.set()
        with self._news:
            self._news.notify_all()
        if self._connection is not None:
            self._connection.cut()

    def _run(self) -> None:
        try:
            if not self._follow():
                self._poll()
        except BaseException as error:  # noqa: BLE001 - raised where somebody iterates
            with self._news:
                self._failure = error
                self._news.notify_all()

    def _tell(self) -> None:
        with self._news:
            self._changed = True
            self._news.notify_all()

    def _follow(self) -> bool:
        """Read the stream until closed, opened again whenever it ends; False as soon as there is none to be had."""
        failed = 0
        while not self._closed.is_set():
            began, asked = time.monotonic(), 0.0
            try:
                answer = self._open()
                if isinstance(answer, http.client.HTTPResponse):
                    self._tell()
                    if self._listen(answer) or time.monotonic() - began > self._rhythm.longest:
                        failed = 0
                elif not is_passing(answer.status):
                    if answer.status in (HTTPStatus.UNAUTHORIZED, *range(300, 400)):
                        raise failures.of_answer(answer, self._question)
                    return False  # not in this plan, not in this place, or something else answers
                else:
                    asked = retry_after(answer) or 0.0
            except NoAnswerError as trouble:
                failure = failures.of_no_answer(trouble, self._question)
                if not isinstance(failure, PassingError):
                    raise failure from None
            pause = min(self._rhythm.again * 2**failed, self._rhythm.longest) * (0.75 + random.random() / 2)
            failed = min(failed + 1, _MOST_DOUBLINGS)
            self._closed.wait(max(asked, pause))
        return True

    def _open(self) -> http.client.HTTPResponse | Answer:
        """The stream, or the answer that is none."""
        access = self._question.access
        named = f"?project={access.project}&config={access.config}" if access.project and access.config else ""
        self._connection = connection = Connection(self._address, access.token, lambda: self._rhythm.answer)
        if self._closed.is_set():  # `close` may not have seen this one
            connection.cut()
        connection.send("GET", _STREAM + named, accept="text/event-stream")
        answer = connection.begun()
        if answer.status != HTTPStatus.OK or not answer.getheader("content-type", "").startswith("text/event-stream"):
            try:
                return connection.rest(answer)
            finally:
                connection.close()
        connection.patience(self._rhythm.silence)
        return answer

    def _listen(self, stream: http.client.HTTPResponse) -> bool:
        """Tell of each change until the stream ends; whether there was one."""
        heard = False
        try:
            for kind in events(stream.readline):
                if kind == "secrets.update":
                    heard = True
                    self._tell()
        except (OSError, http.client.HTTPException):
            pass  # it ended, one way or another
        finally:
            stream.close()
            if self._connection is not None:
                self._connection.close()
        return heard

    def _poll(self) -> None:
        """Look now and then, and tell where it is not what it was."""
        known: Fetched | None = None
        while not self._closed.is_set():
            try:
                found = self._doppler.secrets()
            except PassingError:
                pass
            else:
                if found != known:
                    self._tell()
                known = found
            self._closed.wait(self._rhythm.poll)


def events(readline: Callable[[int], bytes]) -> Iterator[str]:
    """The types of the events in a stream (https://html.spec.whatwg.org/multipage/server-sent-events.html).

    Their data is JSON with a `type`; what is none has the type "". An event without an end ends it, as the stream does.
    """
    data: list[bytes] = []
    while line := readline(_LONGEST_LINE):
        content = line.rstrip(b"\r\n")
        if content.startswith(b"data:"):
            data.append(content.removeprefix(b"data:"))
        elif not content and data:
            yield _type_of(b"\n".join(data))
            data.clear()
        if len(line) >= _LONGEST_LINE or len(data) > _MOST_LINES:
            return


def _type_of(data: bytes) -> str:
    try:
        event = json.loads(data)
    except (ValueError, RecursionError):
        return ""
    kind = event.get("type") if isinstance(event, dict) else None
    return kind if isinstance(kind, str) else ""
