"""Why a service failed: what it said last, the likely cause, and the next command."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from devkit.engine.causes import cause_by_check, likely_cause
from devkit.engine.containers import Inspection, Probe, last_logs, moment
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


def diagnose(
    docker: Docker, service: str, inspection: Inspection | None, why: str, *, exit_code: int | None = None
) -> Diagnosis:
    """Read what a failed container left, and name the likely cause."""
    if inspection is None:
        return Diagnosis(service, why, "it has no container", f"next: devkit up {service}")
    logs = last_logs(docker, inspection.service.container, _LOG_LINES)
    return diagnosis_of(service, inspection, why, logs, exit_code=exit_code)


def diagnosis_of(
    service: str, inspection: Inspection, why: str, logs: Sequence[str], *, exit_code: int | None = None
) -> Diagnosis:
    """The same of a container whose last log lines are known."""
    failed = failed_checks(inspection)
    health = tuple(line for line in failed[0].output.splitlines() if line.strip())[-_HEALTH_LINES:] if failed else ()
    said = (*logs, inspection.start_error) if inspection.start_error else tuple(logs)
    if inspection.out_of_memory:
        cause = "it was killed for lack of memory: raise its memory limit, or the engine's"
    else:
        # the log tells causes; a health check mostly tells that nothing listens
        cause = likely_cause("\n".join(said)) or cause_by_check("\n".join(health))
    code = inspection.service.exit_code if exit_code is None else exit_code
    return Diagnosis(
        service=service,
        why=why,
        cause=cause,
        command=f"next: devkit logs {service}",
        exit_code=code,
        out_of_memory=inspection.out_of_memory,
        health_output=health,
        log_lines=said,
    )


@dataclass(frozen=True)
class FailedCheck:
    """A run of a health check that failed, and how many runs in a row said the very same."""

    exit_code: int
    output: str
    times: int


def failed_checks(found: Inspection) -> tuple[FailedCheck, ...]:
    """The runs that the engine still knows of those that failed last, the newest first, equal ones as one."""
    checks: list[FailedCheck] = []
    for probe in reversed(_streak(found)):
        if checks and (checks[-1].exit_code, checks[-1].output) == (probe.exit_code, probe.output):
            checks[-1] = replace(checks[-1], times=checks[-1].times + 1)
        else:
            checks.append(FailedCheck(probe.exit_code, probe.output, 1))
    return tuple(checks)


def what_is_wrong(found: Inspection) -> str:
    """Why a container is not well, as a clause behind its name; empty where it is, or where it was ended on purpose."""
    state = found.service
    if found.start_error:
        return "could not be started"
    if state.state in ("exited", "restarting") and (state.exit_code or found.out_of_memory):
        return exit_reason(state.exit_code or 0, out_of_memory=found.out_of_memory)
    if state.state != "running" or state.health == "healthy" or not _streak(found):
        return ""
    if state.health == "starting" and not found.failing_streak:
        return ""  # in its start period: that checks fail is no matter yet
    times = "once" if found.failing_streak <= 1 else f"{found.failing_streak} times in a row"
    return f"failed its health check {times}"


def first_failure(found: Inspection) -> float | None:
    """When the first of the failed health checks had its result, as far as the engine still knows; None for none."""
    streak = _streak(found)
    return moment(streak[0].ended or streak[0].started) if streak else None


def _streak(found: Inspection) -> tuple[Probe, ...]:
    """The failed runs at the end of those that the engine keeps, which are five."""
    kept: list[Probe] = []
    for probe in reversed(found.probes):
        if probe.exit_code == 0:
            break
        kept.insert(0, probe)
    return tuple(kept)


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
