"""Why a service failed: what it said last, the likely cause, and the next command.

The table of causes is matched against what Laravel, PHP, FrankenPHP, the databases and the engine write;
the first match wins, so what is specific stands before what is general.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from devkit.engine.containers import Inspection, last_logs
from devkit.engine.docker import Docker
from devkit.project.errors import UnhealthyError

_LOG_LINES = 15
_HEALTH_LINES = 5


@dataclass(frozen=True)
class Diagnosis:
    """Everything that is known of a failed service, for a screen, for JSON and for a message."""

    service: str
    why: str
    """One clause: `exited with status 1`, `is unhealthy`, `did not become healthy within 60 s`."""
    cause: str
    """The likely cause and its remedy, or empty where nothing known was recognised."""
    command: str
    """The next command to run."""
    exit_code: int | None = None
    out_of_memory: bool = False
    health_output: tuple[str, ...] = ()
    log_lines: tuple[str, ...] = ()

    @property
    def detail(self) -> str:
        """Several lines: the last health output and the last log lines."""
        parts = []
        if self.health_output:
            parts += ["last health check:", *(f"  {line}" for line in self.health_output)]
        if self.log_lines:
            parts += ["last log lines:", *(f"  {line}" for line in self.log_lines)]
        return "\n".join(parts)


class UnhealthyServiceError(UnhealthyError):
    """UnhealthyError with its diagnosis; `detail` holds the last health output and log lines."""

    def __init__(self, diagnosis: Diagnosis, others: tuple[str, ...] = ()) -> None:
        also = f"; not ready either: {', '.join(others)}" if others else ""
        last = (diagnosis.health_output or diagnosis.log_lines)[-1:]
        said = f": {last[0].strip()[:200]}" if last else ""
        cause = f"likely cause: {diagnosis.cause}; " if diagnosis.cause else ""
        message = f"service {diagnosis.service} {diagnosis.why}{said}{also}"
        super().__init__(message, f"{cause}{diagnosis.command}", detail=diagnosis.detail)
        self.diagnosis = diagnosis


_CAUSES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), cause)
    for pattern, cause in (
        (
            r"port is already allocated|address already in use|bind: Only one usage",
            "its port is taken: devkit up chooses a free one",
        ),
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


def likely_cause(text: str) -> str:
    """The first known cause that a log, a health output or an engine's error points to; empty for none."""
    for pattern, cause in _CAUSES:
        if pattern.search(text):
            return cause
    return ""


def diagnose(
    docker: Docker, service: str, inspection: Inspection | None, why: str, *, exit_code: int | None = None
) -> Diagnosis:
    """Read what a failed container left, and name the likely cause."""
    if inspection is None:
        return Diagnosis(service, why, "it has no container", f"next: devkit up {service}")
    logs = last_logs(docker, inspection.service.container, _LOG_LINES)
    health: tuple[str, ...] = ()
    if failed := [probe for probe in inspection.probes if probe.exit_code != 0]:
        health = tuple(line for line in failed[-1].output.splitlines() if line.strip())[-_HEALTH_LINES:]
    if inspection.start_error:
        logs = (*logs, inspection.start_error)
    if inspection.out_of_memory:
        cause = "it was killed for lack of memory: raise its memory limit, or the engine's"
    else:
        # the log tells causes; a health check mostly tells that nothing listens
        cause = likely_cause("\n".join(logs)) or likely_cause("\n".join(health))
    code = inspection.service.exit_code if exit_code is None else exit_code
    return Diagnosis(
        service=service,
        why=why,
        cause=cause,
        command=f"next: devkit logs {service}",
        exit_code=code,
        out_of_memory=inspection.out_of_memory,
        health_output=health,
        log_lines=logs,
    )


def exit_reason(code: int, *, out_of_memory: bool) -> str:
    """How a container ended, as a clause after `service NAME`."""
    if out_of_memory:
        return "was killed for lack of memory"
    known = {
        125: "could not be started (status 125)",
        126: "exited with status 126: its command may not be executed",
        127: "exited with status 127: its command was not found",
        137: "was killed (status 137)",
        139: "crashed: segmentation fault (status 139)",
        143: "was stopped (status 143)",
    }
    return known.get(code, f"exited with status {code}")
