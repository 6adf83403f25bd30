"""`devkit deploy` on a real cluster: what is released, what is refused, and what serves when a release fails."""

from __future__ import annotations

import json
import secrets
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from node import Node
from small_release import REDIS, REPOSITORY, Small

pytestmark = pytest.mark.kubernetes

GONE = "https://127.0.0.1:1"


@pytest.fixture(scope="module")
def images(cluster: Node) -> Iterator[tuple[str, str]]:
    """Two names with digests that the node has, as if it had pulled them: no registry is here."""
    cluster.load(REDIS)
    digest = f"sha256:{secrets.token_hex(32)}", f"sha256:{secrets.token_hex(32)}"
    names = [f"{REPOSITORY}@{one}" for one in digest]
    ctr = ["exec", cluster.container, "ctr", "--namespace", "k8s.io", "images"]
    for name in names:
        cluster.docker.run(*ctr, "tag", "--force", f"docker.io/library/{REDIS}", name)
    yield digest
    cluster.docker.run(*ctr, "rm", *names)


@contextmanager
def made_small(cluster: Node, root: Path, images: tuple[str, str]) -> Iterator[Small]:
    root.mkdir()
    (root / "devkit.toml").write_text('[project]\nname = "small"\n')
    one = Small(cluster, root, f"small-{secrets.token_hex(4)}", images)
    one.write()
    cluster.kubectl("create", "namespace", one.namespace)
    one.kubectl("create", "secret", "generic", "small-secrets", "--from-literal=KEY=value-of-the-secret")
    try:
        yield one
    finally:
        cluster.kubectl("delete", "namespace", one.namespace, "--ignore-not-found", "--wait=false")


@pytest.fixture
def small(cluster: Node, images: tuple[str, str], tmp_path: Path) -> Iterator[Small]:
    """A project whose namespace is there, with its Secret."""
    with made_small(cluster, tmp_path / "small", images) as one:
        yield one


