"""Which container publishes a port of this machine, and which ports the engine may publish."""

from __future__ import annotations

import re

from devkit.engine.containers import PROJECT_LABEL, list_summaries
from devkit.engine.docker import Docker
from devkit.engine.info import engine_info
from devkit.project import ports


def container_holding(docker: Docker, port: int) -> str | None:
    """The name of the running container that publishes the TCP port on the host, or None."""
    for name, published in _published(docker):
        if (port, "tcp") in published:
            return name
    return None


def project_ports(docker: Docker, project: str) -> set[int]:
    """The host ports that a compose project's own running containers hold."""
    label = f"{PROJECT_LABEL}={project}"
    return {port for _name, published in _published(docker, label) for port, _protocol in published}


def port_holder(docker: Docker | None, port: int) -> str | None:
    """Who holds a port, in words: `container NAME`, `process nginx (pid 12)`, or None where nobody is seen."""
    if docker is not None and (name := container_holding(docker, port)):
        return f"container {name}"
    return ports.holder(port)


def binds_low_ports(docker: Docker) -> bool:
    """Whether the engine publishes ports that need privileges: a rootless one has no more of these than its user."""
    options = engine_info(docker).get("SecurityOptions") or ()
    return not any("rootless" in str(option) for option in options)


def _published(docker: Docker, label: str = "") -> list[tuple[str, set[tuple[int, str]]]]:
    """Names of running containers with what they publish: (port, protocol)."""
    if docker.endpoint.socket_path is not None:
        filters = {"label": [label]} if label else {}
        return [
            (
                str((found.get("Names") or [found["Id"][:12]])[0]).lstrip("/"),
                {
                    (int(port["PublicPort"]), str(port.get("Type", "tcp")))
                    for port in found.get("Ports") or ()
                    if port.get("PublicPort")
                },
            )
            for found in list_summaries(docker, filters, stopped=False)
        ]
    options = ["--filter", f"label={label}"] if label else []
    rows = docker.json_lines("ps", "--format", "{{json .}}", *options)
    return [(str(row["Names"]), published_in(str(row["Ports"]))) for row in rows]


def published_in(text: str) -> set[tuple[int, str]]:
    """What `docker ps` shows as ports: `127.0.0.1:8080->80/tcp, 0.0.0.0:7000-7001->7000-7001/tcp, 9000/tcp`."""
    found = set()
    for first, last, protocol in re.findall(r":(\d+)(?:-(\d+))?->[\d-]+/(\w+)", text):
        found |= {(port, protocol) for port in range(int(first), int(last or first) + 1)}
    return found
