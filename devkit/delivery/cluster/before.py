"""What ran before a release, kept so that a release that fails leaves it as it was."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from devkit.delivery.cluster.kubectl import Kubectl, as_list, documents
from devkit.delivery.cluster.objects import Object, Release, name_of, part_of, title_of
from devkit.delivery.cluster.workloads import revision_of

_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_KEPT = ("Namespace", "Job", "PersistentVolumeClaim", "Secret")
"""What is left as it is: data, and what a release only adds."""


@dataclass(frozen=True)
class Before:
    """Objects of the release as they were: revisions of Deployments, and the others as they had been applied.

    `missing` are the titles of those that were not there.
    """

    revisions: Mapping[str, int] = field(default_factory=dict)
    applied: Mapping[str, Object] = field(default_factory=dict)
    missing: tuple[str, ...] = ()

    @property
    def has_release(self) -> bool:
        """Whether a release was there."""
        return bool(self.revisions)


def look_before(kubectl: Kubectl, release: Release) -> Before:
    """Look at what is there now, before anything is changed."""
    objects = [one for one in release.objects if one["kind"] not in _KEPT]
    done = kubectl.run("get", "--filename", "-", "--ignore-not-found", "--output", "json", input=as_list(objects))
    return before_of(objects, _flat(done.out))


def before_of(objects: Sequence[Object], found: Sequence[Mapping[str, Any]]) -> Before:
    """The same from what the cluster has of these objects."""
    there = {title_of(one): one for one in found}
    revisions = {name_of(one): revision_of(one) for one in there.values() if one["kind"] == "Deployment"}
    applied = {}
    for title, one in there.items():
        text = (one["metadata"].get("annotations") or {}).get(_APPLIED)
        if text and one["kind"] != "Deployment":
            applied[title] = json.loads(text)
    missing = tuple(title_of(one) for one in objects if title_of(one) not in there)
    return Before(revisions, applied, missing)


def restore_settings(kubectl: Kubectl, before: Before) -> None:
    """Services, policies, CronJobs and the like as they had been applied before."""
    if before.applied:
        kubectl.apply(list(before.applied.values()))


def take_back(kubectl: Kubectl, release: Release, before: Before) -> list[str]:
    """Deployments back to the revisions that they had; what serves and was not there before goes. What was done, said.

    A Deployment that has its former pods already is left alone by the server.
    """
    inside, said = kubectl.inside(release.namespace), []
    for name, revision in before.revisions.items():
        if revision:
            inside.run("rollout", "undo", f"deployment/{name}", f"--to-revision={revision}")
    restore_settings(kubectl, before)
    added = [one for one in release.objects if part_of(one) == "release" and title_of(one) in before.missing]
    if added:
        kubectl.run("delete", "--ignore-not-found", "--wait=false", "--filename", "-", input=as_list(added))
        said.append(f"{', '.join(title_of(one) for one in added)} was not there before, and is removed")
    return said


def _flat(text: str) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = []
    for document in documents(text):
        found += document["items"] if document.get("kind") == "List" else [document]
    return found
