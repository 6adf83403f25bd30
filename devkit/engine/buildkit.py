"""BuildKit builds: what they say of themselves (`--progress=rawjson`), and which builder sees local images."""

from __future__ import annotations

import base64
import json
import re
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from devkit.engine.build_events import BuildStep, OnStepEvent, StepEnded, StepOutput, StepStarted
from devkit.engine.docker import Docker
from devkit.engine.dockerfile import Dockerfile
from devkit.engine.step_name import StepName, parse_step_name, shorten
from devkit.project.errors import CommandError

KEPT_LINES = 25
"""So many of a step's last lines are kept, to say why it failed."""

_ESCAPE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|[@-Z\\^_])")
_TAIL = re.compile(r"^[^:]+:\d+$")
"""`Dockerfile:12`: the last words of a build begin so where BuildKit shows the lines that failed."""


@dataclass
class _Vertex:
    """What is known of one vertex; work that was interrupted and taken up again has more than one interval."""

    digest: str
    name: str = ""
    error: str = ""
    cached: bool = False
    intervals: dict[str, str] = field(default_factory=dict)
    logs: deque[str] = field(default_factory=lambda: deque(maxlen=KEPT_LINES))
    unfinished: dict[int, bytes] = field(default_factory=dict)
    is_announced: bool = False
    is_ended: bool = False

    @property
    def started(self) -> datetime:
        return min(map(_time, self.intervals))

    @property
    def is_completed(self) -> bool:
        return bool(self.intervals) and bool(self.intervals[max(self.intervals, key=_time)])

    @property
    def seconds(self) -> float:
        if self.cached:
            return 0.0
        return round(sum(_seconds(started, ended) for started, ended in self.intervals.items() if ended), 3)


