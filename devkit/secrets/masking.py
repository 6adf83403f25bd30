"""Secrets kept out of what leaves the machine: known values in every form they take, and what looks like one.

Rather one word too many is masked than one value too few.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote as quote_url
from urllib.parse import quote_plus, unquote, urlsplit

from devkit.project.env_file import parse_env
from devkit.project.errors import UsageError
from devkit.secrets.dotenv import quote

_SECRET_NAME = re.compile(
    r"(?:PASS(?:WORD|WD|PHRASE)?|SECRET|TOKEN|KEY|CREDENTIAL|AUTH|PRIVATE|SALT|SIGNATURE|DSN|WEBHOOK|CERT)",
    re.IGNORECASE,
)
_PLAIN_NAMES = frozenset(
    """APP_NAME APP_ENV APP_DEBUG APP_URL APP_LOCALE APP_FALLBACK_LOCALE APP_FAKER_LOCALE APP_TIMEZONE
    APP_MAINTENANCE_DRIVER APP_PORT PHP_CLI_SERVER_WORKERS BCRYPT_ROUNDS LOG_CHANNEL LOG_STACK LOG_LEVEL
    LOG_DEPRECATIONS_CHANNEL DB_CONNECTION DB_HOST DB_PORT DB_DATABASE DB_USERNAME SESSION_DRIVER SESSION_LIFETIME
    SESSION_ENCRYPT SESSION_PATH SESSION_DOMAIN BROADCAST_CONNECTION FILESYSTEM_DISK QUEUE_CONNECTION CACHE_STORE
    CACHE_PREFIX MEMCACHED_HOST REDIS_CLIENT REDIS_HOST REDIS_PORT MAIL_MAILER MAIL_SCHEME MAIL_HOST MAIL_PORT
    AWS_DEFAULT_REGION AWS_USE_PATH_STYLE_ENDPOINT AWS_ENDPOINT OCTANE_SERVER OCTANE_HTTPS SCOUT_DRIVER REVERB_HOST
    REVERB_PORT REVERB_SCHEME VITE_APP_NAME VITE_REVERB_HOST VITE_REVERB_PORT VITE_REVERB_SCHEME""".split()  # noqa: SIM905
)
"""Names whose values a report may show: Laravel's and devkit's own that hold no secret."""

_NO_VALUES = frozenset({"", "null", "(null)", "true", "(true)", "false", "(false)", "empty", "(empty)"})
_SHORT = 4
_LINE = 8

_PATTERNS = (
    (re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL), "***"),
    (re.compile(r"([a-z][a-z0-9+.-]*://[^\s/@:]*):[^\s/@]+@", re.IGNORECASE), r"\1:***@"),
    (re.compile(r"\b((?:Bearer|Basic|Digest)\s+)[A-Za-z0-9._~+/=-]{6,}"), r"\1***"),
    (re.compile(r"\bbase64:[A-Za-z0-9+/]{20,}={0,2}"), "base64:***"),
    (
        re.compile(
            r"\b([\w-]*(?:password|passwd|secret|token|api_?key|access_?key|authorization|signature)[\w-]*"
            r"[\"']?\s*[=:]\s*[\"']?)(?!\*\*\*)[^\s\"'&,;]+",
            re.IGNORECASE,
        ),
        r"\1***",
    ),
    (
        re.compile(
            r"\b(?:gh[pousr]_|github_pat_|glpat-|dp\.[a-z]+\.|sk_live_|sk_test_|rk_live_|xox[abpr]-|AKIA|ASIA|npm_|SG\.)"
            r"[A-Za-z0-9._-]{8,}"
        ),
        "***",
    ),
    (re.compile(r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?"), "***"),
)
"""What looks like a secret wherever it came from: keys, addresses with a password, headers, well-known tokens."""


class Masker:
    """Takes the values of `secrets` (a name may come more than once), and what looks like one, out of texts."""

    def __init__(self, secrets: Iterable[tuple[str, str]]) -> None:
        names: dict[str, str] = {}
        short: dict[str, str] = {}
        for name, value in secrets:
            if not _is_secret(name, value):
                continue
            for form in _forms(value):
                (names if len(form) >= _SHORT else short).setdefault(form, name)
        self._names = {**short, **names}
        alternatives = [re.escape(form) for form in sorted(names, key=len, reverse=True)]
        alternatives += [rf"(?<!\w){re.escape(form)}(?!\w)" for form in sorted(short, key=len, reverse=True)]
        self._known = re.compile("|".join(alternatives)) if alternatives else None

    def text(self, text: str) -> str:
        """The text with `***NAME***` where a value of a known name stood, and `***` for what looks like a secret."""
        if self._known is not None:
            text = self._known.sub(lambda match: f"***{self._names[match[0]]}***", text)
        for pattern, replacement in _PATTERNS:
            text = pattern.sub(replacement, text)
        return text

    def value(self, value: Any) -> Any:
        """The same for every text of a JSON value, names of objects included."""
        match value:
            case str():
                return self.text(value)
            case Mapping():
                return {self.text(str(key)): self._entry(str(key), entry) for key, entry in value.items()}
            case list() | tuple():
                return [self.value(entry) for entry in value]
            case _:
                return value

    def _entry(self, key: str, value: Any) -> Any:
        """A number or a text under a name such as `password` is one, whatever it is."""
        if isinstance(value, str | int | float) and not isinstance(value, bool) and _looks_secret(key):
            return "***"
        return self.value(value)


def plain_value(name: str, value: str) -> str | None:
    """The value where it may be shown, for its name says that it is no secret; None where it is to be masked.

    One that looks like a secret all the same is: an address with a password in it.
    """
    return value if name in _PLAIN_NAMES and Masker(()).text(value) == value else None


def secrets_of(text: str) -> dict[str, str]:
    """Names and values of a .env, also of one that cannot be read: then each line's right side as it stands.

    Of a JSON object (auth.json) it is every text in it.
    """
    if text.lstrip().startswith("{"):
        try:
            return dict(_texts("auth", json.loads(text)))
        except (ValueError, RecursionError):
            pass
    try:
        return parse_env(text)
    except UsageError:
        lines = (line.partition("=") for line in text.splitlines() if "=" in line)
        return {name.strip().removeprefix("export "): value.strip().strip("\"'") for name, _, value in lines}


def secrets_in(path: Path) -> dict[str, str]:
    """The same of a file; none of one that is missing or cannot be read."""
    try:
        return secrets_of(path.read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return {}


def secret_variables(environ: Mapping[str, str]) -> dict[str, str]:
    """The variables of this process whose names say that they hold a secret."""
    return {name: value for name, value in environ.items() if _SECRET_NAME.search(name)}


def _texts(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield f"{name}_TOKEN".upper(), value
    elif isinstance(value, Mapping):
        for key, entry in value.items():
            yield from _texts(f"{name}_{key}", entry)
    elif isinstance(value, list):
        for number, entry in enumerate(value):
            yield from _texts(f"{name}_{number}", entry)


def _is_secret(name: str, value: str) -> bool:
    if value.strip().lower() in _NO_VALUES or name in _PLAIN_NAMES:
        return False
    if _SECRET_NAME.search(name):
        return True
    return len(value) >= _SHORT and not re.fullmatch(r"\d{1,5}", value)


def _looks_secret(key: str) -> bool:
    return re.search(r"password|passwd|secret|token|api_?key|access_?key|authorization", key, re.IGNORECASE) is not None


def _forms(value: str) -> Iterator[str]:
    """The value as it may stand in logs, addresses, JSON and files; the parts of one that is an address or a key."""
    parts = [value, value.strip()]
    if value.startswith("base64:"):
        parts.append(value.removeprefix("base64:"))
    if "://" in value:
        parts += _parts_of_address(value)
    lines = [line.strip() for line in value.splitlines()]
    if len(lines) > 1:
        parts += [line for line in lines if len(line) >= _LINE]
    for part in dict.fromkeys(part for part in parts if part):
        yield part
        yield json.dumps(part)[1:-1]
        yield json.dumps(part, ensure_ascii=False)[1:-1]
        yield json.dumps(part)[1:-1].replace("/", "\\/")  # PHP's json_encode
        yield quote_url(part, safe="")
        yield quote_plus(part)
        if len(part) >= _SHORT:
            yield base64.b64encode(part.encode("utf-8", "surrogateescape")).decode()
        try:
            yield quote(part)
        except UsageError:
            continue


def _parts_of_address(value: str) -> list[str]:
    try:
        password = urlsplit(value).password
    except ValueError:
        return []
    return [password, unquote(password)] if password else []