@pytest.fixture(scope="module")
def first_release(cluster: Node, images: tuple[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Small]:
    with made_small(cluster, tmp_path_factory.mktemp("deploy") / "small", images) as one:
        done = one.deploy(one.images[0])
        assert done.returncode == 0, done.stderr
        yield one


@pytest.fixture
def released(first_release: Small) -> Iterator[Small]:
    """The first release, for whatever leaves it serving: it is the same for all."""
    first_release.write()
    yield first_release
    assert first_release.serving()["images"] == [f"{REPOSITORY}@{first_release.images[0]}"]


def test_a_release_is_shown_checked_migrated_and_rolled_out(small: Small) -> None:
    planned = small.deploy(small.images[0], "--dry-run", "--json")
    assert planned.returncode == 0, planned.stderr
    assert json.loads(planned.stdout)["status"] == "planned"
    assert "+ Deployment laravel" in planned.stderr and "» Job migrate-" in planned.stderr
    assert small.get("deployments")["items"] == []

    done = small.deploy(small.images[0], "--json")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert (said["environment"], said["revision"], said["status"]) == ("staging", 1, "deployed")
    assert said["image"] == f"{REPOSITORY}@{small.images[0]}"
    assert [pod["ready"] for pod in said["pods"]] == [True, True, True]
    assert small.kubectl("logs", f"job/migrate-{small.images[0][7:19]}").strip() == "migrated"
    for pod in said["pods"]:
        assert f"{pod['name']} ready" in done.stderr
    assert "value-of-the-secret" not in done.stderr + done.stdout + planned.stderr

    status = json.loads(small.devkit("deploy", "status", "staging", "--json").stdout)
    assert (status["status"], status["revision"], status["image"]) == ("serving", 1, said["image"])
    assert status["migration"] == f"migrate-{small.images[0][7:19]}: complete"
    lines = small.devkit("deploy", "logs", "staging", "--grep", "Ready to accept").stdout.splitlines()
    assert sorted(line.partition(" | ")[0] for line in lines) == sorted(pod["name"] for pod in said["pods"])


def test_what_changes_is_shown_and_nothing_else(released: Small) -> None:
    released.write(note="b")
    planned = released.deploy(released.images[1], "--dry-run")
    assert planned.returncode == 0, planned.stderr
    changed = [line for line in planned.stderr.splitlines() if line.startswith("  ~")]
    assert set(changed) == {"  ~ Service laravel-service", "  ~ Deployment laravel", "  ~ Deployment laravel-queue"}
    assert f"+      - image: {REPOSITORY}@{released.images[1]}".replace(" ", "") in planned.stderr.replace(" ", "")
    assert "org.devkit" not in planned.stderr


def test_a_release_is_gone_back_from_and_the_history_says_so(small: Small) -> None:
    assert small.deploy(small.images[0]).returncode == 0
    assert small.deploy(small.images[1]).returncode == 0
    back = small.devkit("deploy", "rollback", "staging", "--json")
    assert back.returncode == 0, back.stderr
    assert json.loads(back.stdout)["image"] == f"{REPOSITORY}@{small.images[0]}"
    assert "migrations are not undone" in back.stderr
    assert small.serving()["images"] == [f"{REPOSITORY}@{small.images[0]}"]
    found = json.loads(small.devkit("deploy", "history", "staging", "--json").stdout)["revisions"]
    assert [(one["revision"], one["image"].partition("@")[2]) for one in found] == [
        (3, small.images[0]),
        (2, small.images[1]),
    ]
    assert found[0]["cause"].startswith("devkit deploy rollback staging: revision 1")
    assert found[1]["cause"].startswith("devkit deploy staging") and found[1]["by"]
    refused = small.devkit("deploy", "rollback", "staging", "9")
    assert (refused.returncode, "the revisions are: 3, 2" in refused.stderr) == (2, True)


def test_a_migration_that_fails_leaves_the_release_before_it(released: Small) -> None:
    before = released.serving()
    released.write(migrate="echo no such column >&2; exit 1", note="b")
    done = released.deploy(released.images[1])
    assert done.returncode == 1
    assert "the migration failed: no such column; nothing else was released, and the release before it serves" in (
        done.stderr
    )
    assert released.serving() == before


def test_an_image_that_crashes_is_told_with_its_last_lines_and_taken_back(released: Small) -> None:
    before = released.serving()
    released.write(serve="[sh, -c, 'echo Class App not found; exit 3']", note="b")
    done = released.deploy(released.images[1], "--json")
    assert done.returncode == 1
    assert "app ended with status 3" in json.loads(done.stdout)["error"]["message"]
    assert "| Class App not found" in done.stderr
    after = released.serving()
    assert (after["images"], after["note"]) == (before["images"], before["note"])
    assert set(before["pods"]) & set(after["pods"])  # what served was never taken away
    assert json.loads(released.devkit("deploy", "status", "staging", "--json").stdout)["status"] == "serving"


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ({"key": "OTHER"}, "the Secret small-secrets has no key OTHER"),
        ({"serve": "[redis-server, --port, '7000', --save, '']"}, "Readiness probe failed"),
    ],
    ids=["a key that is missing", "a probe that fails"],
)
def test_a_pod_that_does_not_get_ready_says_why(released: Small, what: dict[str, Any], said: str) -> None:
    before = released.serving()
    released.write(**what, deadline=15)
    done = released.deploy(released.images[1])
    assert done.returncode == 1
    assert said in done.stderr
    assert released.serving()["images"] == before["images"]


def test_an_image_that_nobody_has_is_told(released: Small) -> None:
    released.write(pull="Never")
    done = released.deploy(f"sha256:{'e' * 64}")
    assert done.returncode == 1
    assert "the migration cannot start: the node does not have the image" in done.stderr
    assert f"{REPOSITORY}@sha256:eeee" in done.stderr
    names = [job["metadata"]["name"] for job in released.get("jobs")["items"]]
    assert "migrate-eeeeeeeeeeee" not in names  # it would migrate as soon as the image is there


