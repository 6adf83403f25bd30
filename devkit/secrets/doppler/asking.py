"""Questions to the API until they are answered: over one connection, asked again where that is worth it, JSON given."""

from __future__ import annotations

import json
import threading
from http import HTTPStatus
from typing import TYPE_CHECKING

from devkit.secrets.doppler import failures
from devkit.secrets.doppler.answers import ShapeError
from devkit.secrets.doppler.connection import Connection
from devkit.secrets.doppler.exchange import NoAnswerError
from devkit.secrets.doppler.retries import Backoff, is_passing, persist

if TYPE_CHECKING:
    from devkit.project.errors import SecretsError
    from devkit.secrets.doppler.address import Address
    from devkit.secrets.doppler.deadline import Deadline
    from devkit.secrets.doppler.exchange import Answer
    from devkit.secrets.doppler.failures import Question


class Asking:
    """What one call asks, in one thread. Failures are SecretsError; `last` is the one that was tried to overcome."""

    def __init__(self, address: Address, question: Question, deadline: Deadline, backoff: Backoff) -> None:
        self.connection = Connection(address, question.access.token, deadline.left)
        self.last: SecretsError | None = None
        self._question = question
        self._deadline = deadline
        self._backoff = backoff
        self._ahead = ""
        self._ahead_failed: NoAnswerError | None = None
        self._called_off = threading.Event()

    def cut(self) -> None:
        """End it, from another thread: nothing is waited for any more, and nothing asked."""
        self._called_off.set()
        self.connection.cut()

    def ahead(self, target: str) -> None:
        """Send a GET that `ask` is going to be asked for: its answer is on its way while something else is done.

        Where it is asked for something else, that is asked, and this was for nothing.
        """
        self._ahead = target
        try:
            self.connection.send("GET", target)
        except NoAnswerError as error:  # for `ask` to deal with
            self._ahead_failed = error

    def ask(self, method: str, target: str, body: bytes | None = None) -> dict[str, object]:
        """The JSON object that the API answers with."""
        try:
            answer = persist(
                lambda: self._once(method, target, body),
                changes=body is not None,
                backoff=self._backoff,
                left=self._deadline.left,
                pause=self._called_off.wait,
            )
        except NoAnswerError as trouble:
            raise failures.of_no_answer(trouble, self._question) from None
        if answer.status != HTTPStatus.OK:
            raise failures.of_answer(answer, self._question)
        try:
            content = json.loads(answer.body)
        except (ValueError, RecursionError):
            raise failures.of_content(answer, self._question) from None
        if not isinstance(content, dict) or "self" in content:  # the SDK makes arguments of it
            raise ShapeError("it is no object")
        return content

    def _once(self, method: str, target: str, body: bytes | None) -> Answer:
        is_ahead, failed = self._ahead == target and body is None, self._ahead_failed
        self._ahead, self._ahead_failed = "", None
        if body is not None:
            self.last = None  # from here on, what is not known counts for more than what is
        try:
            if is_ahead and failed is not None:
                raise failed
            if not is_ahead:
                self.connection.send(method, target, body)
            answer = self.connection.receive()
        except NoAnswerError as trouble:
            if not self._called_off.is_set():
                self.last = failures.of_no_answer(trouble, self._question)
            raise
        self.last = failures.of_answer(answer, self._question) if is_passing(answer.status) else None
        return answer
