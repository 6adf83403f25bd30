"""Every overlay and every combination of components, as kustomize makes them and Kubernetes' own schemas judge them."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from itertools import chain, combinations
from pathlib import Path

import jsonschema
import kubernetes_validate
import pytest
from kubernetes_manifests import BARE, FULL, SQLITE, Judge, combined, one, overlay, pods, restricted, write_kubernetes

from devkit.project.services import DATABASES, SERVICES
from devkit.project.settings import PhpSettings, SecretsSettings, Settings
from devkit.scaffold.kubernetes import ALL_PATHS, ENVIRONMENTS, render_kubernetes

pytestmark = pytest.mark.unit

EVERY = {
    "full": FULL,
    "bare": BARE,
    "sqlite": SQLITE,
    "mariadb and valkey": Settings("shop", "mariadb", ("valkey", "queue"), secrets=SecretsSettings("doppler")),
    "postgresql and redis": Settings("a__b-1", "pgsql", ("redis", "scheduler"), PhpSettings(mode="classic")),
    "every service": Settings("9", "mysql", tuple(name for name in SERVICES if name not in (*DATABASES, "valkey"))),
    "a long name": Settings("x" * 63, "mysql", ("queue",), PhpSettings(workers=8)),
}

AT_ONCE = 16
"""Combinations that one call of kustomize makes: more take it longer for each, fewer cost more calls."""


@pytest.fixture(scope="module")
def judge() -> Judge:
    return Judge()


@pytest.mark.parametrize("settings", EVERY.values(), ids=EVERY)
def test_every_overlay_is_what_kubernetes_takes(settings: Settings, judge: Judge, tmp_path: Path) -> None:
    kubernetes = write_kubernetes(tmp_path, settings)
    for environment in ENVIRONMENTS:
        objects = overlay(kubernetes, environment)
        judge.check(objects)
        namespaces = {thing["metadata"].get("namespace") for thing in objects if thing["kind"] != "Namespace"}
        (namespace,) = [thing["metadata"]["name"] for thing in objects if thing["kind"] == "Namespace"]
        assert namespaces == {namespace}
        assert len(namespace) <= 63
        labels = next(thing for thing in objects if thing["kind"] == "Namespace")["metadata"]["labels"]
        assert labels["pod-security.kubernetes.io/enforce"] == "restricted"


def component_names(settings: Settings) -> list[str]:
    paths = (Path(path).parts for path in render_kubernetes(settings))
    return sorted({parts[2] for parts in paths if parts[1] == "components"})


def subsets(of: list[str]) -> Iterator[tuple[str, ...]]:
    return chain.from_iterable(combinations(of, size) for size in range(len(of) + 1))


@pytest.mark.parametrize("settings", [FULL, SQLITE], ids=["full", "sqlite"])
def test_every_combination_of_components_is_what_kubernetes_takes(
    settings: Settings, judge: Judge, tmp_path: Path
) -> None:
    kubernetes = write_kubernetes(tmp_path, settings)
    every = list(subsets(component_names(settings)))
    assert len(every) == (128 if settings is FULL else 16)
    for first in range(0, len(every), AT_ONCE):
        judge.check(combined(kubernetes, *every[first : first + AT_ONCE]))


@pytest.mark.parametrize("settings", EVERY.values(), ids=EVERY)
def test_every_pod_is_one_that_a_restricted_namespace_takes(settings: Settings, tmp_path: Path) -> None:
    kubernetes = write_kubernetes(tmp_path, settings)
    for environment in ENVIRONMENTS:
        every = dict(pods(overlay(kubernetes, environment)))
        assert {name: restricted(pod["spec"]) for name, pod in every.items()} == {name: [] for name in every}
        for pod in every.values():
            assert pod["spec"]["automountServiceAccountToken"] is False
            assert pod["spec"]["enableServiceLinks"] is False
            assert all(one["securityContext"]["readOnlyRootFilesystem"] for one in pod["spec"]["containers"])
            assert all(one["imagePullPolicy"] == "IfNotPresent" for one in pod["spec"]["containers"])


def test_the_judges_refuse_what_is_wrong(judge: Judge, tmp_path: Path) -> None:
    """A check that takes everything would let everything above pass."""
    kubernetes = write_kubernetes(tmp_path, FULL)
    objects = combined(kubernetes, ["gateway", "doppler"])
    deployment = copy.deepcopy(one(objects, "Deployment", "laravel"))
    deployment["spec"]["replica"] = 3
    with pytest.raises(kubernetes_validate.ValidationError):
        judge.check([deployment])
    for kind in ("Gateway", "DopplerSecret"):
        custom = copy.deepcopy(one(objects, kind, "laravel"))
        custom["spec"]["gatewayClas"] = "traefik"
        with pytest.raises(jsonschema.ValidationError):
            judge.check([custom])
    pod = deployment["spec"]["template"]["spec"]
    del pod["securityContext"]["seccompProfile"], pod["containers"][0]["securityContext"]["capabilities"]
    pod["volumes"].append({"name": "host", "hostPath": {"path": "/"}})
    assert restricted(pod) == ["volume host: hostPath", "app: drop ALL", "app: seccompProfile"]


def test_all_paths_are_those_that_some_settings_have() -> None:
    rendered = {path for settings in (*EVERY.values(), FULL) for path in render_kubernetes(settings)}
    assert rendered == set(ALL_PATHS)
