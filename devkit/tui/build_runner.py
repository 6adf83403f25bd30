"""Builds run beside the app, one at a time: a `devkit build` that tells its events, and ends with the app."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from devkit.delivery.build_lines import EventReader
from devkit.doctor.found import error_in
from devkit.engine.dockerfile import Dockerfile, parse_dockerfile
from devkit.project.errors import FailedError
from devkit.setup import child
from devkit.tui.shown_build import Phase, ShownBuild

_KEPT = 20
_ERROR = "devkit: "


@dataclass(frozen=True)
class Wanted:
    """What is to be built: a stage, or with none what compose.yaml names."""

    stage: str = ""
    no_cache: bool = False

    @property
    def words(self) -> tuple[str, ...]:
        """Behind `devkit`."""
        return ("build", *([self.stage] if self.stage else []), *(["--no-cache"] if self.no_cache else []))

    @property
    def plain(self) -> str:
        """As a person would type it."""
        return " ".join(("devkit", *self.words))


class BuildRunner:
    """Builds of the project in `root`. `on_event` hears that there is something new of the build."""

    def __init__(self, root: Path, on_event: Callable[[ShownBuild], None]) -> None:
        self.build: ShownBuild | None = None
        """The one that runs, or the last one."""

        self.wanted = Wanted()
        self.asked_to_stop = False
        self._root = root
        self._on_event = on_event
        self._task: asyncio.Task[None] | None = None
        self._stop = child.Stop()

    @property
    def runs(self) -> bool:
        """Whether a build is under way."""
        return self._task is not None and not self._task.done()

    def start(self, wanted: Wanted) -> asyncio.Task[None]:
        """Build now. FailedError while another one runs: both would want the machine."""
        if self.runs:
            raise FailedError("a build is under way", "s stops it")
        self.wanted, self.asked_to_stop = wanted, False
        self.build = ShownBuild(wanted.stage)
        self._stop = child.Stop()
        self._task = asyncio.create_task(self._run(self.build, wanted))
        return self._task

    def stop(self) -> None:
        """Ask the build to end; asked a second time it is killed."""
        self.asked_to_stop = True
        self._stop.ask()

    async def close(self) -> None:
        """End what runs, and wait until nothing does any more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})

    async def _run(self, build: ShownBuild, wanted: Wanted) -> None:
        reader, said = EventReader(), deque[str](maxlen=_KEPT)
        reading: asyncio.Task[None] | None = None

        def heard(line: bytes) -> None:
            nonlocal reading
            event = reader.read(line)
            if event is None:
                text = line.decode(errors="replace")
                said.append(error_in(text) or text)
                return
            build.take(event, time.monotonic())
            if build.dockerfile_path and reading is None:
                reading = asyncio.create_task(_read(build))
            self._on_event(build)

        def erred(line: bytes) -> None:
            said.append(line.decode(errors="replace").removeprefix(_ERROR))

        words = ("--quiet", "--json", *wanted.words, "--lines")
        try:
            status = await child.run(self._root, words, heard, on_error=erred, stop=self._stop)
            if status and not self.asked_to_stop and not build.problem:
                why = next((text for text in said if text.strip()), f"devkit build ended with status {status}")
                build.fail(why.strip())
            if self.asked_to_stop and build.phase is not Phase.DONE:
                build.phase, build.problem = Phase.CANCELLED, ""
        except OSError as error:
            build.fail(f"devkit cannot be run: {error.strerror}")
        finally:
            if reading is not None:
                await asyncio.gather(reading, return_exceptions=True)
            build.close(time.monotonic())
            self._on_event(build)


async def _read(build: ShownBuild) -> None:
    """Keep the Dockerfile as it is now: it may be edited while it is built."""
    build.dockerfile = await asyncio.to_thread(read_dockerfile, Path(build.dockerfile_path))


def read_dockerfile(path: Path) -> Dockerfile | None:
    """The file, read; None where it cannot be."""
    try:
        return parse_dockerfile(path.read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return None
