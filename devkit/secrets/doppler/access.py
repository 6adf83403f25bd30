"""What Doppler is asked with: a token and whose it is, a project, a config, and the API's address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

API_HOST = "https://api.doppler.com"

Origin = Literal["DOPPLER_TOKEN", "keyring", "doppler CLI", "typed"]
"""Where a token came from."""

_IN_WORDS: dict[Origin, str] = {
    "DOPPLER_TOKEN": "DOPPLER_TOKEN",
    "keyring": "this machine's keyring",
    "doppler CLI": "the Doppler CLI's login",
    "typed": "your input",
}


@dataclass(frozen=True)
class Token:
    """A Doppler token. Its value stands in no text that is shown."""

    value: str = field(repr=False)
    origin: Origin

    @property
    def is_service_token(self) -> bool:
        """Whether it opens one config alone, which it names itself (https://docs.doppler.com/docs/service-tokens)."""
        return self.value.startswith("dp.st.")

    @property
    def origin_in_words(self) -> str:
        """Where it came from, behind "the token from"."""
        return _IN_WORDS[self.origin]


@dataclass(frozen=True)
class Access:
    """Everything a request needs; `project` and `config` are empty where nobody named them."""

    token: Token
    project: str = ""
    config: str = ""
    host: str = API_HOST

    @property
    def names_a_config(self) -> bool:
        """Whether it is settled whose secrets are meant."""
        return self.token.is_service_token or bool(self.project and self.config)


@dataclass(frozen=True)
class Fetched:
    """The secrets of one config, resolved: without Doppler's own `DOPPLER_*`.

    `restricted` are names whose values this token may not read.
    """

    project: str
    config: str
    values: Mapping[str, str] = field(repr=False)
    restricted: frozenset[str] = frozenset()
