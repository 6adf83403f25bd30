"""A release brought to a cluster in the pipelines' order: whatever fails leaves the release before it serving."""

from __future__ import annotations

import getpass
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from devkit.delivery.cluster.before import Before, look_before, restore_settings, take_back
from devkit.delivery.cluster.contexts import ClusterContext, check_answers, choose_context, looks_like_production
from devkit.delivery.cluster.difference import ObjectDifference, differences
from devkit.delivery.cluster.kubectl import Kubectl, find_kubectl
from devkit.delivery.cluster.migration import migrate
from devkit.delivery.cluster.objects import Release, name_of, without
from devkit.delivery.cluster.overlays import Overlay
from devkit.delivery.cluster.permissions import check_permissions
from devkit.delivery.cluster.pods import PodState
from devkit.delivery.cluster.release_image import ReleaseImage
from devkit.delivery.cluster.rendering import render
from devkit.delivery.cluster.required import check_required
from devkit.delivery.cluster.rollout import Patience, Rollout, await_workloads, why_not, with_events
from devkit.delivery.cluster.server_check import check_with_server, check_without_namespace, has_namespace
from devkit.delivery.cluster.told import Told
from devkit.delivery.cluster.workloads import revision_of
from devkit.project.errors import DevkitError, FailedError
from devkit.project.lock import only_one
from devkit.project.paths import ProjectPaths

CAUSE = "kubernetes.io/change-cause"
BY = "org.devkit.deployed-by"
AT = "org.devkit.deployed-at"
"""Annotations of a Deployment, which Kubernetes keeps with each revision."""


@dataclass(frozen=True)
class Target:
    """Where an environment is released to: kubectl bound to its context, and what is released."""

    kubectl: Kubectl
    context: ClusterContext
    overlay: Overlay
    release: Release

    @property
    def inside(self) -> Kubectl:
        """kubectl for the release's namespace."""
        return self.kubectl.inside(self.release.namespace)

    @property
    def is_production(self) -> bool:
        """Whether it looks like production."""
        return looks_like_production(self.context.name, self.overlay.environment)


@dataclass(frozen=True)
class Plan:
    """What a release would change, and what the server says to it."""

    differences: tuple[ObjectDifference, ...]
    warnings: tuple[str, ...]
    has_namespace: bool