class BuildOutput:
    """Reads the lines of one build: `on_event` hears of each step when it begins, writes a line, and is over.

    With the `dockerfile` at hand steps are named as it has them. BuildKit's own names have the values of build
    arguments in them, and those of another build of the same step that the engine knows.
    The objects are BuildKit's SolveStatus (client/graph.go). buildx 0.13 prints each over several lines, later
    ones on one; what ends the build as an error follows as plain text.
    """

    def __init__(self, on_event: OnStepEvent = lambda _: None, dockerfile: Dockerfile | None = None) -> None:
        self._on_event = on_event
        self._dockerfile = dockerfile
        self._object: list[str] = []
        self._vertexes: dict[str, _Vertex] = {}
        self._failed: _Vertex | None = None
        self._text: deque[str] = deque(maxlen=KEPT_LINES)

    def feed(self, line: str) -> None:
        """One line of the build's output, or a piece of one that is very long."""
        if not self._object and not line.startswith("{"):
            if line.strip():
                self._text.append(_plain(line))
            return
        self._object.append(line)
        if not line.endswith("}"):
            return
        try:
            # No line end between them: JSON does without, and a piece may end within a word.
            message = json.loads("".join(self._object))
        except ValueError:
            return
        self._object.clear()
        for vertex in message.get("vertexes") or []:
            self._update(vertex)
        for log in message.get("logs") or []:
            self._log(log["vertex"], log.get("stream", 1), base64.b64decode(log.get("data") or ""))

    def steps(self) -> list[BuildStep]:
        """The Dockerfile's own steps that were completed, FROM lines left out: stages as they began, in their order."""
        stages: dict[str, list[BuildStep]] = {}
        completed = [vertex for vertex in self._vertexes.values() if vertex.is_completed]
        for vertex in sorted(completed, key=lambda vertex: vertex.started):
            step = self._step(vertex)
            if step is not None:
                stages.setdefault(step.stage, []).append(step)
        return [step for steps in stages.values() for step in sorted(steps, key=lambda step: step.number)]

    def bases(self) -> list[str]:
        """The images that stages began with, as BuildKit resolved them: with the registry's digest where it has one."""
        names = (parse_step_name(vertex.name) for vertex in self._vertexes.values())
        return [name.text.removeprefix("FROM ") for name in names if name is not None and name.is_base]

    def reason(self) -> str:
        """Why it failed, in one line: the step that did, and apt's complaint or the last that it said."""
        said = self._said()
        complaint = next((line for line in reversed(said) if line.startswith("E: ")), said[-1] if said else "")
        if complaint and self._failed is not None:
            return f"{shorten(self._title(self._failed), 60)}: {complaint.strip()}"
        return ([*self._said(), *self._last_words()] or [""])[-1].strip().removeprefix("ERROR: ")

    def why(self) -> str:
        """The last lines of the step that failed, its lines of the Dockerfile, and the build's own last words."""
        return "\n".join((*self._said(), *self._place(), *self._last_words()))

    def failure(self, what: str, hint: str, status: int) -> CommandError:
        """The error of a build that ended with this status; `detail` holds its last lines."""
        reason = self.reason() or f"status {status}"
        return CommandError(f"{what}: {reason}", hint, returncode=status, detail=self.why())

    def _last_words(self) -> list[str]:
        return [*self._text, *map(_plain, self._object)]

    def _said(self) -> list[str]:
        """The last lines of the step that failed."""
        if self._failed is None:
            return []
        unfinished = [_plain(data) for data in self._failed.unfinished.values()]
        return [line for line in (*self._failed.logs, *unfinished) if line]

    def _place(self) -> list[str]:
        """The lines of the Dockerfile that failed, where BuildKit does not show them itself."""
        if self._failed is None or self._dockerfile is None or any(map(_TAIL.match, self._text)):
            return []
        name = parse_step_name(self._failed.name)
        found = name and self._dockerfile.step(name.stage, name.number)
        return [f"Dockerfile:{found.line}", *self._dockerfile.excerpt(found)] if found else []

    def _title(self, vertex: _Vertex) -> str:
        step = self._step(vertex)
        return str(step) if step is not None and self._dockerfile is not None else vertex.name

    def _step(self, vertex: _Vertex) -> BuildStep | None:
        """The vertex as an instruction of the Dockerfile; None for FROM, and for BuildKit's own steps."""
        name = parse_step_name(vertex.name)
        if name is None or name.is_base:
            return None
        stage = self._dockerfile.stage_name(name.stage) if self._dockerfile is not None else name.stage
        text = self._own_text(name)
        return BuildStep(text, stage, vertex.cached, vertex.seconds, name.number, name.of, vertex.digest, vertex.error)

    def _own_text(self, name: StepName) -> str:
        found = self._dockerfile.step(name.stage, name.number) if self._dockerfile is not None else None
        keyword = name.text.partition(" ")[0].upper()
        return found.text if found is not None and found.keyword == keyword else name.text

    def _update(self, said: dict[str, Any]) -> None:
        # Known to the engine from another build it comes with that one's name: the digest is what it is.
        vertex = self._vertexes.setdefault(said["digest"], _Vertex(said["digest"]))
        vertex.name = said.get("name") or vertex.name
        vertex.error = said.get("error") or vertex.error
        vertex.cached = bool(said.get("cached")) or vertex.cached
        if started := said.get("started"):
            vertex.intervals[started] = said.get("completed") or vertex.intervals.get(started, "")
        # The others are cancelled after the first.
        if vertex.error and self._failed is None:
            self._failed = vertex
        self._tell(vertex)

    def _tell(self, vertex: _Vertex) -> None:
        step = self._step(vertex) if vertex.intervals and not vertex.is_ended else None
        if step is None:
            return
        if not vertex.is_announced and not vertex.cached:
            vertex.is_announced = True
            self._on_event(StepStarted(step))
        if vertex.is_completed:
            vertex.is_ended = True
            self._on_event(StepEnded(step))

    def _log(self, digest: str, stream: int, data: bytes) -> None:
        vertex = self._vertexes.setdefault(digest, _Vertex(digest))
        *lines, vertex.unfinished[stream] = (vertex.unfinished.get(stream, b"") + data).split(b"\n")
        step = self._step(vertex)
        for text in filter(None, map(_plain, lines)):
            vertex.logs.append(text)
            if step is not None:
                self._on_event(StepOutput(step, text))


def local_builder(docker: Docker) -> str:
    """The builder of the current context: another one (docker-container) sees none of the images that are here."""
    return docker.run("context", "show").stdout.decode().strip() or "default"


def _plain(line: bytes | str) -> str:
    """A line without colours, and of one that was written over (a progress bar) the last state."""
    text = line if isinstance(line, str) else line.decode(errors="replace")
    return _ESCAPE.sub("", text).rstrip().rpartition("\r")[2]


def _seconds(started: str, completed: str) -> float:
    return (_time(completed) - _time(started)).total_seconds()


def _time(text: str) -> datetime:
    """RFC 3339 with up to nine digits of a second, of which Python takes six."""
    return datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text).replace("Z", "+00:00"))
