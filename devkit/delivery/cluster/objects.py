"""The objects of a release, and the order in which they reach the cluster: what serves comes last."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from devkit.delivery.cluster.release_image import ReleaseImage, parse_reference
from devkit.project.errors import UsageError

Object = Mapping[str, Any]
Part = Literal["namespace", "settings", "migration", "release"]

PARTS: tuple[Part, ...] = ("namespace", "settings", "migration", "release")
"""Whatever fails before the last leaves the release before this one as it is; the pipelines keep the same order."""

_PART_OF: Mapping[str, Part] = {
    "Namespace": "namespace",
    "Job": "migration",
    "Deployment": "release",
    "CronJob": "release",
    "HorizontalPodAutoscaler": "release",
}
_WITHOUT_NAMESPACE = frozenset(
    {
        *("Namespace", "ClusterRole", "ClusterRoleBinding", "CustomResourceDefinition", "PersistentVolume"),
        *("PriorityClass", "StorageClass", "IngressClass", "GatewayClass", "RuntimeClass"),
    }
)
_WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob", "Pod")


@dataclass(frozen=True)
class Release:
    """Everything that one environment runs, with the image and the namespace of it."""

    environment: str
    image: ReleaseImage
    namespace: str
    objects: tuple[Object, ...]

    def part(self, name: Part) -> list[Object]:
        """The objects of one part."""
        return [one for one in self.objects if part_of(one) == name]

    def of_kind(self, kind: str) -> list[Object]:
        """The objects of one kind."""
        return [one for one in self.objects if one["kind"] == kind]

    @property
    def deployments(self) -> tuple[str, ...]:
        """The names of the Deployments that run the application's image: the one behind a Service first."""
        own = [one for one in self.of_kind("Deployment") if runs(one, self.image.repository)]
        selectors = [one["spec"].get("selector") or {} for one in self.of_kind("Service")]

        def is_served(one: Object) -> bool:
            labels = (one["spec"]["template"].get("metadata") or {}).get("labels") or {}
            return any(selector and selector.items() <= labels.items() for selector in selectors)

        return tuple(name_of(one) for one in sorted(own, key=lambda one: not is_served(one)))

    @property
    def images(self) -> tuple[str, ...]:
        """Every image that a pod of it runs."""
        return tuple(dict.fromkeys(image for one in self.objects for image in images_of(one)))


def release_of(environment: str, image: ReleaseImage, objects: Sequence[Object], default_namespace: str) -> Release:
    """A release made of rendered objects; UsageError where no pod of it runs the image.

    A Job cannot be changed once it is there: each is called after the image. Where the overlay names no namespace it is
    the context's.
    """
    if not any(image.reference in images_of(one) for one in objects):
        raise UsageError(
            f"the overlay {environment} runs no image {image.reference}",
            "its manifests and its entry under images: have to call the application's image the same",
        )
    named = [_called_after(one, image.short) if one["kind"] == "Job" else one for one in objects]
    own = [one for one in named if image.reference in images_of(one)]
    found = next((one["metadata"]["namespace"] for one in own if one["metadata"].get("namespace")), "")
    if found:
        return Release(environment, image, found, tuple(named))
    return Release(environment, image, default_namespace, tuple(_inside(one, default_namespace) for one in named))


def part_of(one: Object) -> Part:
    """The part of the release that an object belongs to."""
    return _PART_OF.get(one["kind"], "settings")


def name_of(one: Object) -> str:
    """An object's name."""
    return str(one["metadata"]["name"])


def title_of(one: Object) -> str:
    """An object for a person: `Deployment laravel`."""
    return f"{one['kind']} {name_of(one)}"


def pod_spec(one: Object) -> Mapping[str, Any]:
    """The pods' specification of a workload; an empty one for what has no pods."""
    if one["kind"] not in _WORKLOADS:
        return {}
    spec = one.get("spec") or {}
    if one["kind"] == "Pod":
        return dict(spec)
    if one["kind"] == "CronJob":
        spec = spec.get("jobTemplate", {}).get("spec") or {}
    return spec.get("template", {}).get("spec") or {}


def containers_of(spec: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The containers of a pod's specification, those that only prepare it too."""
    yield from spec.get("initContainers") or ()
    yield from spec.get("containers") or ()


def images_of(one: Object) -> list[str]:
    """The images that an object's pods run."""
    return [container["image"] for container in containers_of(pod_spec(one)) if container.get("image")]


def runs(one: Object, repository: str) -> bool:
    """Whether a workload's pods run an image of this repository."""
    return any(parse_reference(image).repository == repository for image in images_of(one))


def with_names(objects: Sequence[Object], renamed: Callable[[str], str]) -> list[Object]:
    """Objects under other names."""
    return [{**one, "metadata": {**one["metadata"], "name": renamed(name_of(one))}} for one in objects]


def without(release: Release, kinds: Sequence[str]) -> Release:
    """The release without the objects of these kinds."""
    return replace(release, objects=tuple(one for one in release.objects if one["kind"] not in kinds))


def _called_after(one: Object, short: str) -> Object:
    return with_names([one], lambda name: f"{name}-{short}")[0]


def _inside(one: Object, namespace: str) -> Object:
    """With the namespace written down: a context's own does not decide then."""
    if one["kind"] in _WITHOUT_NAMESPACE or one["metadata"].get("namespace"):
        return one
    return {**one, "metadata": {**one["metadata"], "namespace": namespace}}
