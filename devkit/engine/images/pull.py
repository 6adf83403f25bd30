"""Official images: the pulls that fetch them, how far they are, and what to do about one that fails."""

from __future__ import annotations

from collections import deque

from devkit.engine.docker import Docker
from devkit.engine.images.catalogue import BaseImage
from devkit.engine.images.jobs import Job
from devkit.engine.images.progress import OnProgress, Progress
from devkit.engine.images.registry import mirrors_of
from devkit.project.errors import CommandError

KEPT_LINES = 15

_LOGIN = ("toomanyrequests", "denied", "unauthorized", "authentication", "no basic auth credentials")
_LACKING = ("not found", "manifest unknown", "no matching manifest")


def pull_job(docker: Docker, base: BaseImage, on_progress: OnProgress) -> Job:
    """The job that pulls one official image."""
    output = PullOutput()

    def on_line(line: str) -> None:
        if output.feed(line):
            on_progress(Progress(base.reference, "step", f"{output.complete} of {output.layers} layers"))

    def failure(status: int) -> CommandError:
        why = output.why() or f"status {status}"
        # The engine asks its mirrors first, and says only what Docker Hub said at last.
        mirrors = [mirror.rstrip("/") for mirror in mirrors_of(docker)]
        asked = f" from {', '.join(mirrors)} or Docker Hub" if mirrors else ""
        return CommandError(
            f"{base.reference} could not be pulled{asked}: {why}",
            advice(why, can_be_built=base.can_be_built),
            returncode=status,
            detail="\n".join(output.lines),
        )

    return Job(
        base.reference,
        (str(docker.binary), "pull", base.reference),
        on_line,
        failure,
        on_start=lambda: on_progress(Progress(base.reference, "started", "pulling")),
        on_done=lambda seconds: on_progress(Progress(base.reference, "done", "pulled", seconds)),
        environment=docker.environment(),
    )


class PullOutput:
    """Reads what `docker pull` says off a terminal: a line for each change of a layer (`4f4fb7: Pull complete`)."""

    def __init__(self) -> None:
        self.lines: deque[str] = deque(maxlen=KEPT_LINES)
        self._layers: dict[str, bool] = {}

    @property
    def layers(self) -> int:
        """How many layers the image has, as far as is known."""
        return len(self._layers)

    @property
    def complete(self) -> int:
        """How many of them are there."""
        return sum(self._layers.values())

    def feed(self, line: str) -> bool:
        """One line; whether one more layer is there after it."""
        if line.strip():
            self.lines.append(line)
        layer, _, state = line.partition(": ")
        before = self.complete
        if state in ("Pulling fs layer", "Waiting", "Already exists", "Pull complete"):
            self._layers[layer] = state in ("Already exists", "Pull complete")
        return self.complete > before

    def why(self) -> str:
        """The last line: what the engine says of a pull that failed."""
        return (self.lines[-1] if self.lines else "").strip().removeprefix("Error response from daemon: ")


def advice(why: str, *, can_be_built: bool) -> str:
    """What to do about a pull that failed, by the engine's words."""
    if any(word in why for word in _LOGIN):
        return "log in first: docker login"
    instead = ", or have a stand-in built: --images local" if can_be_built else ""
    if any(word in why for word in _LACKING):
        return f"see that the registry has this version{instead}"
    return f"see that the registry is in reach, and try again{instead}"
