"""Through which proxy this machine reaches a server: its own settings, as requests and curl read them."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from devkit.secrets.doppler.exchange import NoAnswerError

if TYPE_CHECKING:
    from devkit.secrets.doppler.address import Address


@dataclass(frozen=True)
class Proxy:
    """A proxy that speaks HTTP; `authorization` is the header it wants to see, empty where it wants none."""

    host: str
    port: int
    authorization: str = field(default="", repr=False)

    @property
    def shown(self) -> str:
        """Its name for a message, without user and password."""
        return f"{self.host}:{self.port}"


def proxy_for(address: Address) -> Proxy | None:
    """The proxy to go through (HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY; on macOS the system's), or None.

    This machine itself is never asked for through one. NoAnswerError for one of a kind that is not spoken here.
    """
    if _is_loopback(address.host) or (sys.platform != "darwin" and not any(map(_names_a_proxy, os.environ))):
        return None
    from urllib.parse import unquote, urlsplit
    from urllib.request import getproxies, proxy_bypass

    proxies = getproxies()
    url = proxies.get(address.scheme) or proxies.get("all") or ""
    if not url or proxy_bypass(f"{address.host}:{address.port}") or _in_a_network(address.host, proxies.get("no", "")):
        return None
    try:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        host, port = parts.hostname or "", parts.port or 80
    except ValueError:
        raise NoAnswerError("proxy", "its address is no URL") from None
    if parts.scheme != "http" or not host:
        raise NoAnswerError("proxy", f"{parts.scheme}:// is not spoken here, http:// is")
    return Proxy(host, port, _basic(unquote(parts.username), unquote(parts.password or "")) if parts.username else "")


def _names_a_proxy(name: str) -> bool:
    return name.lower().endswith("_proxy")


def _is_loopback(host: str) -> bool:
    return host == "::1" or host == "localhost" or host.endswith(".localhost") or host.startswith("127.")


def _in_a_network(host: str, exceptions: str) -> bool:
    """Whether NO_PROXY names a network (10.0.0.0/8) that this address is in: requests knows them, urllib does not."""
    import ipaddress

    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    for name in exceptions.split(","):
        try:
            if "/" in name and address in ipaddress.ip_network(name.strip(), strict=False):
                return True
        except ValueError:
            continue
    return False


def _basic(user: str, password: str) -> str:
    import base64

    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
