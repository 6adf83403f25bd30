"""The last step: what the first run hands over has answered, at the address that it prints."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from devkit.laravel.http import get, wait_for_answer
from devkit.project.errors import FailedError

_FRONT_PAGE = range(200, 400)
"""A front page that wants a login redirects."""


@dataclass(frozen=True)
class Answering:
    """The application at `url`; `root` is the certificate (PEM) that an https one has to lead to.

    `adopted` says that the application was there before: it may have no front page, and its own 404 is no failure.
    """

    url: str
    health: str
    adopted: bool
    root: str | None = None
    seconds: float = 30.0
    """How long each page may take to answer."""

    def check(self, on_line: Callable[[str], None], warn: Callable[[str], None]) -> None:
        """The health route and the front page must answer; FailedError says which does not, and how it answered."""
        wait_for_answer(f"{self.url}{self.health}", timeout=self.seconds, root=self.root)
        for page, accepted in ((self.health, (200,)), ("/", _FRONT_PAGE)):
            code, _ = get(f"{self.url}{page}", timeout=self.seconds, root=self.root)
            if page == "/" and code == 404 and self.adopted:
                warn("/ answered 404: this application has no front page")
            elif code not in accepted:
                raise FailedError(
                    f"{self.url}{page} answered {code}", "devkit logs app shows why; then run the same command again"
                )
            on_line(f"{page} answered {code}")
