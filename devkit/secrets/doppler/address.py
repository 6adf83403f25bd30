"""Where Doppler's API is, and what may stand in an address: hosts and slugs, checked before they are used."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from devkit.project.errors import UsageError
from devkit.project.settings import DOPPLER_NAME

_HOST = re.compile(r"[A-Za-z0-9._-]{1,253}|[0-9A-Fa-f:.]{2,45}")
_PATH = re.compile(r"[A-Za-z0-9._~/%:@!$&'()*+,;=-]*")
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Address:
    """A base URL of the API, taken apart; `path` is empty or starts with a slash, and never ends with one."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def shown(self) -> str:
        """The server's name for a message: without what goes without saying."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def base_url(self) -> str:
        """The address that paths such as /v3/projects are appended to."""
        return f"{self.scheme}://{self.shown}{self.path}"


def address_of(url: str) -> Address:
    """Take a base URL apart, with or without a slash at its end. UsageError for what is no http or https URL."""
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    host = parts.hostname or ""
    if parts.scheme not in _PORTS or not _HOST.fullmatch(host) or port == 0:
        raise UsageError(
            "the address of Doppler's API is no http or https URL",
            "DOPPLER_API_HOST takes one such as https://api.doppler.com; without it that one is asked",
        )
    if "@" in parts.netloc or parts.query or parts.fragment or not _PATH.fullmatch(parts.path):
        raise UsageError(
            f"the address of Doppler's API holds more than a server and a path: {host}",
            "leave out users, passwords, ? and # in DOPPLER_API_HOST",
        )
    return Address(parts.scheme, host, port or _PORTS[parts.scheme], parts.path.rstrip("/"))


def check_slug(what: str, value: str) -> str:
    """Give the name of a project or a config back; UsageError for one that Doppler cannot have given.

    The SDK does not encode what it puts into a query: anything else would change the question.
    """
    if not DOPPLER_NAME.fullmatch(value):
        raise UsageError(f"Doppler can have no {what} named {value!r}", "names have letters, digits, - and _")
    return value
