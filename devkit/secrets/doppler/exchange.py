"""What comes of a question to Doppler's API: an answer, whatever it says, or none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal[
    "name",  # the server's name is not known
    "refused",  # nothing listens there
    "unreachable",  # no way there, or nobody takes the connection
    "certificate",  # it is somebody else, or who vouches for it is not trusted
    "tls",  # no TLS is spoken there
    "trust",  # the file of trusted certificates is none
    "proxy",  # the proxy does not let it through, or is none that is spoken to here
    "no proxy",  # the proxy itself cannot be reached
    "silent",  # connected, and then nothing
    "broken",  # the connection ended before the answer did
    "gibberish",  # an answer that is no HTTP, or has no end
]
"""What went wrong on the way."""

_FINAL: frozenset[Kind] = frozenset({"name", "certificate", "tls", "trust", "proxy", "gibberish"})
"""A name too: the system has already asked for it more than once when it says that it is not known."""


@dataclass(frozen=True)
class Answer:
    """A whole HTTP answer; the names of `headers` are in lower case."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


class NoAnswerError(Exception):
    """What went wrong on the way, and why; `sent` says that the question may have arrived all the same."""

    def __init__(self, kind: Kind, why: str = "", *, sent: bool = False) -> None:
        super().__init__(kind, why)
        self.kind = kind
        self.why = why
        self.sent = sent

    @property
    def is_worth_repeating(self) -> bool:
        """Whether the next moment may bring another outcome."""
        return self.kind not in _FINAL
