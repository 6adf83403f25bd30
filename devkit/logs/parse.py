"""One line of a container's output: Caddy's access lines, other JSON, what PHP says, a Monolog line, plain text."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from devkit.logs.escapes import printable
from devkit.logs.monolog import parse_monolog
from devkit.logs.record import LogRecord, level_of

_PHP = re.compile(
    r"(?:NOTICE: )?PHP (?P<kind>Fatal error|Parse error|Warning|Notice|Deprecated|Recoverable fatal error):"
)
_PHP_LEVELS = {
    "Fatal error": "critical",
    "Parse error": "critical",
    "Recoverable fatal error": "error",
    "Warning": "warning",
    "Notice": "notice",
    "Deprecated": "notice",
}
_WORD = re.compile(
    r"(?:^|[\s\[])(debug|info|log|notice|note|warn(?:ing)?|err(?:or)?|crit(?:ical)?|alert|emerg(?:ency)?|fatal|panic)"
    r"(?:\]|:)",
    re.IGNORECASE,
)
_LONGEST_ID = 200
_LOOKED_AT = 120
"""Signs at the start of a plain line where its level may stand: `2026-01-31T10:00:00Z 0 [Warning] …`, `ERROR:  …`."""


def parse_line(time: str, service: str, stream: str, text: str) -> LogRecord:
    """The record of one line; what is of no known form is its own message."""
    if text.startswith("{") and (fields := _object(text)) is not None:
        return _from_json(time, service, stream, fields)
    monolog = parse_monolog([text])
    if monolog is not None:
        return LogRecord(time, service, stream, monolog.level, monolog.message, monolog.context)
    return LogRecord(time, service, stream, _level_in(text), text)


def _object(text: str) -> dict[str, Any] | None:
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return fields if isinstance(fields, dict) else None


def _from_json(time: str, service: str, stream: str, fields: dict[str, Any]) -> LogRecord:
    request = fields.get("request")
    if isinstance(request, dict) and "status" in fields and "duration" in fields:
        return _access(time, service, stream, fields, request)
    # Monolog's JSON has a number of its own in `level`, and the word beside it; numbers that are no level stay.
    level = level_of(fields.get("level_name")) or level_of(fields.get("level"))
    if level is not None:
        fields = {key: value for key, value in fields.items() if key not in ("level", "level_name")}
    message = fields.pop("msg", None) or fields.pop("message", None) or ""
    return LogRecord(time, service, stream, level, str(message), fields)


def _access(time: str, service: str, stream: str, fields: Mapping[str, Any], request: Mapping[str, Any]) -> LogRecord:
    """Caddy's access log (https://caddyserver.com/docs/logging); `duration` is in seconds."""
    try:
        milliseconds = round(float(fields["duration"]) * 1000, 1)
    except (TypeError, ValueError):
        milliseconds = 0.0
    method, path, status = str(request.get("method", "")), str(request.get("uri", "")), fields["status"]
    context = {
        "method": method,
        "path": path,
        "status": status,
        "milliseconds": milliseconds,
        "size": fields.get("size"),
        "host": request.get("host"),
        "remote": request.get("remote_ip"),
    }
    if name := request_id(fields):
        context["request_id"] = name
    return LogRecord(
        time, service, stream, level_of(fields.get("level")), f"{method} {path} {status} {milliseconds:g} ms", context
    )


def request_id(fields: Mapping[str, Any]) -> str:
    """The id in an access line's fields: what the answer says, what the request said, or Caddy's own; else empty."""
    request = fields.get("request")
    for headers in (fields.get("resp_headers"), request.get("headers") if isinstance(request, dict) else None):
        values = headers.get("X-Request-Id") if isinstance(headers, dict) else None
        if values and isinstance(values, list):
            return str(values[0])[:_LONGEST_ID]
    return str(fields.get("uuid") or "")


def _level_in(text: str) -> str | None:
    start = printable(text[:_LOOKED_AT])
    if php := _PHP.search(start):
        return _PHP_LEVELS[php["kind"]]
    word = _WORD.search(start)
    return level_of(word[1]) if word else None
