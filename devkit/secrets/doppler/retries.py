"""Asking again: what is worth it, after how long, and when to leave it.

Only what passes by itself is asked again: connections that do not come about or break, 429 and 5xx. A question that
changes something is asked again only where it surely has not been taken: it was never sent, or the answer is 429.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from devkit.secrets.doppler.exchange import NoAnswerError

if TYPE_CHECKING:
    from devkit.secrets.doppler.exchange import Answer

_NEVER = frozenset({HTTPStatus.NOT_IMPLEMENTED, HTTPStatus.HTTP_VERSION_NOT_SUPPORTED})


@dataclass(frozen=True)
class Backoff:
    """How often in all, and how long before the second time (seconds); each further wait is twice as long.

    A quarter more or less comes by chance, so that many who failed together do not come back together.
    """

    attempts: int = 4
    first: float = 0.25
    chance: Callable[[], float] = random.random

    def pause(self, attempt: int) -> float:
        """Seconds to wait after the attempt of this number, which starts at 1."""
        return float(self.first * 2 ** (attempt - 1) * (0.75 + self.chance() / 2))


def persist(
    ask: Callable[[], Answer],
    *,
    changes: bool,
    backoff: Backoff,
    left: Callable[[], float],
    pause: Callable[[float], bool],
) -> Answer:
    """Ask until there is an answer worth giving, and give it; else the last answer, or the last NoAnswerError.

    `changes` says that the question changes something. `left` gives the seconds that are left for all of it: a wait
    that does not fit in (Retry-After included) ends it at once. `pause` waits, and gives True where it is called off.
    """
    attempt = 1
    while True:
        try:
            answer = ask()
        except NoAnswerError as trouble:
            if not trouble.is_worth_repeating or (changes and trouble.sent):
                raise
            wait = backoff.pause(attempt)
            if attempt == backoff.attempts or wait >= left() or pause(wait):
                raise
        else:
            if not is_passing(answer.status) or (changes and answer.status != HTTPStatus.TOO_MANY_REQUESTS):
                return answer
            wait = max(retry_after(answer) or 0.0, backoff.pause(attempt))
            if attempt == backoff.attempts or wait >= left() or pause(wait):
                return answer
        attempt += 1


def is_passing(status: int) -> bool:
    """Whether an answer with this status may be another one in a moment."""
    return status == HTTPStatus.TOO_MANY_REQUESTS or (status >= 500 and status not in _NEVER)


def retry_after(answer: Answer) -> float | None:
    """The seconds that the server asks to wait (RFC 9110, 10.2.3: a number of seconds, or a date); None without."""
    value = answer.headers.get("retry-after", "").strip()
    if not value:
        return None
    if value.isascii() and value.isdecimal():
        return float(value[:9])
    from datetime import UTC, datetime
    from email.utils import parsedate_to_datetime

    try:
        until = parsedate_to_datetime(value)
    except ValueError:
        return None
    try:  # by the server's clock, where it tells the time
        now = parsedate_to_datetime(answer.headers.get("date", ""))
    except ValueError:
        now = datetime.now(UTC)
    until, now = (moment if moment.tzinfo else moment.replace(tzinfo=UTC) for moment in (until, now))
    return max(0.0, (until - now).total_seconds())
