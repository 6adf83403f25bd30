"""kubectl: found, run against one context, and ended with whoever started it. What it refuses comes in clear words."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from devkit.delivery.cluster.refusals import Asked, refusal
from devkit.engine.children import close_pipes, end_children
from devkit.project.errors import FailedError

ANSWER_SECONDS = 10
"""The time within which a cluster has to answer one request."""

_PROGRAM = "kubectl"
_STOP_SECONDS = 5.0


@dataclass(frozen=True)
class Done:
    """A call that has ended: `said` is what stood on stderr."""

    returncode: int
    out: str
    said: str


@dataclass(frozen=True)
class Kubectl:
    """kubectl with a context, and with a namespace where one is meant. Values of Secrets go through stdin alone."""

    binary: Path
    context: str = ""
    server: str = ""
    namespace: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)

    def inside(self, namespace: str) -> Kubectl:
        """The same for what lies in a namespace."""
        return replace(self, namespace=namespace)

    def run(self, *args: str, input: str | None = None, statuses: Sequence[int] = (0,)) -> Done:
        """Run to the end; FailedError, in clear words, for a status that is not among `statuses`."""
        done = self.attempt(*args, input=input)
        if done.returncode not in statuses:
            raise self.failure(args, done.said or done.out)
        return done

    def attempt(self, *args: str, input: str | None = None) -> Done:
        """Run to the end, whatever comes of it."""
        with self.child(args, stdin=subprocess.DEVNULL if input is None else subprocess.PIPE) as child:
            out, err = child.communicate(None if input is None else input.encode())
        return Done(child.returncode, out.decode(errors="replace"), err.decode(errors="replace"))

    def json(self, *args: str, input: str | None = None) -> Any:
        """The JSON document that the command prints."""
        text = self.run(*args, "--output", "json", input=input).out
        try:
            return json.loads(text)
        except ValueError as error:
            raise FailedError(f"kubectl {args[0]} printed no JSON", "kubectl version", detail=text[:400]) from error

    def items(self, *args: str) -> list[Any]:
        """The objects that `kubectl get` finds."""
        found = self.json("get", *args)
        return list(found["items"]) if "items" in found else [found]

    def find(self, kind: str, name: str) -> Any | None:
        """One object, or None where there is none of this name, nor its namespace."""
        text = self.run("get", kind, name, "--ignore-not-found", "--output", "json").out
        return json.loads(text) if text.strip() else None

    def apply(self, objects: Sequence[Mapping[str, Any]], *flags: str) -> Done:
        """Apply objects as one list, through stdin."""
        return self.run("apply", "--filename", "-", *flags, input=as_list(objects))

    def failure(self, args: Sequence[str], said: str) -> FailedError:
        """The error that kubectl's words stand for."""
        verb = next((word for word in args if not word.startswith("-")), "")
        return refusal(said, Asked(verb, self.context, self.server, ANSWER_SECONDS))

    def stream(self, *args: str, on_line: Callable[[str], None]) -> int:
        """Run, hand on each line of stdout as it comes, and give the exit status; stderr is dropped."""
        with self.child(args, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as child:
            assert child.stdout is not None
            for line in child.stdout:
                on_line(line.decode(errors="replace").rstrip("\r\n"))
            return child.wait()

    @contextmanager
    def child(
        self, args: Sequence[str], *, stdin: int = subprocess.DEVNULL, stderr: int = subprocess.PIPE
    ) -> Iterator[subprocess.Popen[bytes]]:
        """kubectl as a child, in a process group of its own: a plugin that gives it credentials ends with it."""
        child = subprocess.Popen(
            self.command(args),
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=stderr,
            env={**os.environ, **self.environment},
            process_group=0,
        )
        try:
            yield child
        except BaseException:
            end_children([child], _STOP_SECONDS)
            raise
        finally:
            if child.poll() is None:
                end_children([child], _STOP_SECONDS)
            close_pipes(child)

    def command(self, args: Sequence[str]) -> list[str]:
        """The whole command. A request that is answered in pieces (watch, logs) has no time limit."""
        command = [str(self.binary)]
        if self.context:
            command += ["--context", self.context]
        if self.namespace:
            command += ["--namespace", self.namespace]
        endless = {"--watch", "--follow", "exec", "kustomize", "config"} & set(args)
        if not endless and "--wait" not in args:
            command += [f"--request-timeout={ANSWER_SECONDS}s"]
        return [*command, *args]


def find_kubectl() -> Kubectl:
    """The kubectl of the PATH, with no context yet; FailedError where there is none."""
    found = shutil.which(_PROGRAM)
    if found is None:
        raise FailedError(
            "there is no kubectl on the PATH, and releases go through it",
            "install it: https://kubernetes.io/docs/tasks/tools/",
        )
    return Kubectl(Path(found))


def as_list(objects: Sequence[Mapping[str, Any]]) -> str:
    """Objects as the text of one List."""
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": list(objects)})


def documents(text: str) -> Iterator[Any]:
    """The JSON documents that stand one behind the other, as kubectl prints several objects."""
    decoder, at = json.JSONDecoder(), 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        document, at = decoder.raw_decode(text, at)
        yield document
