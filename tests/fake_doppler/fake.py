"""The fake as a test sees it: what Doppler holds, what goes wrong, and what was asked."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Self

from fake_doppler.api import Api
from fake_doppler.certificate import make_certificate
from fake_doppler.faults import Fault
from fake_doppler.line import Line
from fake_doppler.messages import Answer, Request, Seen
from fake_doppler.server import Server
from fake_doppler.watching import PING_SECONDS, Watchers, event
from fake_doppler.workplace import Secret, Visibility, Workplace

ME = "/v3/me"
PROJECTS = "/v3/projects"
SECRETS = "/v3/configs/config/secrets"
DOWNLOAD = f"{SECRETS}/download"
WATCH = f"{SECRETS}/watch"

PATIENCE = 30.0
"""Seconds that a test waits for what has to happen; longer than anything takes on a busy machine."""

RATE_LIMIT = 480
"""Requests a minute; it is told in headers and not enforced (`faults.Status(429)` does)."""


@dataclass
class _Planned:
    fault: Fault
    path: str | None
    method: str | None
    left: int | None

    def takes(self, request: Request) -> bool:
        return self.left != 0 and self.path in (None, request.path) and self.method in (None, request.method)


class FakeDoppler:
    """Doppler's API on this machine, from `with` to the end of its block.

    It listens on `address`, behind `prefix` (a path), with a certificate of its own for `hosts` if `tls`.
    """

    def __init__(
        self,
        *,
        address: tuple[str, int] = ("127.0.0.1", 0),
        prefix: str = "",
        tls: bool = False,
        hosts: Sequence[str] = ("localhost", "127.0.0.1"),
    ) -> None:
        self.prefix = prefix.rstrip("/")
        self.delay = 0.0
        """Seconds before each answer."""
        self.ping_seconds = PING_SECONDS
        """Between two pings to who watches; for streams that are opened from now on."""
        self.workplace = Workplace(self._changed)
        self._api = Api(self.workplace)
        self._requests: list[Seen] = []
        self._planned: list[_Planned] = []
        self._news = threading.Condition()  # for the two above, and for watchers that come and go
        self._watchers = Watchers(self._wake)
        self._directory = TemporaryDirectory(prefix="fake-doppler-")
        self._certificate = make_certificate(Path(self._directory.name), hosts) if tls else None
        self._server = Server(address, self, self._certificate.context if self._certificate else None)

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.stop()
        self._directory.cleanup()
        if self._server.broken and error is None:
            raise self._server.broken[0]

    @property
    def url(self) -> str:
        """What DOPPLER_API_HOST has to be on this machine."""
        host = str(self._server.server_address[0])
        return self.url_at("127.0.0.1" if host == "0.0.0.0" else host)

    def url_at(self, host: str) -> str:
        """The same for those who know this machine under another name: containers."""
        return f"{'https' if self._certificate else 'http'}://{host}:{self._server.server_port}{self.prefix}"

    @property
    def certificate(self) -> Path:
        """What a client has to trust."""
        if self._certificate is None:
            raise ValueError("it speaks plain HTTP")
        return self._certificate.path

    # What it holds.

    def personal_token(self) -> str:
        """A person's own, for everything."""
        return self.workplace.add_token("personal").value

    def cli_token(self) -> str:
        """What `doppler login` leaves behind, for everything."""
        return self.workplace.add_token("cli").value

    def service_account_token(self) -> str:
        """A program's, for everything, also for what is restricted."""
        return self.workplace.add_token("service_account").value

    def service_token(self, project: str, config: str, *, can_write: bool = False) -> str:
        """One for this config alone, whatever is asked for with it; `service_tokens_win` says how."""
        return self.workplace.add_token("service_token", project=project, config=config, can_write=can_write).value

    def revoke(self, token: str) -> None:
        """It opens nothing any more."""
        with self.workplace.lock:
            del self.workplace.tokens[token]

    @property
    def service_tokens_win(self) -> bool:
        """Whether a service token gives its own config where another one is named with it, or refuses (400)."""
        return self.workplace.service_tokens_win

    @service_tokens_win.setter
    def service_tokens_win(self, win: bool) -> None:
        self.workplace.service_tokens_win = win

    @property
    def most_per_page(self) -> int:
        """The longest page there is, whatever `per_page` asks for."""
        return self.workplace.most_per_page

    @most_per_page.setter
    def most_per_page(self, most: int) -> None:
        self.workplace.most_per_page = most

    def add_project(self, slug: str, name: str = "") -> None:
        """A project with the configs dev, stg and prd."""
        self.workplace.add_project(slug, name)

    def add_config(
        self, project: str, config: str, secrets: Mapping[str, Secret | str] | None = None, *, environment: str = ""
    ) -> None:
        """A config, its project where there is none yet, and what it holds."""
        self.workplace.add_config(project, config, environment)
        if secrets:
            self.workplace.change(project, config, secrets)

    def set_secrets(self, project: str, config: str, values: Mapping[str, Secret | str | None]) -> None:
        """Change secrets (None takes one away), as somebody in the dashboard does: who watches is told."""
        self.workplace.change(project, config, values)

    def show(self, project: str, config: str, name: str, visibility: Visibility) -> None:
        """Change a secret's visibility; `restricted` keeps it from people's tokens."""
        with self.workplace.lock:
            held = self.workplace.projects[project].configs[config].secrets[name]
        self.workplace.change(project, config, {name: replace(held, visibility=visibility)})

    def secrets(self, project: str, config: str) -> dict[str, str]:
        """What a config holds, as it was saved, without Doppler's own."""
        with self.workplace.lock:
            return {name: held.raw for name, held in self.workplace.projects[project].configs[config].secrets.items()}

    # What goes wrong.

    def fail(
        self, fault: Fault, *, path: str | None = None, method: str | None = None, times: int | None = None
    ) -> None:
        """Let the next `times` requests (all, until `heal`) go wrong, as far as `path` and `method` fit.

        Of two faults that fit, the one told of first comes first.
        """
        with self._news:
            self._planned.append(_Planned(fault, path, method, times))

    def heal(self) -> None:
        """Nothing goes wrong from now on."""
        with self._news:
            self._planned.clear()

    # What was asked.

    @property
    def requests(self) -> list[Seen]:
        """All that came, in order."""
        with self._news:
            return list(self._requests)

    def requests_for(self, path: str) -> list[Seen]:
        """Those for this path."""
        return [seen for seen in self.requests if seen.path == path]

    def forget_requests(self) -> None:
        """As if none had come yet."""
        with self._news:
            self._requests.clear()

    def wait_for_requests(self, count: int, path: str | None = None, seconds: float = PATIENCE) -> list[Seen]:
        """Wait until so many came; TimeoutError if they do not."""

        def came() -> list[Seen]:
            return [seen for seen in self._requests if path in (None, seen.path)]

        self._wait(lambda: len(came()) >= count, f"{count} requests for {path or 'anything'}", seconds)
        with self._news:
            return came()

    # Who watches.

    def wait_for_watchers(self, count: int, seconds: float = PATIENCE) -> None:
        """Wait until exactly so many streams are open; TimeoutError if they are not."""
        self._wait(lambda: len(self._watchers.of(None)) == count, f"{count} open streams", seconds)

    def cut_watchers(self) -> None:
        """End all open streams, as a network does."""
        self._watchers.cut()

    def ping(self) -> None:
        """What the server sends now and then so that nobody takes the stream for dead."""
        self.tell_watchers(event("ping"))

    def tell_watchers(self, data: bytes) -> None:
        """Send any bytes to all who watch."""
        self._watchers.tell(data)

    # What the server asks.

    def seen(self, request: Request) -> Fault | None:
        """Note a request; what is to go wrong with it."""
        with self.workplace.lock:
            authorized = (request.bearer or "") in self.workplace.tokens
        headers = {name: value for name, value in request.headers.items() if name != "authorization"}
        with self._news:
            self._requests.append(Seen(request.method, request.path, request.query, headers, authorized, request.body))
            self._news.notify_all()
            planned = next((planned for planned in self._planned if planned.takes(request)), None)
            if planned is not None and planned.left is not None:
                planned.left -= 1
            return planned.fault if planned else None

    def answer(self, request: Request) -> Answer:
        """What the API answers, with what is told of the rate limit."""
        answer = self._api.answer(request)
        left = max(0, RATE_LIMIT - len(self.requests))
        limits = {
            "X-RateLimit-Limit": RATE_LIMIT,
            "X-RateLimit-Remaining": left,
            "X-RateLimit-Reset": int(time.time()) + 60,
        }
        return replace(answer, headers={**answer.headers, **{name: str(value) for name, value in limits.items()}})

    def watch(self, line: Line, place: tuple[str, str]) -> None:
        """Tell a client of changes until that ends."""
        self._watchers.serve(line, place, self.ping_seconds)

    def _changed(self, project: str, config: str) -> None:
        self._watchers.tell(event("secrets.update"), (project, config))

    def _wake(self) -> None:
        with self._news:
            self._news.notify_all()

    def _wait(self, condition: Callable[[], bool], what: str, seconds: float) -> None:
        with self._news:
            if not self._news.wait_for(condition, seconds):
                asked = [f"{seen.method} {seen.path}" for seen in self._requests]
                raise TimeoutError(f"no {what} within {seconds:g} s; what came: {asked}")


@contextmanager
def nobody_listening() -> Iterator[str]:
    """An address at which connections are refused, which nobody else gets meanwhile."""
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{unheard.getsockname()[1]}"
