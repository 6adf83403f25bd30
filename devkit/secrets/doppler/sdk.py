"""Doppler's own SDK, with our way out in place of its own. The one module that imports it, which takes 0.1 s.

doppler-sdk 1.3.0 is pinned: it has not changed since 2024, and its services take the HTTP client that they are given
as `_http`. What that one returns they hand on, so whoever calls them looks at every answer.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from dopplersdk.models import SecretsUpdateRequest
from dopplersdk.net.utils import to_serialize
from dopplersdk.services.configs import Configs
from dopplersdk.services.projects import Projects
from dopplersdk.services.secrets import Secrets

__all__ = ["SecretsUpdateRequest", "Services", "services"]

Ask = Callable[[str, str, "bytes | None"], object]
"""Asks with a method, what follows the base URL, and a body; gives the JSON of the answer."""


class _Http:
    """Stands where the SDK has its HTTPClient: no retries of its own, no redirects, no other methods than these two."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    def get(self, endpoint_url: str, _headers: dict[str, str], _retry: bool = True) -> object:
        return self._ask("GET", endpoint_url, None)

    def post(self, endpoint_url: str, _headers: dict[str, str], body_input: object, _retry: bool = True) -> object:
        content = {name: value for name, value in to_serialize(body_input).items() if value is not None}
        return self._ask("POST", endpoint_url, json.dumps(content).encode())


@dataclass(frozen=True)
class Services:
    """The parts of the SDK that are used here."""

    projects: Projects
    configs: Configs
    secrets: Secrets


def services(ask: Ask) -> Services:
    """The SDK's services, which ask through `ask`. They hold no token: that is sent by what `ask` stands for."""
    made = Services(Projects(), Configs(), Secrets())
    for service in (made.projects, made.configs, made.secrets):
        service.set_base_url("")
        service._http = _Http(ask)
    return made
