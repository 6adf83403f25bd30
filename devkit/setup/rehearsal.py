"""`devkit deploy local`: the release as it will be, on a cluster of this machine, rolled while requests come in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from devkit.delivery.build_progress import OnBuildEvent
from devkit.delivery.cluster.contexts import ClusterContext, check_answers, choose_context
from devkit.delivery.cluster.deploy import Deployed, Target, deploy, not_started, plan_deploy, remembered
from devkit.delivery.cluster.kubectl import Kubectl, find_kubectl
from devkit.delivery.cluster.load import LoadOptions, LoadResult, under_load
from devkit.delivery.cluster.loading import load_images
from devkit.delivery.cluster.local_clusters import LocalCluster, recognise
from devkit.delivery.cluster.objects import Release
from devkit.delivery.cluster.overlays import Overlay, read_overlay
from devkit.delivery.cluster.rehearsal_images import forget_old, not_on_nodes, provide_images, tag_by_content
from devkit.delivery.cluster.rehearsal_secrets import provide_secret
from devkit.delivery.cluster.rendering import render
from devkit.delivery.cluster.rollout import Patience, await_workloads
from devkit.delivery.cluster.told import Nobody, Told
from devkit.delivery.cluster.workloads import revision_of, workload_state
from devkit.engine.belongings import image_repository
from devkit.project.errors import FailedError
from devkit.project.settings import Settings
from devkit.scaffold.kubernetes import SECRET, needed_secrets
from devkit.setup.building import build
from devkit.setup.project import Project

ENVIRONMENT = "rehearsal"


@dataclass(frozen=True)
class Rehearsal:
    """What came of it: the release, the tool of the cluster, and what the load counted."""

    deployed: Deployed
    tool: str
    load: LoadResult

    def to_json(self) -> dict[str, Any]:
        """The object of `devkit deploy`, with what was counted."""
        return {**self.deployed.to_json(), "cluster": self.tool, "load": self.load.to_json()}


@dataclass(frozen=True)
class _Place:
    kubectl: Kubectl
    context: ClusterContext
    cluster: LocalCluster
    nodes: list[Any]
    overlay: Overlay


def rehearse(
    project: Project, wanted_context: str, options: LoadOptions, patience: Patience, told: Told, on_build: OnBuildEvent
) -> Rehearsal:
    """Build, load, release, and roll under load; the first time the release is rolled once it is there.

    FailedError for whatever does not work on the way; requests that failed are in the result.
    """
    project.docker.ping()
    place = _place(project, wanted_context, told)
    repository = image_repository(project.settings.name)
    built = build(project, "app", on_build)
    image = tag_by_content(project.docker, built.image, repository)
    release = render(place.kubectl, place.overlay, image, place.context.namespace)
    _bring_images(project, place, release, told)
    target = Target(place.kubectl, place.context, place.overlay, release)
    _prepare_namespace(target, project.settings, told)
    if any((one["spec"].get("strategy") or {}).get("type") == "Recreate" for one in release.of_kind("Deployment")):
        told.warning("its pods are replaced all at once (Recreate, as SQLite wants it): requests fail meanwhile")
    former = _served_revision(target)
    if former:
        with under_load(target, options, told) as load:
            deployed = _release(project, target, told, patience)
            if deployed.revision == former:  # the same pods: then they are rolled as they are
                deployed = _restart(target, deployed, told, patience)
            _await_old_pods(target, patience)
            result = load.finish()
    else:
        deployed = _release(project, target, told, patience)
        with under_load(target, options, told) as load:
            deployed = _restart(target, deployed, told, patience)
            _await_old_pods(target, patience)
            result = load.finish()
    forget_old(project.docker, repository)
    return Rehearsal(deployed, place.cluster.tool, result)


def end_rehearsal(project: Project, wanted_context: str, told: Told, confirm: Callable[[str], bool]) -> str:
    """Remove the rehearsal's namespace with all that is in it; its name, or an empty text where there was none."""
    place = _place(project, wanted_context, told)
    release = render(place.kubectl, place.overlay, place.overlay.any_image, place.context.namespace)
    name = release.namespace
    if not release.part("namespace"):
        raise FailedError(f"the overlay {ENVIRONMENT} has no namespace of its own", "kubectl delete --kustomize …")
    if place.kubectl.find("namespace", name) is None:
        return ""
    if not confirm(f"Remove the namespace {name} of {place.context.name}, its database too?"):
        raise FailedError("nothing was removed", "")
    told.progress(f"removing {name}")
    place.kubectl.run("delete", "namespace", name, "--ignore-not-found", "--wait")
    return name


def _place(project: Project, wanted_context: str, told: Told) -> _Place:
    overlay = read_overlay(project.paths.root, ENVIRONMENT, image_repository(project.settings.name))
    kubectl, context = choose_context(find_kubectl(), wanted_context)
    version = check_answers(kubectl)
    nodes = kubectl.items("nodes")
    cluster = recognise(context, nodes, project.settings.deploy.load)
    told.mark("done", f"{context.name} ({cluster.tool}) answers: Kubernetes {version}")
    return _Place(kubectl, context, cluster, nodes, overlay)


def _bring_images(project: Project, place: _Place, release: Release, told: Told) -> None:
    services = [image for image in release.images if image != release.image.reference]
    provide_images(project.docker, services)
    missing = [] if place.cluster.shares_engine else not_on_nodes(place.nodes, [*services, release.image.reference])
    if missing:
        told.mark("start", f"loading {', '.join(missing)}")
        load_images(project.docker, place.cluster, missing)
    told.mark("done", "the cluster has every image")


def _prepare_namespace(target: Target, settings: Settings, told: Told) -> None:
    """The namespace, and its Secret, without which no pod starts."""
    if spaces := target.release.part("namespace"):
        target.kubectl.apply(spaces)
    if provide_secret(target.inside, SECRET, needed_secrets(settings)):
        told.mark("done", f"Secret {SECRET} made, with random values")


def _served_revision(target: Target) -> int:
    """The revision that serves now; 0 where none does."""
    for name in target.release.deployments[:1]:
        found = target.inside.find("deployment", name)
        if found is not None and (found.get("status") or {}).get("availableReplicas"):
            return revision_of(found) if workload_state(found).standing == "done" else 0
    return 0


def _release(project: Project, target: Target, told: Told, patience: Patience) -> Deployed:
    return deploy(project.paths, target, plan_deploy(target), told, patience)


def _restart(target: Target, deployed: Deployed, told: Told, patience: Patience) -> Deployed:
    """Roll the same release once more."""
    names = target.release.deployments
    told.mark("start", "rolling it under load")
    target.inside.run("rollout", "restart", *(f"deployment/{name}" for name in names))
    cause = remembered(f"devkit deploy local: {deployed.image} rolled once more")
    target.inside.run("annotate", "deployment", *names, "--overwrite", *cause)
    rollout = await_workloads(target.inside, "Deployment", names, told, patience)
    if not rollout.is_done:
        raise not_started(target, rollout, "the roll does not get to its end", "the pods before it serve on")
    revision = revision_of(target.inside.json("get", "deployment", names[0]))
    return Deployed(deployed.environment, deployed.image, revision, "rehearsed", rollout.pods)


def _await_old_pods(target: Target, patience: Patience) -> None:
    """Until the last of them has drained, the load goes on."""
    await_workloads(target.inside, "Deployment", target.release.deployments, Nobody(), patience, old_gone=True)
