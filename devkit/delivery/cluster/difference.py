"""What a release would change at the cluster: per object, with the changed lines; a Secret's lines are never shown."""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from devkit.delivery.cluster.kubectl import Kubectl, as_list
from devkit.delivery.cluster.objects import Object, Release, title_of
from devkit.project.errors import FailedError

Change = Literal["added", "changed", "unchanged", "anew"]

_DIFFERENT = 1
_HEADER = re.compile(r"^diff -u -N \S*/LIVE-[^/]+/(?P<file>\S+) \S+$")
_OF_THE_SERVER = re.compile(r"[-+ ]\s*(?:generation|resourceVersion|uid|creationTimestamp): ")


@dataclass(frozen=True)
class ObjectDifference:
    """One object: `title` as `Deployment laravel`, what becomes of it, and the lines that change, with their signs."""

    title: str
    change: Change
    lines: tuple[str, ...] = ()


def differences(kubectl: Kubectl, release: Release, *, has_namespace: bool) -> list[ObjectDifference]:
    """Every object of the release against the cluster, as `kubectl diff` sees it.

    Without its namespace there is nothing to compare with: all is new. A Job runs anew in each release.
    """
    compared = [one for one in release.objects if one["kind"] != "Job"]
    anew = [ObjectDifference(title_of(one), "anew") for one in release.of_kind("Job")]
    if not has_namespace:
        return [*(ObjectDifference(title_of(one), "added") for one in compared), *anew]
    if shutil.which("diff") is None:
        raise FailedError("there is no diff on the PATH, which kubectl compares with", "install diffutils")
    asking = replace(kubectl, environment={**kubectl.environment, "KUBECTL_EXTERNAL_DIFF": "diff -u -N"})
    done = asking.run("diff", "--filename", "-", input=as_list(compared), statuses=(0, _DIFFERENT))
    if done.returncode == _DIFFERENT and not done.out.strip():
        raise kubectl.failure(["diff"], done.said)
    found = parse_diff(done.out)
    return [*(_of_object(one, found.get(_file_name(one))) for one in compared), *anew]


def parse_diff(text: str) -> dict[str, tuple[str, ...]]:
    """The changed lines by the file name that kubectl gives each object; context and headers are left out."""
    found: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in text.splitlines():
        if match := _HEADER.match(line):
            lines = found.setdefault(match["file"], [])
        elif line[:1] in ("+", "-") and not line.startswith(("+++ ", "--- ")):
            lines.append(line)
    return {name: tuple(lines) for name, lines in found.items()}


def summary(found: Sequence[ObjectDifference]) -> str:
    """`2 added, 1 changed, 9 unchanged`."""
    words = {"added": "added", "changed": "changed", "unchanged": "unchanged"}
    counts = {word: sum(one.change == change for one in found) for change, word in words.items()}
    return ", ".join(f"{count} {word}" for word, count in counts.items() if count) or "nothing to compare"


def _of_object(one: Object, lines: Sequence[str] | None) -> ObjectDifference:
    title = title_of(one)
    if lines is None:
        return ObjectDifference(title, "unchanged")
    if any(line.startswith("+kind: ") for line in lines) and not any(line.startswith("-") for line in lines):
        return ObjectDifference(title, "added")
    shown = tuple(line for line in lines if not _OF_THE_SERVER.match(line))
    if not shown:
        return ObjectDifference(title, "unchanged")
    return ObjectDifference(title, "changed", () if one["kind"] == "Secret" else shown)


def _file_name(one: Object) -> str:
    """As kubectl names it: group.version.Kind.namespace.name."""
    metadata = one["metadata"]
    kind = f"{one['apiVersion'].replace('/', '.')}.{one['kind']}"
    return f"{kind}.{metadata.get('namespace', '')}.{metadata['name']}"
