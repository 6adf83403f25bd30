"""BuildKit builds: what they say of themselves (`--progress=rawjson`), and which builder sees local images."""

from __future__ import annotations

import base64
import json
import re
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from devkit.engine.docker import Docker
from devkit.project.errors import CommandError

KEPT_LINES = 25
"""So many of a step's last lines are kept, to say why it failed."""

_STEP = re.compile(r"\[(?:(?P<stage>\S+) )?\s*(?P<number>\d+)/\d+\] (?P<text>.+)", re.DOTALL)
_ESCAPE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|[@-Z\\^_])")


@dataclass(frozen=True)
class BuildStep:
    """One instruction of the Dockerfile: whether it came from the cache, else how long it took."""

    name: str
    stage: str
    cached: bool
    seconds: float


class BuildOutput:
    """Reads the lines of one build: `on_step` hears of each step once, when it begins or comes from the cache.

    `on_output` hears each line that a step's program wrote.
    The objects are BuildKit's SolveStatus (client/graph.go). buildx 0.13 prints each over several lines, later
    ones on one; what ends the build as an error follows as plain text.
    """

    def __init__(
        self, on_step: Callable[[str], None] = lambda _: None, on_output: Callable[[str], None] = lambda _: None
    ) -> None:
        self._on_step = on_step
        self._on_output = on_output
        self._object: list[str] = []
        self._vertexes: dict[str, dict[str, Any]] = {}
        self._named: set[str] = set()
        self._failed = ""
        self._logs: defaultdict[str, deque[str]] = defaultdict(lambda: deque(maxlen=KEPT_LINES))
        self._unfinished: defaultdict[str, dict[int, bytes]] = defaultdict(dict)
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
            self._vertex(vertex)
        for log in message.get("logs") or []:
            self._log(log["vertex"], log.get("stream", 1), base64.b64decode(log.get("data") or ""))

    def steps(self) -> list[BuildStep]:
        """The Dockerfile's own steps that were completed, FROM lines left out: stages as they began, in their order."""
        stages: dict[str, list[tuple[int, BuildStep]]] = {}
        for vertex in sorted(self._vertexes.values(), key=lambda vertex: str(vertex.get("started", ""))):
            match = _step(vertex)
            if match and vertex.get("completed"):
                cached = bool(vertex.get("cached"))
                seconds = 0.0 if cached else _seconds(vertex["started"], vertex["completed"])
                step = BuildStep(match["text"].splitlines()[0], match["stage"] or "", cached, seconds)
                stages.setdefault(step.stage, []).append((int(match["number"]), step))
        return [step for steps in stages.values() for _, step in sorted(steps, key=lambda numbered: numbered[0])]

    def reason(self) -> str:
        """Why it failed, in one line: the step that did, and apt's complaint or the last that it said."""
        said = self._said()
        complaint = next((line for line in reversed(said) if line.startswith("E: ")), said[-1] if said else "")
        if complaint:
            step = shorten(self._vertexes[self._failed].get("name", ""), 60)
            return f"{step}: {complaint.strip()}"
        return (self.why().splitlines() or [""])[-1].strip().removeprefix("ERROR: ")

    def why(self) -> str:
        """The last lines of the step that failed, and the build's own last words."""
        return "\n".join((*self._said(), *self._text, *map(_plain, self._object)))

    def failure(self, what: str, hint: str, status: int) -> CommandError:
        """The error of a build that ended with this status; `detail` holds its last lines."""
        reason = self.reason() or f"status {status}"
        return CommandError(f"{what}: {reason}", hint, returncode=status, detail=self.why())

    def _said(self) -> list[str]:
        """The last lines of the step that failed."""
        unfinished = [_plain(data) for data in self._unfinished[self._failed].values()]
        return [line for line in (*self._logs[self._failed], *unfinished) if line]

    def _vertex(self, vertex: dict[str, Any]) -> None:
        # Known to the engine from another build it comes with that one's name: the digest is what it is.
        digest = vertex["digest"]
        self._vertexes.setdefault(digest, {}).update({key: value for key, value in vertex.items() if value})
        if digest not in self._named and (vertex.get("started") or vertex.get("cached")) and _step(vertex):
            self._named.add(digest)
            self._on_step(shorten(vertex["name"]) + (" (cached)" if vertex.get("cached") else ""))
        # The others are cancelled after the first.
        if vertex.get("error") and not self._failed:
            self._failed = digest

    def _log(self, digest: str, stream: int, data: bytes) -> None:
        unfinished = self._unfinished[digest]
        *lines, unfinished[stream] = (unfinished.get(stream, b"") + data).split(b"\n")
        for text in filter(None, map(_plain, lines)):
            self._logs[digest].append(text)
            self._on_output(text)


def shorten(text: str, limit: int = 90) -> str:
    """A step's name in one line: `[php 2/5] RUN apt-get update && …`."""
    words = " ".join(re.sub(r"--mount=\S+ ", "", text).split())
    return words if len(words) <= limit else words[: limit - 1] + "…"


def local_builder(docker: Docker) -> str:
    """The builder of the current context: another one (docker-container) sees none of the images that are here."""
    return docker.run("context", "show").stdout.decode().strip() or "default"


def _step(vertex: dict[str, Any]) -> re.Match[str] | None:
    """The name of an instruction of the Dockerfile: no FROM, and none of BuildKit's own steps."""
    match = _STEP.match(vertex.get("name", ""))
    own = match is None or match["stage"] == "internal" or match["text"].startswith("FROM ")
    return None if own else match


def _plain(line: bytes | str) -> str:
    """A line without colours, and of one that was written over (a progress bar) the last state."""
    text = line if isinstance(line, str) else line.decode(errors="replace")
    return _ESCAPE.sub("", text).rstrip().rpartition("\r")[2]


def _seconds(started: str, completed: str) -> float:
    return round((_time(completed) - _time(started)).total_seconds(), 3)


def _time(text: str) -> datetime:
    """RFC 3339 with up to nine digits of a second, of which Python takes six."""
    return datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text).replace("Z", "+00:00"))
