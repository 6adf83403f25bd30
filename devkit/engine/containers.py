"""The containers of a compose project: listed and inspected through the engine's API, or else the client."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any, cast

from devkit.engine import http_socket
from devkit.engine.docker import Docker
from devkit.engine.state import Health, PublishedPort, ServiceState, State
from devkit.project.errors import CommandError

PROJECT_LABEL = "com.docker.compose.project"
SERVICE_LABEL = "com.docker.compose.service"
ONE_OFF_LABEL = "com.docker.compose.oneoff"
_HEALTH_DEFAULT = 30 * 10**9  # nanoseconds
_HEALTH_RETRIES = 3
_NUMBER_LABEL = "com.docker.compose.container-number"
_DIRECTORY_LABEL = "com.docker.compose.project.working_dir"

_STATES: Mapping[str, State] = {
    "running": "running",
    "paused": "paused",
    "restarting": "restarting",
    "created": "created",
    "exited": "exited",
    "dead": "exited",
    "removing": "exited",
}
# `Up 3 seconds (healthy)`, `Up 1 second (health: starting)`, `Exited (137) 4 seconds ago`
_HEALTH = re.compile(r"\((?:health: )?(healthy|unhealthy|starting)\)")
_EXIT = re.compile(r"^(?:Exited|Restarting) \((\d+)\)")


@dataclass(frozen=True)
class Probe:
    """One run of a health check; `started` tells two runs apart."""

    started: str
    exit_code: int
    output: str
    ended: str = ""


@dataclass(frozen=True)
class Bind:
    """A file or directory of the engine's machine (`source`) that a container has as `target`."""

    source: Path
    target: PurePosixPath


@dataclass(frozen=True)
class Inspection:
    """What is asked of one container when its health is judged."""

    service: ServiceState
    name: str
    restart_policy: str
    restarts: int
    started: float
    """Seconds since the epoch, by the engine's clock; below 0 where it never started."""
    out_of_memory: bool
    start_error: str
    probes: tuple[Probe, ...]
    command: tuple[str, ...] = ()
    """What runs as its first process, the entry point included."""
    number: int = 0
    """Which of a scaled service's containers it is, from 1; 0 where it is not Compose's."""
    created: float = -1.0
    finished: float = -1.0
    """Seconds since the epoch; below 0 where it has not ended yet."""
    failing_streak: int = 0
    """How many runs of the health check have failed in a row."""
    binds: tuple[Bind, ...] = ()
    """What it has of the engine's machine; volumes are not among it."""


def service_states(docker: Docker, project: str) -> list[ServiceState]:
    """A state for each service that has a container, by name; of a scaled service, a running container's."""
    states: dict[str, list[ServiceState]] = {}
    for state in project_containers(docker, project):
        states.setdefault(state.name, []).append(state)
    return [shown_state(states[name]) for name in sorted(states)]


def shown_state(states: Sequence[ServiceState]) -> ServiceState:
    """The state of a service with several containers: that of the first one that is ready, else of one that runs."""
    return min(states, key=_rank)


def container_ids(docker: Docker, project: str) -> list[str]:
    """The ids of a project's containers, without those of `compose run`."""
    return [state.container for state in project_containers(docker, project)]


def inspect(docker: Docker, container: str) -> Inspection | None:
    """A container's inspection by id or name, or None where there is none any more."""
    if docker.endpoint.socket_path is None:
        done = docker.run("container", "inspect", container, check=False, timeout=30)
        found = next(iter(json.loads(done.stdout or b"[]")), None) if done.returncode == 0 else None
    else:
        found = docker.find(f"/containers/{container}/json")
    return None if found is None else inspection_from_json(found)


def last_logs(docker: Docker, container: str, lines: int) -> tuple[str, ...]:
    """The last lines that a container wrote; none where its log driver keeps none or it is gone."""
    found: list[str] = []
    status = docker.stream("logs", "--tail", str(lines), container, on_line=found.append)
    return tuple(line for line in found[-lines:] if line.strip()) if status == 0 else ()


