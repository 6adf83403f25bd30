"""Objects as they change: one kubectl with --watch for each kind, all heard in one place; nothing is polled."""

from __future__ import annotations

import json
import queue
import subprocess
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from devkit.delivery.cluster.kubectl import Kubectl
from devkit.engine.children import close_pipes, end_children

_ATTEMPTS = 3
"""A watch ends by itself after a while, and is begun anew; one that ends at once so often has a reason."""

_STOP_SECONDS = 5.0


@dataclass(frozen=True)
class Change:
    """An object that was added, changed or deleted."""

    deleted: bool
    object: Mapping[str, Any]


@dataclass
class Watches:
    """Several watches; their kubectls end with the block of `watching`. `heard` may be shared with other speakers."""

    kubectl: Kubectl
    heard: queue.Queue[Any] = field(default_factory=queue.Queue)
    _children: list[subprocess.Popen[bytes]] = field(default_factory=list)
    _threads: list[threading.Thread] = field(default_factory=list)

    def next(self, seconds: float) -> Change | None:
        """The next change; None where none comes within the time. FailedError where a watch cannot be had any more."""
        while True:
            try:
                heard = self.heard.get(timeout=max(seconds, 0.0))
            except queue.Empty:
                return None
            if isinstance(heard, Change):
                return heard
            self.take(heard)

    def take(self, heard: object) -> None:
        """A watch has ended: begin it anew, or a FailedError where that has not helped. Nothing else is looked at."""
        if not isinstance(heard, _Ended):
            return
        if heard.attempt >= _ATTEMPTS:
            raise self.kubectl.failure(["get", "--watch"], heard.said)
        self.start(heard.what, 0 if heard.has_spoken else heard.attempt + 1)

    def start(self, what: Sequence[str], attempt: int = 0) -> None:
        """Watch what `kubectl get WHAT` would list."""
        args = ["get", *what, "--watch", "--output-watch-events", "--output", "json"]
        child = subprocess.Popen(
            self.kubectl.command(args),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            process_group=0,
        )
        self._children.append(child)
        thread = threading.Thread(target=self._hear, args=(child, tuple(what), attempt), name="watch", daemon=True)
        self._threads.append(thread)
        thread.start()

    def end(self) -> None:
        """End every kubectl, and the threads that hear them."""
        end_children(self._children, _STOP_SECONDS)
        for thread in self._threads:
            thread.join()
        for child in self._children:
            close_pipes(child)

    def _hear(self, child: subprocess.Popen[bytes], what: tuple[str, ...], attempt: int) -> None:
        assert child.stdout is not None and child.stderr is not None
        has_spoken = False
        for event in events_in(line.decode(errors="replace") for line in child.stdout):
            if event.get("type") in ("ADDED", "MODIFIED", "DELETED"):
                has_spoken = True
                self.heard.put(Change(event["type"] == "DELETED", event["object"]))
        said = child.stderr.read().decode(errors="replace")
        self.heard.put(_Ended(what, attempt, has_spoken, said))


@dataclass(frozen=True)
class _Ended:
    what: tuple[str, ...]
    attempt: int
    has_spoken: bool
    said: str


@contextmanager
def watching(kubectl: Kubectl, *kinds: Sequence[str], heard: queue.Queue[Any] | None = None) -> Iterator[Watches]:
    """Watch some kinds (each the words behind `kubectl get`) for the block."""
    watches = Watches(kubectl, heard if heard is not None else queue.Queue())
    try:
        for what in kinds:
            watches.start(what)
        yield watches
    finally:
        watches.end()


def events_in(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    """The events of a watch. kubectl prints each over several lines, the last of which is a brace at its beginning."""
    kept: list[str] = []
    for line in lines:
        kept.append(line)
        if line.rstrip() == "}" or (len(kept) == 1 and line.startswith("{") and line.rstrip().endswith("}")):
            with suppress(ValueError):
                yield json.loads("".join(kept))
            kept.clear()
