"""What is done to services: the plain docker command of each, run beside the app."""

from __future__ import annotations

import asyncio
import shlex
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from devkit.engine.children import end_group
from devkit.engine.live_services import LiveService
from devkit.setup.child import lines_of

if TYPE_CHECKING:
    from devkit.engine.compose import Compose

_KEPT = 20
_NAMED = 3
_STOP_SECONDS = 0.5
"""The app is left within a second; what the engine was asked for it does all the same."""


@dataclass(frozen=True)
class Action:
    """One command of Compose, and what it is called while it runs; with `question` it is asked first.

    Without `compose` it is one of docker itself.
    """

    title: str
    words: tuple[str, ...]
    question: str = ""
    compose: bool = True

    @property
    def plain(self) -> str:
        """The command as a person would type it in the project's directory."""
        return shlex.join(("docker", *(("compose",) if self.compose else ()), *self.words))


def is_up(service: LiveService) -> bool:
    """Whether there is something to stop."""
    return service.state.state in ("running", "restarting", "paused")


def start_or_stop(*services: LiveService) -> Action:
    """What `s` does, by how the services are now and not as they were when the key was thought of."""
    if running := [one for one in services if is_up(one)]:
        return stop(*running)
    return start(*services)


def start(*services: LiveService) -> Action:
    """Start them: as they are where they have containers."""
    words = ("up", "--detach", "--no-recreate", *_scales(services))
    return _action("starting", services, words)


def stop(*services: LiveService) -> Action:
    """Stop their containers, and keep them."""
    return _action("stopping", services, ("stop",))


def restart(*services: LiveService) -> Action:
    """Restart their containers; Compose says nothing of a service that has none: it is started where no other has."""
    present = [one for one in services if one.containers]
    return _action("restarting", present, ("restart",)) if present else start(*services)


def recreate(*services: LiveService) -> Action:
    """New containers of the same image, with what compose.yaml says now."""
    words = ("up", "--detach", "--force-recreate", "--no-deps", *_scales(services))
    return _action("recreating", services, words)


def rebuild(*services: LiveService) -> Action:
    """New containers, of an image that is built anew where the service has a build."""
    words = ("up", "--detach", "--build", "--force-recreate", "--no-deps", *_scales(services))
    return _action("rebuilding", services, words)


def pause(*services: LiveService) -> Action:
    """Let their processes stand still, or go on."""
    if all(one.state.state == "paused" for one in services):
        return _action("unpausing", services, ("unpause",))
    return _action("pausing", services, ("pause",))


def remove(*services: LiveService) -> Action:
    """Stop them and take their containers away."""
    question = f"Remove the containers of {named(services)}? The volumes stay."
    return _action("removing", services, ("rm", "--stop", "--force"), question)


def up(*services: LiveService) -> Action:
    """Start everything; `services` are all that there are now."""
    return Action("starting all services", ("up", "--detach", *_scales(services)))


def down(*services: LiveService) -> Action:
    """Stop and remove everything but the data. Compose leaves services of profiles alone that are not named."""
    from devkit.engine.compose import EVERY_PROFILE

    all_profiles = EVERY_PROFILE if any(one.profiles and one.containers for one in services) else ()
    return Action("stopping all services", (*all_profiles, "down"), "Stop and remove all containers? Data stays.")


def profile(name: str, services: Sequence[LiveService], *, off: bool) -> Action:
    """Start the services of a profile, or stop them."""
    names = [one.name for one in services]
    if off:
        return Action(f"stopping profile {name}", ("--profile", name, "stop", *names))
    words = ("--profile", name, "up", "--detach", "--no-recreate", *_scales(services), *names)
    return Action(f"starting profile {name}", words)


def named(services: Sequence[LiveService]) -> str:
    """Their names for a sentence; how many there are where they would be a long list."""
    names = [one.name for one in services]
    return f"{len(names)} services" if len(names) > _NAMED else ", ".join(names)


def _action(doing: str, services: Sequence[LiveService], words: tuple[str, ...], question: str = "") -> Action:
    names = [one.name for one in services]
    profiles = dict.fromkeys(one.profiles[0] for one in services if one.profiles)
    flags = [word for profile in profiles for word in ("--profile", profile)]
    return Action(f"{doing} {named(services)}", (*flags, *words, *names), question)


def _scales(services: Iterable[LiveService]) -> list[str]:
    """What keeps the number of containers: `up` would go back to the number in compose.yaml."""
    scaled = [one for one in services if len(one.containers) > 1]
    return [word for one in scaled for word in ("--scale", f"{one.name}={len(one.containers)}")]


async def run(compose: Compose, action: Action, on_line: Callable[[str], None]) -> str:
    """Run it to its end; empty where it did well, else why not. Cancelled, it ends with all its children."""
    lines: deque[str] = deque(maxlen=_KEPT)
    child = await asyncio.create_subprocess_exec(
        str(compose.docker.binary),
        *(compose.command("--progress", "plain", *action.words) if action.compose else action.words),
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