def list_summaries(docker: Docker, filters: Mapping[str, Sequence[str]], *, stopped: bool) -> list[Any]:
    """The engine's own summaries; only for engines on a Unix socket."""
    path = docker.endpoint.socket_path
    if path is None:
        raise ValueError(f"{docker.endpoint.host} is no Unix socket")
    query = {"all": "1" if stopped else "0", "filters": json.dumps({k: list(v) for k, v in filters.items()})}
    return cast("list[Any]", http_socket.get_json(path, "/containers/json", query=query))


def project_containers(docker: Docker, project: str) -> list[ServiceState]:
    """A state for each container of a project, stopped ones too, without those of `compose run`."""
    label = f"{PROJECT_LABEL}={project}"
    if docker.endpoint.socket_path is not None:
        summaries = list_summaries(docker, {"label": [label]}, stopped=True)
        return [state_from_summary(found) for found in summaries if of_service(found["Labels"])]
    ids = docker.run("ps", "-aq", "--no-trunc", "--filter", f"label={label}", timeout=30).stdout.split()
    if not ids:
        return []
    try:
        found_all = docker.json("container", "inspect", *(found.decode() for found in ids))
    except CommandError:
        found_all = []  # one of them has gone meanwhile
    return [inspection_from_json(found).service for found in found_all if of_service(found["Config"]["Labels"])]


def project_directories(docker: Docker, project: str) -> set[Path]:
    """The directories that containers of a compose project were started from, whether or not they are still there."""
    label = f"{PROJECT_LABEL}={project}"
    if docker.endpoint.socket_path is not None:
        summaries = list_summaries(docker, {"label": [label]}, stopped=True)
        named = [(found["Labels"] or {}).get(_DIRECTORY_LABEL, "") for found in summaries]
    else:
        form = f'{{{{.Label "{_DIRECTORY_LABEL}"}}}}'
        done = docker.run("ps", "--all", "--format", form, "--filter", f"label={label}", timeout=30)
        named = done.stdout.decode(errors="surrogateescape").splitlines()
    return {Path(directory) for directory in named if directory}


def health_seconds(docker: Docker, project: str) -> float:
    """How long the slowest health check of a project's containers may take to its verdict; 0 where there is none.

    Its start period, and then as many failures as it allows (https://docs.docker.com/reference/dockerfile/#healthcheck).
    """
    return max((_verdict_seconds(check) for check in _health_checks(docker, project)), default=0.0)


def _health_checks(docker: Docker, project: str) -> list[Mapping[str, Any]]:
    ids = container_ids(docker, project)
    if docker.endpoint.socket_path is not None:
        found = [docker.find(f"/containers/{container}/json") for container in ids]
    else:
        done = docker.run("container", "inspect", *ids, check=False, timeout=30) if ids else None
        found = json.loads(done.stdout or b"[]") if done else []
    return [one["Config"].get("Healthcheck") or {} for one in found if one]  # one may have gone meanwhile


def _verdict_seconds(check: Mapping[str, Any]) -> float:
    if not check.get("Test") or check["Test"] == ["NONE"]:
        return 0.0
    once = sum(check.get(name) or _HEALTH_DEFAULT for name in ("Interval", "Timeout"))
    return float((check.get("StartPeriod") or 0) + (check.get("Retries") or _HEALTH_RETRIES) * once) / 1e9


def of_service(labels: Mapping[str, str] | None) -> bool:
    """Whether labels are those of a service's container, and not of one of `compose run`."""
    return labels is not None and SERVICE_LABEL in labels and labels.get(ONE_OFF_LABEL) != "True"


def _rank(state: ServiceState) -> int:
    if state.ready:
        return 0
    return 1 if state.state == "running" else 2


