"""What all pods of a release write, a line at a time, behind the pod's name; pods that come later are heard too."""

from __future__ import annotations

import queue
import re
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from devkit.delivery.cluster.deploy import Target
from devkit.delivery.cluster.kubectl import Kubectl
from devkit.delivery.cluster.objects import name_of
from devkit.delivery.cluster.watching import Change, watching
from devkit.engine.children import close_pipes, end_children
from devkit.project.errors import FailedError

_STOP_SECONDS = 5.0


@dataclass(frozen=True)
class LogsWanted:
    """Which lines: from `since` on, the last `tail` of each pod, those that match."""

    since: datetime | None = None
    tail: int | None = None
    pattern: re.Pattern[str] | None = None
    follow: bool = False

    def flags(self) -> list[str]:
        """kubectl's own flags for it."""
        flags = ["--tail", str(self.tail if self.tail is not None else -1)]
        if self.since is not None:
            flags.append(f"--since-time={self.since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}")
        return [*flags, "--follow"] if self.follow else flags

    def takes(self, line: str) -> bool:
        """Whether a line is wanted."""
        return self.pattern is None or self.pattern.search(line) is not None


OnLine = Callable[[str, str], None]
"""Hears a pod's name and a line of it."""


def release_logs(target: Target, wanted: LogsWanted, on_line: OnLine) -> None:
    """Hand on the lines of all pods of the release; with `follow` until a KeyboardInterrupt."""
    selectors = [
        one["spec"]["selector"]["matchLabels"]
        for one in target.inside.items("deployments")
        if name_of(one) in target.release.deployments
    ]
    pods = [name_of(pod) for pod in target.inside.items("pods") if is_selected(pod, selectors)]
    if not pods and not wanted.follow:
        raise FailedError(f"no pod of {target.overlay.environment} runs", "devkit deploy status says why")
    with _reading(target.inside, wanted) as reading:
        for pod in sorted(pods):
            reading.start(pod)
        if wanted.follow:
            _follow(target.inside, selectors, reading, on_line)
        else:
            for pod, line in reading.lines():
                on_line(pod, line)


def is_selected(pod: Mapping[str, Any], selectors: list[Mapping[str, str]]) -> bool:
    """Whether a pod is of one of the Deployments that have these selectors."""
    labels = pod["metadata"].get("labels") or {}
    return any(selector.items() <= labels.items() for selector in selectors)


def _follow(inside: Kubectl, selectors: list[Mapping[str, str]], reading: _Reading, on_line: OnLine) -> None:
    """A pod is read once it runs: before that kubectl has nothing to follow."""
    with watching(inside, ["pods"], heard=reading.heard) as watches:
        while True:
            heard = reading.heard.get()
            if isinstance(heard, tuple):
                on_line(*heard)
            elif not isinstance(heard, Change):
                watches.take(heard)
            elif not heard.deleted and is_selected(heard.object, selectors) and _runs(heard.object):
                reading.start(name_of(heard.object))


def _runs(pod: Mapping[str, Any]) -> bool:
    return bool((pod.get("status") or {}).get("phase") == "Running")


@dataclass
class _Reading:
    """A kubectl for each pod, all heard in one place."""

    inside: Kubectl
    wanted: LogsWanted
    heard: queue.Queue[Any] = field(default_factory=queue.Queue)
    _children: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    _threads: list[threading.Thread] = field(default_factory=list)

    def start(self, pod: str) -> None:
        if pod in self._children:
            return
        command = self.inside.command(["logs", pod, "--all-containers", *self.wanted.flags()])
        child = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, process_group=0
        )
        self._children[pod] = child
        thread = threading.Thread(target=self._hear, args=(pod, child), name=f"logs {pod}", daemon=True)
        self._threads.append(thread)
        thread.start()

    def lines(self) -> Iterator[tuple[str, str]]:
        """All lines, until every pod has been read to its end."""
        left = len(self._threads)
        while left:
            heard = self.heard.get()
            if heard is None:
                left -= 1
            else:
                yield heard

    def end(self) -> None:
        end_children(list(self._children.values()), _STOP_SECONDS)
        for thread in self._threads:
            thread.join()
        for child in self._children.values():
            close_pipes(child)

    def _hear(self, pod: str, child: subprocess.Popen[bytes]) -> None:
        assert child.stdout is not None
        for raw in child.stdout:
            line = raw.decode(errors="replace").rstrip("\r\n")
            if self.wanted.takes(line):
                self.heard.put((pod, line))
        self.heard.put(None)


@contextmanager
def _reading(inside: Kubectl, wanted: LogsWanted) -> Iterator[_Reading]:
    reading = _Reading(inside, wanted)
    try:
        yield reading
    finally:
        reading.end()
