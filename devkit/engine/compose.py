"""Docker Compose for one project: the plain commands, and the states of its services."""

from __future__ import annotations

import json
import re
import subprocess
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from devkit.engine.containers import inspect, service_states
from devkit.engine.docker import Docker, command_error
from devkit.engine.state import ServiceState
from devkit.project.errors import CommandError

EVERY_PROFILE = ("--profile", "*")
"""In front of what is about all containers: Compose leaves those alone whose profile is not named, and then cannot
remove the network that they are in.
"""

_KEPT_LINES = 40
# what compose says when a `depends_on: condition: service_healthy` cannot be met
_DEPENDENCY = re.compile(r"container (\S+) (?:is unhealthy|exited \((\d+)\))")


@dataclass(frozen=True)
class Compose:
    """A compose project: its directory (where compose.yaml lies) and its name."""

    docker: Docker
    directory: Path
    project: str

    def command(self, *args: str) -> tuple[str, ...]:
        """The arguments of the docker command: what a person would type, and which project is meant."""
        return ("compose", "--project-directory", str(self.directory), "-p", self.project, *args)

    def run(
        self,
        *args: str,
        check: bool = True,
        input: bytes | None = None,
        timeout: float | None = None,
    ) -> subprocess.CompletedProcess[bytes]:
        """A compose command with its output captured; CommandError as `Docker.run` raises it."""
        command = self.command(*args)
        return self.docker.run(*command, check=check, input=input, timeout=timeout, cwd=self.directory)

    def stream(self, *args: str, on_line: Callable[[str], None]) -> int:
        """A compose command's lines as they come; its exit status."""
        return self.docker.stream(*self.command(*args), on_line=on_line, cwd=self.directory)

    def config(self) -> dict[str, Any]:
        """The project as Compose understands it, variables and overrides resolved; it holds secrets."""
        return cast("dict[str, Any]", json.loads(self.run("config", "--format", "json").stdout))

    def service_names(self) -> list[str]:
        """The names of the services that `up` would start, sorted; also while variables that they need are missing."""
        return sorted(self.run("config", "--services", "--no-interpolate").stdout.decode().split())

    def services(self, names: Sequence[str] = ()) -> list[ServiceState]:
        """Each service that has a container, and as `missing` those of `names` that have none; by name."""
        states = service_states(self.docker, self.project)
        known = {state.name for state in states}
        missing = [ServiceState(name, "missing") for name in names if name not in known]
        return sorted([*states, *missing], key=lambda state: state.name)

    def up(self, services: Sequence[str] = (), *, on_line: Callable[[str], None]) -> None:
        """Create and start services, in the background; `health.wait_healthy` waits for them.

        Raises UnhealthyServiceError where a service that others depend on failed, else CommandError.
        """
        status, said = self._streamed("up", "--detach", *services, on_line=on_line)
        if status == 0:
            return
        if gone := _DEPENDENCY.findall(said):
            self._raise_for(gone)
        raise _failed("up", status, said)

    def _raise_for(self, gone: Sequence[tuple[str, str]]) -> None:
        """UnhealthyServiceError for the first of these containers, each with its exit code or none."""
        from devkit.engine.diagnosis import UnhealthyServiceError, diagnose, exit_reason

        for name, code in gone:
            if found := inspect(self.docker, name):
                why = exit_reason(int(code), out_of_memory=found.out_of_memory) if code else "is unhealthy"
                raise UnhealthyServiceError(diagnose(self.docker, found.service.name, found, why))

    def down(self, volumes: bool = False, *, on_line: Callable[[str], None] = lambda _line: None) -> None:
        """Stop and remove containers and networks, those of profiles among them; with `volumes` the data too."""
        options = ("--remove-orphans", *(["--volumes"] if volumes else []))
        self._do("down", *options, on_line=on_line, flags=EVERY_PROFILE)

    def stop(self, services: Sequence[str] = (), *, on_line: Callable[[str], None]) -> None:
        """Stop containers, those of profiles among them, and keep them."""
        self._do("stop", *services, on_line=on_line, flags=() if services else EVERY_PROFILE)

    def restart(self, services: Sequence[str] = (), *, on_line: Callable[[str], None]) -> None:
        """Restart containers."""
        self._do("restart", *services, on_line=on_line)

    def exec(
        self,
        service: str,
        *command: str,
        check: bool = True,
        input: bytes | None = None,
        timeout: float | None = None,
    ) -> subprocess.CompletedProcess[bytes]:
        """A program inside a running service, without a terminal, its output captured."""
        return self.run("exec", "-T", service, *command, check=check, input=input, timeout=timeout)

    def _do(self, action: str, *args: str, on_line: Callable[[str], None], flags: Sequence[str] = ()) -> None:
        """CommandError with Compose's own words where it fails; `flags` stand before the action."""
        status, said = self._streamed(*flags, action, *args, on_line=on_line)
        if status != 0:
            raise _failed(action, status, said)

    def _streamed(self, *args: str, on_line: Callable[[str], None]) -> tuple[int, str]:
        """How the command ended, and its last lines."""
        kept: deque[str] = deque(maxlen=_KEPT_LINES)

        def keep(line: str) -> None:
            kept.append(line)
            on_line(line)

        status = self.stream("--progress", "plain", *args, on_line=keep)
        return status, "\n".join(kept)


def _failed(action: str, status: int, said: str) -> CommandError:
    from devkit.engine.causes import likely_cause  # what did well needs none

    error = command_error(("compose", action), status, said)
    if cause := likely_cause(said):
        error.hint = f"likely cause: {cause}"
    return error