@dataclass(frozen=True)
class Deployed:
    """What came of it, or what would."""

    environment: str
    image: str
    revision: int
    status: str
    pods: tuple[PodState, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As `devkit deploy --json` prints it."""
        return {
            "environment": self.environment,
            "image": self.image,
            "revision": self.revision,
            "status": self.status,
            "pods": [pod.to_json() for pod in self.pods],
        }


def find_target(overlay: Overlay, image: ReleaseImage, wanted_context: str, told: Told) -> Target:
    """The release rendered, and its cluster asked for a sign of life.

    FailedError without kubectl or an answer, UsageError for an unknown context or an overlay that cannot be rendered.
    """
    kubectl, context = choose_context(find_kubectl(), wanted_context)
    release = render(kubectl, overlay, image, context.namespace)
    version = check_answers(kubectl)
    told.mark("done", f"{context.name} ({context.server}) answers: Kubernetes {version}")
    return Target(kubectl, context, overlay, release)


def plan_deploy(target: Target) -> Plan:
    """Look and check, with nothing changed; FailedError for what stands in the way.

    A namespace that is there and that this login may not change is left as it is.
    """
    kubectl, release = target.kubectl, target.release
    there = has_namespace(kubectl, release.namespace)
    check_permissions(kubectl, release)
    check_required(kubectl, release, has_namespace=there)
    if not there and not release.part("namespace"):
        name = release.namespace
        raise FailedError(f"the namespace {name} is not there, and the overlay makes none", f"kubectl create ns {name}")
    warnings = check_with_server(kubectl, release) if there else check_without_namespace(kubectl, release)
    found = differences(kubectl, release, has_namespace=there)
    return Plan(tuple(found), tuple(warnings), there)


def without_others_namespace(target: Target) -> Target:
    """The target without the Namespace's object where that is there and may not be changed by this login."""
    spaces = target.release.part("namespace")
    if not spaces or not has_namespace(target.kubectl, target.release.namespace):
        return target
    if target.kubectl.attempt("auth", "can-i", "patch", "namespaces", "--quiet").returncode == 0:
        return target
    return Target(target.kubectl, target.context, target.overlay, without(target.release, ["Namespace"]))


def deploy(
    paths: ProjectPaths,
    target: Target,
    plan: Plan,
    told: Told,
    patience: Patience,
    confirm: Callable[[str], bool] | None = None,
) -> Deployed:
    """Apply what was planned, and wait until it serves.

    FailedError says why it does not, and what serves then; on a KeyboardInterrupt it is told how far things are.
    """
    environment = target.overlay.environment
    with only_one(paths, f"deploy-{environment}.lock", f"deploy {environment}") as holder:
        if holder is not None:
            raise FailedError(f"{holder} is at work on {environment}", "wait until it has ended")
        if confirm is not None and not confirm(f"Release {target.release.image.reference} to {target.context.name}?"):
            raise FailedError("nothing was deployed", "")
        state = _State(environment)
        with _told_where_it_stopped(state, told):
            return _deploy(target, plan, told, patience, state)


def remembered(text: str) -> list[str]:
    """What a revision is known by later: what was done, by whom, when."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return [f"{CAUSE}={text}", f"{BY}={_person()}", f"{AT}={now}"]


def not_started(target: Target, rollout: Rollout, what: str, serves: str) -> FailedError:
    """The error for workloads that did not get there, with the reasons of their pods."""
    told_more = with_events(target.inside, rollout)
    reason = told_more.troubles[0] if told_more.troubles else None
    text = f"{reason[0]}: {reason[1].text}" if reason else rollout.why
    lines = why_not(target.inside, told_more.troubles)
    return FailedError(
        f"{what}: {text}; {serves}",
        f"devkit deploy status {target.overlay.environment} shows what there is",
        detail="\n".join([*([rollout.why] if rollout.why else []), *lines]),
    )


@dataclass
class _State:
    """How far a deploy is, in words for whoever interrupts it."""

    environment: str
    left: str = "nothing was changed"


def _deploy(target: Target, plan: Plan, told: Told, patience: Patience, state: _State) -> Deployed:
    kubectl, release = target.kubectl, target.release
    before = look_before(kubectl, release) if plan.has_namespace else Before()
    serves = "the release before it serves on" if before.has_release else "nothing serves yet"
    _make_namespace(target, plan, state)
    state.left = f"settings may have been applied; {serves}"
    if settings := release.part("settings"):
        kubectl.apply(settings)
        told.mark("done", f"settings applied ({len(settings)} objects)")
    with _settings_restored(target, before):
        sets = [name_of(one) for one in release.of_kind("StatefulSet")]
        rollout = await_workloads(target.inside, "StatefulSet", sets, told, patience)
        if not rollout.is_done:
            raise not_started(target, rollout, "what the release needs does not start", serves)
        state.left = f"the migration may be running in the cluster, and goes on; {serves}"
        migrate(target.inside, release, told, patience, serves)
    return _roll(target, before, told, patience, state)


def _make_namespace(target: Target, plan: Plan, state: _State) -> None:
    """The namespace; one that the server then refuses the release in goes again."""
    kubectl, release = target.kubectl, target.release
    if not (spaces := release.part("namespace")):
        return
    kubectl.apply(spaces)
    if plan.has_namespace:
        return
    state.left = f"the namespace {release.namespace} was made"
    try:
        check_with_server(kubectl, release)
    except DevkitError:
        kubectl.run("delete", "namespace", release.namespace, "--wait=false")
        raise


def _roll(target: Target, before: Before, told: Told, patience: Patience, state: _State) -> Deployed:
    release, inside, environment = target.release, target.inside, target.overlay.environment
    state.left = (
        f"the cluster goes on with the release; devkit deploy status {environment} shows it,"
        f" devkit deploy rollback {environment} goes back"
    )
    parts = release.part("release")
    names = [name_of(one) for one in parts if one["kind"] == "Deployment"]
    target.kubectl.apply(parts)
    if names:
        cause = remembered(f"devkit deploy {environment}: {release.image.reference}")
        inside.run("annotate", "deployment", *names, "--overwrite", *cause)
    own = await_workloads(inside, "Deployment", release.deployments, told, patience, image=release.image.reference)
    others = [name for name in names if name not in release.deployments]
    rest = await_workloads(inside, "Deployment", others, told, patience) if own.is_done else Rollout(())
    rollout = own if not own.is_done else rest
    if not rollout.is_done:
        raise _taken_back(target, before, rollout, told, patience)
    revision = revision_of(inside.json("get", "deployment", release.deployments[0])) if release.deployments else 0
    return Deployed(environment, release.image.reference, revision, "deployed", own.pods)


def _taken_back(target: Target, before: Before, rollout: Rollout, told: Told, patience: Patience) -> FailedError:
    """Go back, and the error to raise: the reasons are read first, for the pods go."""
    serves = "the release before it serves" if before.has_release else "there is no release before it"
    error = not_started(target, rollout, "the release does not start", serves)
    told.mark("failed", error.message)
    try:
        for line in take_back(target.kubectl, target.release, before):
            told.say(f"  {line}")
    except DevkitError as trouble:
        text = f"{error.message}, and going back to it failed: {trouble.message}"
        return FailedError(text, error.hint, detail=error.detail)
    names = [name for name in before.revisions if name in target.release.deployments]
    back = await_workloads(target.inside, "Deployment", names, told, patience)
    if not back.is_done:
        return FailedError(
            f"{error.message}, and going back to it does not work either: {back.why}", error.hint, detail=error.detail
        )
    if before.has_release:
        told.mark("done", f"back at revision {max(before.revisions.values())}'s pods")
    return error


@contextmanager
def _settings_restored(target: Target, before: Before) -> Iterator[None]:
    """What fails before the release serves leaves no new setting behind."""
    try:
        yield
    except DevkitError:
        restore_settings(target.kubectl, before)
        raise


@contextmanager
def _told_where_it_stopped(state: _State, told: Told) -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        told.warning(f"interrupted: {state.left}")
        raise


def _person() -> str:
    try:
        return f"{getpass.getuser()}@{socket.gethostname()}"
    except (KeyError, OSError):  # a user without a name
        return f"{os.getuid()}@{socket.gethostname()}"
