"""The revisions of a release that can be gone back to, and the way back: all its Deployments to the same image."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from devkit.delivery.cluster.deploy import AT, BY, CAUSE, Deployed, Target, not_started, remembered
from devkit.delivery.cluster.objects import images_of
from devkit.delivery.cluster.release_image import parse_reference
from devkit.delivery.cluster.required import asked_for
from devkit.delivery.cluster.rollout import Patience, await_workloads
from devkit.delivery.cluster.told import Told
from devkit.delivery.cluster.workloads import REVISION, revision_of
from devkit.project.errors import FailedError, UsageError
from devkit.project.lock import only_one
from devkit.project.paths import ProjectPaths

_HISTORY = "deployment.kubernetes.io/revision-history"
_CLOCKS = timedelta(seconds=30)
"""So far the clocks of this machine and of the cluster may be apart."""


@dataclass(frozen=True)
class Revision:
    """A revision of one Deployment; `time` is ISO 8601, `by` and `cause` are empty where nobody wrote them down.

    `settings` are the ConfigMaps that its pods read; `former` are the numbers that it had before it was gone back to.
    """

    deployment: str
    number: int
    image: str
    time: str
    by: str = ""
    cause: str = ""
    settings: tuple[str, ...] = ()
    former: tuple[int, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As `devkit deploy history --json` prints it."""
        return {
            "revision": self.number,
            "image": self.image,
            "time": self.time,
            "by": self.by or None,
            "cause": self.cause or None,
        }


def history(target: Target) -> list[Revision]:
    """The revisions of the Deployment that serves, the newest first; FailedError where nothing was released."""
    names = target.release.deployments
    found = revisions_of(_replica_sets(target), names[0]) if names else []
    if not found:
        raise FailedError(
            f"nothing was released to {target.overlay.environment} ({target.context.name})",
            f"devkit deploy {target.overlay.environment}",
        )
    return found


def revisions_of(replica_sets: Sequence[Mapping[str, Any]], deployment: str) -> list[Revision]:
    """The revisions that a Deployment's ReplicaSets keep, the newest first."""
    own = [one for one in replica_sets if _owner(one) == deployment and _annotations(one).get(REVISION)]
    return sorted((_revision(one, deployment) for one in own), key=lambda revision: -revision.number)


def chosen(
    replica_sets: Sequence[Mapping[str, Any]], deployments: Sequence[str], number: int | None
) -> dict[str, Revision]:
    """For each Deployment the revision to go back to: of the first the one that is asked for, or the one before the
    newest; of the others the newest with the same image and settings as that one, else with the same image.

    UsageError for a revision that there is not; FailedError where there is none before, or where another Deployment
    has none with that image any more.
    """
    own = revisions_of(replica_sets, deployments[0])
    known = ", ".join(str(revision.number) for revision in own)
    if number is None:
        if len(own) < 2:
            raise FailedError("there is no revision to go back to", f"the only one is {known or 'none'}")
        wanted = own[1]
    else:
        found = next((one for one in own if number in (one.number, *one.former)), None)
        if found is None:
            raise UsageError(f"there is no revision {number}", f"the revisions are: {known}")
        wanted = found
    result = {deployments[0]: wanted}
    repository = parse_reference(wanted.image).repository
    for name in deployments[1:]:
        same = [one for one in revisions_of(replica_sets, name) if one.image == wanted.image]
        if not same:
            raise FailedError(
                f"Deployment {name} has no revision with {wanted.image} any more, and one release has one image",
                f"devkit deploy ENV --image {wanted.image.removeprefix(f'{repository}@')} releases it anew",
            )
        result[name] = next((one for one in same if one.settings == wanted.settings), same[0])
    return result


def rollback(
    paths: ProjectPaths,
    target: Target,
    number: int | None,
    told: Told,
    patience: Patience,
    confirm: Callable[[str], bool],
) -> Deployed:
    """Go back with every Deployment of the release, and wait until it serves. Migrations are not undone."""
    environment, inside = target.overlay.environment, target.inside
    history(target)
    with only_one(paths, f"deploy-{environment}.lock", f"deploy rollback {environment}") as holder:
        if holder is not None:
            raise FailedError(f"{holder} is at work on {environment}", "wait until it has ended")
        sets = _replica_sets(target)
        there = [name for name in target.release.deployments if revisions_of(sets, name)]
        goals = chosen(sets, there, number)
        wanted = goals[there[0]]
        told.say(f"  back to revision {wanted.number} of {wanted.time}: {wanted.image}")
        told.warning("migrations are not undone: that release runs on the database as it is now")
        if not confirm(f"Go back on {target.context.name}?"):
            raise FailedError("nothing was changed", "")
        try:
            for name, goal in goals.items():
                inside.run("rollout", "undo", f"deployment/{name}", f"--to-revision={goal.number}")
            cause = f"devkit deploy rollback {environment}: revision {wanted.number}, {wanted.image}"
            inside.run("annotate", "deployment", *goals, "--overwrite", *remembered(cause))
            rollout = await_workloads(inside, "Deployment", list(goals), told, patience, image=wanted.image)
        except KeyboardInterrupt:
            told.warning(f"interrupted: the cluster goes on; devkit deploy status {environment} shows it")
            raise
        if not rollout.is_done:
            serves = "what served before serves on as far as its pods are ready"
            raise not_started(target, rollout, f"revision {wanted.number} does not start", serves)
        now = revision_of(inside.json("get", "deployment", there[0]))
        return Deployed(environment, wanted.image, now, "rolled back", rollout.pods)


def _replica_sets(target: Target) -> list[Mapping[str, Any]]:
    return target.inside.items("replicasets")


def _revision(one: Mapping[str, Any], deployment: str) -> Revision:
    noted, made = _annotations(one), str(one["metadata"].get("creationTimestamp", ""))
    former = [int(number) for number in noted.get(_HISTORY, "").split(",") if number.isdigit()]
    if _is_copied(noted, made):
        noted = {REVISION: noted[REVISION]}
    return Revision(
        deployment,
        int(noted[REVISION]),
        next(iter(images_of(one)), ""),
        noted.get(AT) or made,
        noted.get(BY, ""),
        noted.get(CAUSE, ""),
        tuple(sorted(name for kind, name in asked_for(one) if kind == "ConfigMap")),
        tuple(former),
    )


def _is_copied(noted: Mapping[str, str], made: str) -> bool:
    """Whether annotations are those of the revision before: somebody rolled it with another tool than devkit."""
    try:
        return datetime.fromisoformat(made) - datetime.fromisoformat(noted[AT]) > _CLOCKS
    except (KeyError, ValueError, TypeError):
        return False


def _owner(one: Mapping[str, Any]) -> str:
    owners = one["metadata"].get("ownerReferences") or ()
    return next((owner["name"] for owner in owners if owner.get("kind") == "Deployment"), "")


def _annotations(one: Mapping[str, Any]) -> Mapping[str, str]:
    return one["metadata"].get("annotations") or {}
