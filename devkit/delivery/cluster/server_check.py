"""The server's own check of a release (`--dry-run=server`): admission, quotas, schemas; nothing is kept."""

from __future__ import annotations

from devkit.delivery.cluster.kubectl import Kubectl
from devkit.delivery.cluster.objects import Object, Release, title_of, with_names
from devkit.delivery.cluster.refusals import warnings_in
from devkit.project.errors import CommandError, FailedError

_ASKED = "-check"
_LONGEST = 63


def check_with_server(kubectl: Kubectl, release: Release) -> list[str]:
    """What the server warns of; FailedError with its words where it refuses an object. The namespace has to be there.

    A Job that is there already cannot be changed, and is made anew: it is checked under another name.
    """
    jobs = with_names(release.of_kind("Job"), lambda name: name[: _LONGEST - len(_ASKED)] + _ASKED)
    return _checked(kubectl, [*(one for one in release.objects if one["kind"] != "Job"), *jobs], "server")


def check_without_namespace(kubectl: Kubectl, release: Release) -> list[str]:
    """As far as it goes without making the namespace: that one by the server, the rest by the server's schemas."""
    namespaces = release.part("namespace")
    found = _checked(kubectl, namespaces, "server") if namespaces else []
    return found + _checked(kubectl, [one for one in release.objects if one not in namespaces], "client")


def has_namespace(kubectl: Kubectl, namespace: str) -> bool:
    """Whether a namespace is there; one that is going away is a FailedError. One that may not be looked at is there."""
    done = kubectl.attempt("get", "namespace", namespace, "--ignore-not-found", "--output", "jsonpath={.status.phase}")
    if done.returncode != 0:
        if "cannot get resource" in done.said:
            return True
        raise kubectl.failure(["get"], done.said)
    if done.out.strip() == "Terminating":
        raise FailedError(f"the namespace {namespace} is being removed", "wait until it is gone, then try again")
    return bool(done.out.strip())


def _checked(kubectl: Kubectl, objects: list[Object], where: str) -> list[str]:
    try:
        done = kubectl.apply(objects, f"--dry-run={where}", "--validate=strict")
    except CommandError as error:
        names = ", ".join(title_of(one) for one in objects if f'"{one["metadata"]["name"]}"' in error.detail)
        raise FailedError(
            f"the server refuses this release{f' ({names})' if names else ''}: "
            + error.message.partition("failed: ")[2],
            "nothing was changed; mend the overlay",
            detail=error.detail,
        ) from error
    return warnings_in(done.said)
