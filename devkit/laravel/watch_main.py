"""What the watcher's process runs: it watches as long as the app does. Started by `watch_process.start`."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path

from devkit.engine.containers import PROJECT_LABEL, SERVICE_LABEL, service_states
from devkit.engine.docker import Docker, find_docker
from devkit.engine.events import Event, engine_events
from devkit.engine.state import ServiceState
from devkit.laravel.host_watcher import restart_on_change
from devkit.laravel.watch_process import READY, registered
from devkit.project.errors import DevkitError
from devkit.project.paths import ProjectPaths
from devkit.project.services import APP

_COMES_BACK_SECONDS = 10.0
"""A restart ends the container and starts it again; one that stays away for so long was stopped."""


def main(arguments: Sequence[str]) -> int:
    """Watch the project ROOT of the Compose project NAME; READY is the descriptor of a pipe that is told of it."""
    root, project, ready = Path(arguments[0]), arguments[1], int(arguments[2])
    os.set_inheritable(ready, False)
    failed = False
    try:
        with registered(ProjectPaths(root)):
            asyncio.run(watch_while_the_app_runs(find_docker(), project, root, ready))
    except* (DevkitError, OSError) as errors:  # from either task: the engine's events, or the watch
        say(" ".join(str(error) for error in _single(errors)))
        failed = True
    return int(failed)


async def watch_while_the_app_runs(docker: Docker, project: str, root: Path, ready: int) -> None:
    """Restart the app's workers after each save, until the app or the engine stops, or this process is told to end."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    filters = {
        "type": ["container"],
        "label": [f"{PROJECT_LABEL}={project}", f"{SERVICE_LABEL}={APP}"],
        "event": ["start", "die", "destroy"],
    }
    async with engine_events(docker, filters) as events:
        app = _App(docker, project)
        if not app.runs:
            say("the app does not run: nothing to watch for")
            return
        say(f"watching {root}")
        os.write(ready, READY)
        os.close(ready)
        async with asyncio.TaskGroup() as group:
            group.create_task(_follow(events, app, stop))
            group.create_task(
                restart_on_change(docker, lambda: app.container, root, stop=stop, on_restart=_tell_of_restart)
            )
    say("ended")


class _App:
    """The app's container, as the engine's events tell of it; empty while there is none that runs."""

    def __init__(self, docker: Docker, project: str) -> None:
        self._docker = docker
        self._project = project
        state = self._state()
        self.container = state.container if state is not None and state.state == "running" else ""

    @property
    def runs(self) -> bool:
        return bool(self.container)

    def take(self, event: Event) -> None:
        if event.action == "start":
            self.container = event.actor
        elif event.actor == self.container:
            self.container = ""

    def is_coming_back(self) -> bool:
        """Whether the engine restarts it: a crash that repeats is started again after ever longer pauses."""
        state = self._state()
        return state is not None and state.state in ("running", "restarting")

    def _state(self) -> ServiceState | None:
        return next((state for state in service_states(self._docker, self._project) if state.name == APP), None)


async def _follow(events: AsyncIterator[Event], app: _App, stop: asyncio.Event) -> None:
    """Follow the app's container by the engine's events, and set `stop` when it is gone for good."""
    reading = asyncio.ensure_future(anext(events))
    stopping = asyncio.ensure_future(stop.wait())
    patience: float | None = None
    try:
        while not stop.is_set():
            await asyncio.wait({reading, stopping}, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
            if reading.done():
                app.take(reading.result())
                reading = asyncio.ensure_future(anext(events))
                patience = None if app.runs else _COMES_BACK_SECONDS
            elif not stop.is_set():
                patience = None  # its next event is waited for, however long that takes
                if not app.is_coming_back():
                    say("the app has stopped")
                    return
    finally:
        stop.set()
        reading.cancel()
        stopping.cancel()
        await asyncio.wait({reading, stopping})


def _tell_of_restart(names: tuple[str, ...], failure: str | None) -> None:
    shown = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
    say(f"{shown}: {'workers restarted' if failure is None else f'workers not restarted: {failure}'}")


def _single(errors: BaseExceptionGroup[Exception]) -> Iterator[BaseException]:
    for error in errors.exceptions:
        if isinstance(error, BaseExceptionGroup):
            yield from _single(error)
        else:
            yield error


def say(text: str) -> None:
    """A line for the log, with the time."""
    print(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
