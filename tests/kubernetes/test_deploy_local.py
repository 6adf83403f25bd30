"""`devkit deploy local` on a real cluster: Laravel rolled while requests come in, and none of them fails."""

from __future__ import annotations

import json
from typing import Any

import pytest
from release import Shop

pytestmark = pytest.mark.kubernetes

REHEARSAL = "rehearsal"


def revision(shop: Shop) -> int:
    found = json.loads(shop.inside(REHEARSAL, "get", "deployment", "laravel", "--output", "json"))
    return int(found["metadata"]["annotations"]["deployment.kubernetes.io/revision"])


def left_of_the_load(shop: Shop) -> list[Any]:
    kinds = "pods,configmaps,networkpolicies"
    label = "app.kubernetes.io/managed-by=devkit"
    found = json.loads(shop.inside(REHEARSAL, "get", kinds, "--selector", label, "--output", "json"))
    return [one for one in found["items"] if not one["metadata"].get("deletionTimestamp")]


def test_a_change_is_rolled_out_under_load_without_a_failed_request(rehearsed: Shop) -> None:
    before = revision(rehearsed)
    routes = rehearsed.project.directory / "routes/web.php"
    rehearsed.project.write("routes/web.php", routes.read_text() + "\nRoute::get('/changed', fn () => 'changed');\n")
    done = rehearsed.devkit("--json", "deploy", "local", "--requests", "2000")
    assert done.status == 0, done.stderr[-4000:]
    said = json.loads(done.stdout)
    assert (said["load"]["failed"], said["load"]["failures"]) == (0, [])
    assert said["load"]["requests"] >= 2000
    assert 0 < said["load"]["p50_ms"] <= said["load"]["p99_ms"]
    assert said["revision"] == before + 1
    assert said["image"].partition(":rehearsal-")[1]
    assert rehearsed.get(REHEARSAL, "/changed") == "changed"
    assert left_of_the_load(rehearsed) == []


def test_without_a_change_the_pods_are_rolled_all_the_same(rehearsed: Shop) -> None:
    before = revision(rehearsed)
    done = rehearsed.devkit("--json", "deploy", "local")
    assert done.status == 0, done.stderr[-4000:]
    said = json.loads(done.stdout)
    assert (said["status"], said["revision"], said["load"]["failed"]) == ("rehearsed", before + 1, 0)
    found = json.loads(rehearsed.devkit("--json", "deploy", "history", REHEARSAL).stdout)["revisions"]
    assert found[0]["cause"].startswith("devkit deploy local")


def test_values_of_the_secret_are_shown_nowhere(rehearsed: Shop) -> None:
    found = json.loads(rehearsed.inside(REHEARSAL, "get", "secret", "laravel-secrets", "--output", "json"))
    assert {"APP_KEY", "DB_PASSWORD", "REDIS_PASSWORD"} <= set(found["data"])
    done = rehearsed.devkit("deploy", REHEARSAL, "--dry-run", "--image", f"shop@sha256:{'a' * 64}")
    assert done.status == 0, done.stderr
    assert not [value for value in found["data"].values() if value in done.stderr + done.stdout]
