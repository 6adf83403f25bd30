"""Finding a service's container by Compose's labels, and the host's directories in it: what `remembered` saves."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from devkit.engine.connection import deciding_files, find_endpoint
from devkit.engine.containers import ONE_OFF_LABEL, PROJECT_LABEL, SERVICE_LABEL
from devkit.engine.exec.command import BASH, SHELL, message
from devkit.engine.exec.endpoint import stamp
from devkit.engine.exec.remembered import Place, Remembered, settings_stamp
from devkit.engine.exec.wire import Wire
from devkit.project.errors import FailedError

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NUMBER_LABEL = "com.docker.compose.container-number"
_DESKTOP_PREFIXES = ("/host_mnt", "/run/desktop/mnt/host")
"""Below these Docker Desktop's virtual machine shows the host's directories."""


def find_engine(root: bytes) -> Remembered:
    """Where the engine is, with no service known yet. EngineError where a context is named that is none.

    The stamps are taken first: a file that changes meanwhile is read again by the next command.
    """
    files = {os.fsencode(path): stamp(os.fsencode(path)) for path in deciding_files()}
    settings = settings_stamp(root)
    return Remembered(settings, find_endpoint().host, files)


def find_service(wire: Wire, project: str, service: str) -> tuple[str, Place] | None:
    """A service's container as its state (`running`, `paused`, `exited`, …) and place; None where it has none.

    Of several it is a running one, and the one with the lowest number. FailedError where the engine refuses.
    """
    labels = [f"{PROJECT_LABEL}={project}", f"{SERVICE_LABEL}={service}"]
    found = _get(wire, f"/containers/json?all=1&filters={quote(json.dumps({'label': labels}))}") or []
    own = [entry for entry in found if entry["Labels"].get(ONE_OFF_LABEL) != "True"]
    if not own:
        return None
    chosen = min(own, key=_rank)
    inspected = _get(wire, f"/containers/{chosen['Id']}/json")
    if inspected is None:  # it went meanwhile
        return None
    workdir = inspected["Config"].get("WorkingDir") or "/"
    names = [entry.partition("=")[0] for entry in inspected["Config"].get("Env") or ()]
    shell = SHELL if all(_NAME.fullmatch(name) for name in names) else BASH
    return str(chosen["State"]).lower(), Place(chosen["Id"], _directories(inspected, workdir), shell)


def _rank(entry: Mapping[str, Any]) -> tuple[bool, int]:
    number = entry["Labels"].get(_NUMBER_LABEL, "")
    return entry["State"] != "running", int(number) if number.isdigit() else 0


def _directories(inspected: Mapping[str, Any], workdir: str) -> list[tuple[bytes, bytes]]:
    """Pairs of a host's directory and where it is mounted.

    A virtual machine may show the host's directories under names of its own. Then the project's directory, which
    Compose wrote into a label, is taken to be what is mounted where the container works.
    """
    pairs = []
    mounts: Sequence[Mapping[str, Any]] = inspected.get("Mounts") or ()
    for mount in mounts:
        if mount.get("Type") != "bind":
            continue
        source = _of_the_host(mount["Source"])
        if not os.path.isdir(source) and mount["Destination"] == workdir:  # noqa: PTH112 - bytes and text alike
            source = inspected["Config"]["Labels"].get("com.docker.compose.project.working_dir", "")
        if os.path.isdir(source):  # noqa: PTH112
            pairs.append((os.fsencode(os.path.realpath(source)), mount["Destination"].encode()))
    return pairs


def _of_the_host(source: str) -> str:
    for prefix in _DESKTOP_PREFIXES:
        inner = source.removeprefix(prefix)
        if inner != source and os.path.isdir(inner):  # noqa: PTH112
            return inner
    return source


def _get(wire: Wire, target: str) -> Any:
    """The JSON behind a GET; None for a container that is not there."""
    status, body = wire.request("GET", target)
    if status == 404:
        return None
    if status != 200:
        raise FailedError(f"the engine refused {target.partition('?')[0]}: {message(body)}", "devkit doctor")
    return json.loads(body)