def state_from_summary(found: Mapping[str, Any]) -> ServiceState:
    """One element of GET /containers/json; health and exit code stand only in its `Status` text."""
    state = _STATES.get(str(found.get("State", "")).lower(), "exited")
    text = str(found.get("Status", ""))
    health = _HEALTH.search(text)
    ended = _EXIT.match(text)
    ports = {
        PublishedPort(port.get("IP", ""), port["PublicPort"], port["PrivatePort"], port.get("Type", "tcp"))
        for port in found.get("Ports") or ()
        if port.get("PublicPort")
    }
    return ServiceState(
        name=found["Labels"][SERVICE_LABEL],
        state=state,
        health=cast("Health", health[1]) if health and state == "running" else None,
        image=found.get("Image", ""),
        exit_code=int(ended[1]) if ended else None,
        ports=_sorted(ports),
        container=found["Id"],
        image_id=found.get("ImageID", ""),
    )


def inspection_from_json(found: Mapping[str, Any]) -> Inspection:
    """The engine's answer to GET /containers/ID/json."""
    state, config, host = found["State"], found["Config"], found.get("HostConfig") or {}
    status = _STATES.get(str(state.get("Status", "")).lower(), "exited")
    health = state.get("Health") or {}
    named = str(health.get("Status", "")).lower()
    published = (found.get("NetworkSettings") or {}).get("Ports") or {}
    ports = {
        PublishedPort(
            bound.get("HostIp", ""),
            int(bound["HostPort"]),
            int(target.partition("/")[0]),
            target.partition("/")[2] or "tcp",
        )
        for target, bindings in published.items()
        for bound in bindings or ()
        if bound.get("HostPort")
    }
    labels = config.get("Labels") or {}
    number = str(labels.get(_NUMBER_LABEL, ""))
    known = named in ("healthy", "unhealthy", "starting")
    service = ServiceState(
        name=labels.get(SERVICE_LABEL, ""),
        state=status,
        health=cast("Health", named) if known and status == "running" else None,
        image=config.get("Image", ""),
        exit_code=state.get("ExitCode") if status in ("exited", "restarting") else None,
        ports=_sorted(ports),
        container=found["Id"],
        image_id=str(found.get("Image", "")),
    )
    return Inspection(
        service=service,
        name=str(found.get("Name", "")).lstrip("/"),
        restart_policy=(host.get("RestartPolicy") or {}).get("Name") or "no",
        restarts=int(found.get("RestartCount") or 0),
        started=moment(str(state.get("StartedAt", ""))),
        out_of_memory=bool(state.get("OOMKilled")),
        start_error=str(state.get("Error") or ""),
        probes=tuple(_probe(run) for run in health.get("Log") or ()),
        command=(str(found.get("Path", "")), *(str(word) for word in found.get("Args") or ())),
        number=int(number) if number.isdigit() else 0,
        created=moment(str(found.get("Created", ""))),
        binds=tuple(
            Bind(Path(str(mount["Source"])), PurePosixPath(str(mount["Destination"])))
            for mount in found.get("Mounts") or ()
            if mount.get("Type") == "bind"
        ),
        finished=moment(str(state.get("FinishedAt", ""))),
        failing_streak=int(health.get("FailingStreak") or 0),
    )


def _probe(run: Mapping[str, Any]) -> Probe:
    started, ended = str(run.get("Start", "")), str(run.get("End", ""))
    return Probe(started, int(run.get("ExitCode", 0)), str(run.get("Output", "")), ended)


def moment(text: str) -> float:
    """`2026-11-23T11:37:51.296527273Z` as seconds since the epoch; below 0 where it is none.

    The engine says year 1 for never.
    """
    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError:
        return -1.0


def _sorted(ports: set[PublishedPort]) -> tuple[PublishedPort, ...]:
    return tuple(sorted(ports, key=lambda port: (port.target, port.protocol, port.host, port.published)))
