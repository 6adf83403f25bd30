"""What is done to services: the plain docker command of each, run beside the app."""

from __future__ import annotations

import asyncio
import shlex
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from devkit.engine.children import end_group
from devkit.engine.compose import Compose
from devkit.engine.live_services import LiveService
from devkit.tui.child import lines_of

_KEPT = 20
_STOP_SECONDS = 0.5
"""The app is left within a second; what the engine was asked for it does all the same."""


@dataclass(frozen=True)
class Action:
    """One command of Compose, and what it is called while it runs; with `question` it is asked first."""

    title: str
    words: tuple[str, ...]
    question: str = ""

    @property
    def plain(self) -> str:
        """The command as a person would type it in the project's directory."""
        return shlex.join(("docker", "compose", *self.words))


def start_or_stop(service: LiveService) -> Action:
    """What `s` does, by how the service is now and not as it was when the key was thought of."""
    state = service.state.state
    if state in ("running", "restarting", "paused"):
        return Action(f"stopping {service.name}", ("stop", service.name))
    return start(service)


def start(service: LiveService) -> Action:
    """Start it: as it is where it has a container."""
    return Action(f"starting {service.name}", ("up", "--detach", "--no-recreate", service.name))


def restart(service: LiveService) -> Action:
    """Restart its containers."""
    return Action(f"restarting {service.name}", ("restart", service.name))


def recreate(service: LiveService) -> Action:
    """New containers, of an image that is built anew where the service has a build."""
    words = ("up", "--detach", "--build", "--force-recreate", "--no-deps", service.name)
    return Action(f"rebuilding {service.name}", words)


def remove(service: LiveService) -> Action:
    """Stop it and take its containers away."""
    question = f"Remove the containers of {service.name}? Its volumes stay."
    return Action(f"removing {service.name}", ("rm", "--stop", "--force", service.name), question)


def up() -> Action:
    """Start everything."""
    return Action("starting all services", ("up", "--detach"))


def down() -> Action:
    """Stop and remove everything but the data."""
    return Action("stopping all services", ("down",), "Stop and remove all containers? Data stays.")


async def run(compose: Compose, action: Action, on_line: Callable[[str], None]) -> str:
    """Run it to its end; empty where it did well, else why not. Cancelled, it ends with all its children."""
    lines: deque[str] = deque(maxlen=_KEPT)
    child = await asyncio.create_subprocess_exec(
        str(compose.docker.binary),
        *compose.command("--progress", "plain", *action.words),
        cwd=compose.directory,
        env=compose.docker.environment(),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        process_group=0,
    )
    try:
        assert child.stdout is not None
        async for line in lines_of(child.stdout):
            if text := line.decode("utf-8", errors="replace").strip():
                lines.append(text)
                on_line(text)
        status = await child.wait()
    finally:
        await end_group(child, _STOP_SECONDS)
    return "" if status == 0 else (lines[-1] if lines else f"it ended with status {status}")
