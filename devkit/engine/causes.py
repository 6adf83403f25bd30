"""The likely cause of what logs, health checks and the engine say, and its remedy.

The tables are matched against what Laravel, PHP, FrankenPHP, the databases and the engine write;
the first match wins, so what is specific stands before what is general.
"""

from __future__ import annotations

import re

Table = tuple[tuple[re.Pattern[str], str], ...]

_TAKEN_PORT = re.compile(r"port is already allocated|address already in use|bind: Only one usage", re.IGNORECASE)

_CAUSES: Table = tuple(
    (re.compile(pattern, re.IGNORECASE), cause)
    for pattern, cause in (
        (_TAKEN_PORT.pattern, "its port is taken: devkit up chooses a free one"),
        (
            r"exec format error|exec user process caused.*format",
            "the image is for another CPU architecture, or the script lacks its #! line: devkit build",
        ),
        (r"no space left on device", "the disk is full: docker system df shows by what"),
        (
            r"operation not permitted.*frankenphp|frankenphp.*operation not permitted",
            "the frankenphp binary carries a file capability that the container may not have: devkit build",
        ),
        (
            r"vendor/autoload\.php|Class \"?Illuminate\\Foundation\\Application\"? not found",
            "Composer's packages are not installed: devkit composer install",
        ),
        (
            r"No application encryption key|MissingAppKeyException|APP_KEY.*(missing|empty|not set)|Unsupported cipher",
            "APP_KEY is missing in .env: devkit artisan key:generate",
        ),
        (
            r"PHP Parse error|ParseError|syntax error, unexpected",
            "a PHP file has a syntax error: the log names file and line",
        ),
        (
            r"too many consecutive (worker )?failures",
            "the worker script fails as soon as it starts: the log lines above name the PHP error",
        ),
        (
            r"num_threads.*must be greater|Caddyfile:\d+|adapting config using caddyfile|unrecognized directive",
            "the Caddyfile is not accepted: the log names the line of docker/Caddyfile",
        ),
        (
            r"Access denied for user|password authentication failed|SQLSTATE\[HY000\] \[1045\]|WRONGPASS|NOAUTH",
            "the password in .env is not the one that the database's volume was made with:"
            " set the old one, or remove the volume (its data too) with devkit down --volumes",
        ),
        (
            r"Unknown database|database \".*\" does not exist|SQLSTATE\[HY000\] \[1049\]",
            "the database of DB_DATABASE does not exist in the volume: create it, or start with a new volume",
        ),
        (
            r"database files are incompatible|initialized by PostgreSQL version|Cannot (up|down)grade|"
            r"Invalid MySQL server (up|down)grade|created by an? (older|newer) version",
            "the volume was written by another version of the database: go back to that version, or export and import",
        ),
        (
            r"unable to open database file|database file .* does not exist|readonly database",
            "the SQLite file is missing or not writable: devkit artisan migrate makes it",
        ),
        (
            r"could not translate host name|getaddrinfo.*failed|Temporary failure in name resolution|"
            r"Name or service not known|no such host",
            "a host name in .env is not a service's name",
        ),
        (
            r"Connection refused|could not connect to server|SQLSTATE\[HY000\] \[2002\]",
            "what it connects to is not up: look at the other services with devkit status",
        ),
        (r"Allowed memory size of \d+ bytes exhausted", "PHP's memory_limit is too low for this"),
        (
            r"read-only file system",
            "it writes to a place that is mounted read-only",
        ),
        (
            r"permission denied",
            "a file is not readable or writable for the container's user: devkit doctor shows which and mends it",
        ),
        (
            r"executable file not found|not found in \$PATH|command not found|: not found$",
            "a program is not in the image: devkit build",
        ),
        (
            r"no such file or directory",
            "a file is not where the container looks for it: devkit build, or look at the mounts of compose.yaml",
        ),
    )
)


_OF_CHECKS: Table = tuple(
    (re.compile(pattern, re.IGNORECASE), cause)
    for pattern, cause in (
        (
            r"exceeded timeout|timed out|\(28\)",
            "the check gets no answer in its time: the service is busy, or hangs",
        ),
        (
            r"returned error: 5\d\d|HTTP/\S+ 5\d\d|HTTP Error 5\d\d",
            "the application answers with an error of its own: the log names the exception",
        ),
        (
            r"returned error: 4\d\d|HTTP/\S+ 4\d\d|HTTP Error 4\d\d",
            "the address that the check asks for is not there, or not for everybody: look at its route",
        ),
        (
            r"(?:localhost|127\.0\.0\.1|::1)\S*(?: .*)?(?:refused|connect)|connect to (?:localhost|127\.0\.0\.1)|\(7\)",
            "nothing listens where the check asks: the program is still starting, or listens on another port",
        ),
        (
            r"FrankenPHP has no \w+ threads yet",
            "FrankenPHP still starts, or its worker script fails as soon as it starts: the log names the PHP error",
        ),
        (
            r"\bcurl: not found|curl: command not found|wget: not found|executable file not found",
            "the program of the health check is not in the image",
        ),
    )
)
"""What health checks say of the service that they ask, rather than of what that service asks itself."""


def likely_cause(text: str) -> str:
    """The first known cause that a log, a health output or an engine's error points to; empty for none."""
    for pattern, cause in _CAUSES:
        if pattern.search(text):
            return cause
    return ""


def cause_by_check(text: str) -> str:
    """The same for the output of a health check."""
    for pattern, cause in _OF_CHECKS:
        if pattern.search(text):
            return cause
    return likely_cause(text)


def is_taken_port(text: str) -> bool:
    """Whether the engine says that a host port belongs to somebody else."""
    return _TAKEN_PORT.search(text) is not None