def test_a_first_release_that_fails_leaves_nothing_that_crashes(small: Small) -> None:
    small.write(serve="[sh, -c, 'exit 3']", deadline=10)
    done = small.deploy(small.images[0])
    assert done.returncode == 1
    assert "there is no release before it" in done.stderr
    assert small.get("deployments")["items"] == []


def test_what_pod_security_refuses_is_warned_of_and_told(released: Small) -> None:
    text = (released.root / "kubernetes/overlays/staging/all.yaml").read_text()
    (released.root / "kubernetes/overlays/staging/all.yaml").write_text(text.replace("drop: [ALL]", "drop: []", 1))
    done = released.deploy(released.images[1])
    assert done.returncode == 1
    assert "the server warns: would violate PodSecurity" in done.stderr
    assert "the namespace's Pod Security refuses its pods" in done.stderr
    assert released.serving()["images"] == [f"{REPOSITORY}@{released.images[0]}"]


def test_a_secret_that_is_not_there_stops_it_before_anything_is_applied(small: Small) -> None:
    small.kubectl("delete", "secret", "small-secrets")
    done = small.deploy(small.images[0])
    assert done.returncode == 1
    assert f"the Secret small-secrets is not in the namespace {small.namespace}" in done.stderr
    assert small.get("services")["items"] == []


def test_what_the_server_refuses_is_not_half_applied(released: Small) -> None:
    before = released.serving()
    path = released.root / "kubernetes/overlays/staging/all.yaml"
    path.write_text(path.read_text().replace("note: a", "note: b").replace("port: 80", "port: 80000"))
    done = released.deploy(released.images[1])
    assert done.returncode == 1
    assert "the server refuses this release (Service laravel-service)" in done.stderr
    assert released.serving() == before


def test_a_namespace_is_made_and_goes_again_where_the_server_refuses_what_belongs_there(small: Small) -> None:
    small.node.kubectl("delete", "namespace", small.namespace, "--wait")
    path = small.root / "kubernetes/overlays/staging/all.yaml"
    plain = "\n".join(line for line in path.read_text().splitlines() if "secretKeyRef" not in line)
    path.write_text(plain.replace("port: 80", "port: 80000"))
    planned = small.deploy(small.images[0], "--dry-run")
    assert planned.returncode == 0, planned.stderr
    assert f"+ Namespace {small.namespace}" in planned.stderr
    assert small.node.kubectl("get", "namespace", small.namespace, "--ignore-not-found") == ""

    done = small.deploy(small.images[0])
    assert done.returncode == 1
    assert "the server refuses this release (Service laravel-service)" in done.stderr
    small.node.kubectl("wait", "--for=delete", f"namespace/{small.namespace}", "--timeout=120s")

    path.write_text(plain)
    done = small.deploy(small.images[0])
    assert done.returncode == 0, done.stderr


def test_without_permission_it_says_who_may_not_do_what(released: Small, tmp_path: Path) -> None:
    before = released.serving()
    space = released.namespace
    released.kubectl("create", "serviceaccount", "reader")
    released.kubectl("create", "rolebinding", "reader", "--clusterrole=view", f"--serviceaccount={space}:reader")
    kubeconfig = login_of(released, "reader", tmp_path)
    done = released.deploy(released.images[1], KUBECONFIG=str(kubeconfig))
    assert done.returncode == 1
    assert (
        f"system:serviceaccount:{space}:reader has no permission to create deployments.apps in {space}" in done.stderr
    )
    assert "create services" in done.stderr
    assert released.serving() == before
    # to look is what it may
    assert released.devkit("deploy", "status", "staging", KUBECONFIG=str(kubeconfig)).returncode == 0


