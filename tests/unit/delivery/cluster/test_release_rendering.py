"""Overlays rendered by the real kubectl, which needs no cluster for it."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from overlay_project import DIGEST, write_project

from devkit.delivery.cluster.kubectl import find_kubectl
from devkit.delivery.cluster.objects import Release, name_of, part_of, title_of
from devkit.delivery.cluster.overlays import read_overlay
from devkit.delivery.cluster.permissions import Permission, needed_permissions
from devkit.delivery.cluster.release_image import ReleaseImage
from devkit.delivery.cluster.rendering import render
from devkit.delivery.cluster.required import missing_in
from devkit.project.errors import UsageError

pytestmark = pytest.mark.unit

OTHER = f"sha256:{'f' * 64}"


def rendered(root: Path, digest: str = DIGEST) -> Release:
    overlay = read_overlay(root, "staging", "shop-app")
    return render(find_kubectl(), overlay, ReleaseImage(overlay.repository, digest), "default")


@pytest.fixture
def release(tmp_path: Path) -> Release:
    return rendered(write_project(tmp_path), OTHER)


def test_the_image_takes_the_place_of_the_overlays_own(release: Release) -> None:
    reference = f"registry.example:5000/team/shop@{OTHER}"
    assert set(release.images) == {"shop-app-extra:1", reference, "mysql:9.7.4"}
    assert release.namespace == "shop-staging"


def test_only_deployments_of_the_image_are_the_release_and_the_one_that_is_served_comes_first(release: Release) -> None:
    assert release.deployments == ("laravel", "queue")


def test_the_job_is_called_after_the_digest(release: Release) -> None:
    assert [name_of(one) for one in release.part("migration")] == ["migrate-ffffffffffff"]


def test_what_serves_is_the_last_part(release: Release) -> None:
    assert {title_of(one) for one in release.part("release")} == {
        "Deployment laravel",
        "Deployment queue",
        "Deployment other",
    }
    assert {one["kind"] for one in release.part("settings")} == {"ConfigMap", "Service", "StatefulSet"}
    assert {part_of(one) for one in release.of_kind("Namespace")} == {"namespace"}


def test_what_nobody_brings_is_found_and_what_is_optional_is_not(release: Release) -> None:
    assert [(one.kind, one.name, one.by) for one in missing_in(release)] == [
        ("Secret", "laravel-secrets", "Deployment laravel"),
        ("Secret", "token", "Deployment laravel"),
    ]


def test_a_secret_that_an_operator_makes_is_not_missed(tmp_path: Path) -> None:
    root = write_project(tmp_path)
    with (root / "kubernetes/base/all.yaml").open("a") as stream:
        stream.write(
            "---\napiVersion: secrets.doppler.com/v1alpha1\nkind: DopplerSecret\nmetadata: {name: doppler}\n"
            "spec: {managedSecret: {name: laravel-secrets}}\n"
        )
    assert [one.name for one in missing_in(rendered(root))] == ["token"]


def test_what_a_deploy_does_is_what_it_asks_permission_for(release: Release) -> None:
    needed = needed_permissions(release)
    assert Permission("patch", "deployments", "apps", namespace="shop-staging") in needed
    assert Permission("delete", "jobs", "batch", namespace="shop-staging") in needed
    assert Permission("get", "pods", subresource="log", namespace="shop-staging") in needed
    assert not [one for one in needed if one.resource == "namespaces"]
    assert str(needed[-1]) == "watch statefulsets.apps in shop-staging"


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root, place = write_project(tmp_path / "shop"), tmp_path / "tmp"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    before = sorted(root.rglob("*"))
    rendered(root)
    assert sorted(root.rglob("*")) == before
    assert list(place.iterdir()) == []


def test_an_overlay_that_runs_another_image_is_refused(tmp_path: Path) -> None:
    root = write_project(tmp_path)
    base = root / "kubernetes/base/all.yaml"
    base.write_text(
        base.read_text().replace("image: shop-app}", "image: blog-app}").replace("image: shop-app\n", "image: b\n")
    )
    with pytest.raises(UsageError, match="runs no image"):
        rendered(root)


def test_what_kustomize_refuses_is_said(tmp_path: Path) -> None:
    root = write_project(tmp_path)
    (root / "kubernetes/base/all.yaml").unlink()
    with pytest.raises(UsageError, match="the overlay staging cannot be rendered: .*all.yaml") as caught:
        rendered(root)
    assert caught.value.hint == "kubectl kustomize kubernetes/overlays/staging says the same"
