"""The ports of an existing Compose file: published on this machine only, and known before others are chosen."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any


def local_port(entry: Any) -> Any:
    """One entry of `ports:` published on 127.0.0.1 only; one that names an address of this machine stays."""
    if isinstance(entry, dict):
        address = entry.get("host_ip")
        keep = address not in (None, "", "0.0.0.0", "::")
        return entry if keep or "published" not in entry else {**entry, "host_ip": "127.0.0.1"}
    text = str(entry)
    parts = port_parts(text)
    if len(parts) == 1:
        return f"127.0.0.1::{text}"
    if len(parts) == 2:
        return f"127.0.0.1:{text}"
    return text if parts[0] not in ("0.0.0.0", "[::]") else ":".join(["127.0.0.1", *parts[-2:]])


def port_parts(text: str) -> list[str]:
    """`[ADDRESS:]HOST:CONTAINER` taken apart at the colons that are not inside of `${…}` or `[…]`."""
    return re.findall(r"(?:\$\{[^}]*\}|\[[^\]]*\]|[^:])+", text)


def published_ports(entries: Iterable[Any], env: Mapping[str, str]) -> set[int]:
    """The host ports that entries of `ports:` ask for, variables taken from .env as Compose does, ranges included."""
    found: set[int] = set()
    for entry in entries:
        if isinstance(entry, dict):
            text = str(entry.get("published", ""))
        else:
            parts = port_parts(str(entry))
            text = parts[-2] if len(parts) > 1 else ""
        first, _, last = interpolated(text, env).partition("-")
        if first.isdecimal() and (last or first).isdecimal():
            found.update(port for port in range(int(first), int(last or first) + 1) if 0 < port <= 65535)
    return found


def interpolated(text: str, env: Mapping[str, str]) -> str:
    """`${NAME:-default}` and `${NAME}` by .env's value, else by the default; other forms have none."""

    def value(match: re.Match[str]) -> str:
        return env.get(match["name"], "") or match["default"] or ""

    return re.sub(r"\$\{(?P<name>\w+)(?::?-(?P<default>[^}]*)|:?[?+][^}]*)?\}", value, text)
