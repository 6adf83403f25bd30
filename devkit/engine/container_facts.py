"""A container's inspection for reading: what matters first, and never the values of its environment."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from devkit.engine.containers import inspection_from_json

HIDDEN = "***"
_NANOSECONDS = 1_000_000_000
_MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Section:
    """Some facts that belong together: each a name and a text, which may have several lines."""

    title: str
    facts: tuple[tuple[str, str], ...]


def sections(found: Mapping[str, Any]) -> tuple[Section, ...]:
    """What GET /containers/ID/json says, as a person looks for it; sections without a fact are left out."""
    kept = []
    for title, facts in _SECTIONS.items():
        said = tuple((name, text) for name, text in facts(found) if text)
        if said:
            kept.append(Section(title, said))
    return tuple(kept)


def without_values(found: Mapping[str, Any]) -> dict[str, Any]:
    """The same inspection, with names only in its environment."""
    config = dict(found.get("Config") or {})
    config["Env"] = [f"{name}={HIDDEN}" for name in environment(found)]
    return {**found, "Config": config}


def environment(found: Mapping[str, Any]) -> dict[str, str]:
    """The container's variables, values included: for whoever has to hide them."""
    pairs = (str(entry).partition("=") for entry in (found.get("Config") or {}).get("Env") or ())
    return {name: value for name, _, value in pairs}


def _container(found: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    state, inspected = found.get("State") or {}, inspection_from_json(found)
    yield "name", inspected.name
    yield "id", str(found["Id"])[:12]
    yield "image", inspected.service.image
    yield "image id", str(found.get("Image", "")).removeprefix("sha256:")[:12]
    yield "state", _state(inspected.service.state, state)
    yield "created", _moment(found.get("Created"))
    yield "started", _moment(state.get("StartedAt"))
    yield "ended", _moment(state.get("FinishedAt"))
    yield "restarts", str(inspected.restarts or "")
    yield "restart policy", _restart_policy(found)


def _command(found: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    config, host = found.get("Config") or {}, found.get("HostConfig") or {}
    yield "runs", shlex.join(inspection_from_json(found).command)
    yield "in", str(config.get("WorkingDir") or "")
    yield "as", str(config.get("User") or "")
    yield "init", "docker-init is process 1" if host.get("Init") else ""
    yield "memory limit", f"{host['Memory'] // _MEGABYTE} MiB" if host.get("Memory") else ""
    yield "cpu limit", f"{host['NanoCpus'] / _NANOSECONDS:g}" if host.get("NanoCpus") else ""


def _ports(found: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    published = inspection_from_json(found).service.ports
    for port in published:
        yield f"{port.target}/{port.protocol}", f"{port.host}:{port.published}"
    shown = {f"{port.target}/{port.protocol}" for port in published}
    for name in (found.get("Config") or {}).get("ExposedPorts") or ():
        if name not in shown:
            yield name, "not published"


def _mounts(found: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for mount in found.get("Mounts") or ():
        source = mount.get("Name") or mount.get("Source") or mount.get("Type", "")
        kind = "" if mount.get("Type") == "bind" else f"{mount.get('Type')} "
        yield str(mount.get("Destination", "")), f"{kind}{source}{'' if mount.get('RW', True) else ' (read-only)'}"


def _networks(found: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, network in ((found.get("NetworkSettings") or {}).get("Networks") or {}).items():
        aliases = ", ".join(str(alias) for alias in network.get("Aliases") or ())
        yield name, " ".join(filter(None, (network.get("IPAddress"), f"as {aliases}" if aliases else "")))


def _health(found: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    check = (found.get("Config") or {}).get("Healthcheck") or {}
    test = [str(word) for word in check.get("Test") or ()]
    if not test or test == ["NONE"]:
        return
    yield "check", test[1] if test[0] == "CMD-SHELL" and len(test) > 1 else shlex.join(test[1:])
    for name, key in (("every", "Interval"), ("at most", "Timeout"), ("start period", "StartPeriod")):
        yield name, f"{check[key] / _NANOSECONDS:g} s" if check.get(key) else ""
    yield "retries", str(check.get("Retries") or "")
    inspected = inspection_from_json(found)
    yield "now", str(inspected.service.health or "")
    yield "failed in a row", str(inspected.failing_streak or "")
    for probe in reversed(inspected.probes):
        yield _moment(probe.started), f"status {probe.exit_code}\n{probe.output.strip()}".strip()


def _environment(found: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name in sorted(environment(found)):
        yield name, HIDDEN


def _labels(found: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in sorted(((found.get("Config") or {}).get("Labels") or {}).items()):
        yield name, str(value)


_SECTIONS = {
    "Container": _container,
    "Command": _command,
    "Health": _health,
    "Ports": _ports,
    "Mounts": _mounts,
    "Networks": _networks,
    "Environment (names only)": _environment,
    "Labels": _labels,
}


def _state(named: str, state: Mapping[str, Any]) -> str:
    if named == "running":
        return f"running, process {state.get('Pid')} of the engine's machine"
    said = f"{named} with status {state.get('ExitCode')}" if named == "exited" else named
    return f"{said}: out of memory" if state.get("OOMKilled") else said


def _restart_policy(found: Mapping[str, Any]) -> str:
    policy = (found.get("HostConfig") or {}).get("RestartPolicy") or {}
    most = policy.get("MaximumRetryCount")
    return f"{policy.get('Name') or 'no'}{f', at most {most} times' if most else ''}"


def _moment(text: object) -> str:
    """To the second, as the engine says it; empty for never, which is year 1."""
    said = str(text or "")
    return "" if said.startswith("0001-") else said[:19].replace("T", " ")