def test_who_may_deploy_need_not_own_the_namespace(small: Small, tmp_path: Path) -> None:
    space = small.namespace
    small.kubectl("create", "serviceaccount", "deployer")
    small.kubectl("create", "rolebinding", "deployer", "--clusterrole=admin", f"--serviceaccount={space}:deployer")
    done = small.deploy(small.images[0], KUBECONFIG=str(login_of(small, "deployer", tmp_path)))
    assert done.returncode == 0, done.stderr


def test_a_cluster_that_does_not_answer_is_named_with_its_address(small: Small, tmp_path: Path) -> None:
    kubeconfig = tmp_path / "gone"
    kubeconfig.write_text(small.node.kubeconfig.read_text())
    cluster = small.node.kubectl("config", "view", "--output", "jsonpath={.clusters[0].name}")
    subprocess.run(
        ["kubectl", "--kubeconfig", str(kubeconfig), "config", "set-cluster", cluster, "--server", GONE],
        check=True,
        capture_output=True,
    )
    done = small.deploy(small.images[0], KUBECONFIG=str(kubeconfig))
    assert done.returncode == 1
    assert f"({GONE}) does not answer: connection refused" in done.stderr


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("nowhere",), 2, "the environments are: staging"),
        (("staging", "--image", "small:1.2"), 2, "is a tag"),
        (("staging",), 2, "names no digest"),
        (("staging", "--image", f"sha256:{'a' * 64}", "--context", "none"), 2, "kubectl knows no context none"),
        (("status", "staging", "--dry-run"), 2, "--dry-run is not for devkit deploy status"),
        (("history", "staging"), 1, "nothing was released to staging"),
        (("local",), 2, "there is no environment 'rehearsal'"),
    ],
)
def test_what_is_wrong_is_said_before_anything_happens(
    small: Small, words: tuple[str, ...], status: int, said: str
) -> None:
    done = small.devkit("deploy", *words)
    assert (done.returncode, said in done.stderr) == (status, True), done.stderr
    assert small.get("deployments")["items"] == []


def test_production_asks_and_nobody_to_ask_is_an_error_of_its_own(small: Small) -> None:
    (small.root / "kubernetes/overlays/staging").rename(small.root / "kubernetes/overlays/production")
    done = small.devkit("deploy", "production", "--image", small.images[0])
    assert done.returncode == 5
    assert "Release" in done.stderr and "--yes" in done.stderr
    assert small.get("deployments")["items"] == []


def test_interrupted_it_says_how_far_it_is_and_a_second_one_at_once_is_refused(released: Small) -> None:
    released.write(migrate="sleep 600")
    words = [sys.executable, "-m", "devkit.entry", "deploy", "staging", "--image", released.images[1]]
    first = subprocess.Popen(words, cwd=released.root, env=released.node.environment, stderr=subprocess.PIPE, text=True)
    try:
        assert first.stderr is not None
        for line in first.stderr:
            if "starting" in line:
                break
        second = released.deploy(released.images[1])
        assert second.returncode == 1
        assert f"devkit deploy staging (pid {first.pid}" in second.stderr and "is at work on staging" in second.stderr
        first.terminate()
        said = first.stderr.read()
        assert first.wait() == 128 + signal.SIGTERM
    finally:
        first.kill()
        first.wait()
    assert "interrupted: the migration may be running in the cluster, and goes on" in said
    assert released.serving()["images"] == [f"{REPOSITORY}@{released.images[0]}"]


def login_of(small: Small, account: str, directory: Path) -> Path:
    """A kubeconfig of a ServiceAccount."""
    token = small.kubectl("create", "token", account).strip()
    config = json.loads(small.node.kubectl("config", "view", "--raw", "--output", "json"))
    for user in config["users"]:
        user["user"] = {"token": token}
    path = directory / f"{account}.json"
    path.write_text(json.dumps(config))
    path.chmod(0o600)
    return path
