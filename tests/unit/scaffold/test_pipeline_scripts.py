"""The scripts of the pipeline's last steps, run: access to a cluster, what is deployed in which order, and the records.

kubectl is the real one where it works without a cluster (kustomize, its credential plugins); where it would talk to
one, a program in its place says what it was asked.
"""

from __future__ import annotations

import json
import os
import shutil
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from kubernetes_manifests import write_kubernetes
from pipeline_steps import Runner, Step, steps_of

from devkit.delivery.exchange import read_lines
from devkit.project.settings import Settings
from devkit.scaffold.pipelines import DELIVERY, render_github

pytestmark = pytest.mark.unit

DIGEST = f"sha256:{'0123456789abcdef' * 4}"
IMAGE = "ghcr.io/some/shop"

KUBECTL = """\
#!{python}
import json, os, sys
import yaml
words = sys.argv[1:]
if words[0] == "kustomize":
    os.execv({kubectl!r}, [{kubectl!r}, *words])
options, verbs = {{}}, []
words = iter(words)
for word in words:
    if word in ("--namespace", "--filename", "--timeout", "--output", "--tail"):
        options[word] = next(words)
    else:
        verbs.append(word)
objects = []
if "--filename" in options:
    objects = list(yaml.safe_load_all(open(options["--filename"])))
    objects = [one for found in objects for one in (found["items"] if found["kind"] == "List" else [found])]
if verbs[0] == "create":
    print(*map(json.dumps, objects))
    raise SystemExit
with open("asked", "a") as asked:
    print(*verbs, *sorted({{one["kind"] for one in objects}}), file=asked)
fails = os.environ.get("FAILS", "")
if verbs[:2] == ["get", "job"]:
    print("FailureTarget Failed" if fails == "migration" else "SuccessCriteriaMet Complete", end="")
raise SystemExit(verbs[:2] == ["rollout", "status"] and verbs[2] == fails)
"""
"""In kubectl's place: writes down what it was asked, in a line each; FAILS names what is to fail."""

MANIFESTS = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: shop}
---
apiVersion: batch/v1
kind: Job
metadata: {name: migrate}
spec: {template: {spec: {restartPolicy: Never, containers: [{name: migrate, image: shop-app}]}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: shop-app}]}}
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: scheduler}
spec:
  schedule: "* * * * *"
  jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: run, image: shop-app}]}}}}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: mysql}
spec:
  serviceName: mysql
  selector: {matchLabels: {app: mysql}}
  template: {metadata: {labels: {app: mysql}}, spec: {containers: [{name: mysql, image: mysql}]}}
---
apiVersion: v1
kind: Namespace
metadata: {name: staging}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    for path, file in render_github(Settings("shop", "mysql")).items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(file.text)
    return root


@pytest.fixture
def job(project: Path, tmp_path: Path) -> Runner:
    """The job that deploys, with a directory for programs in front of the PATH."""
    (tmp_path / "temp").mkdir()
    programs = tmp_path / "programs"
    programs.mkdir()
    environment = {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}", "HOME": str(tmp_path)}
    return Runner(
        project, tmp_path / "temp", environment | {"ENVIRONMENT": "staging", "DIGEST": DIGEST, "IMAGE": IMAGE}
    )


def program(job: Runner, name: str, text: str) -> None:
    path = Path(job.environment["PATH"].partition(os.pathsep)[0]) / name
    path.write_text(text)
    path.chmod(0o755)


def step(job: Runner, name: str, of: str = "deploy") -> Step:
    return steps_of(job.directory / DELIVERY, of)[name]


def real(name: str) -> str:
    found = shutil.which(name)
    assert found is not None, f"{name} is needed: apt-get install {'kubernetes-client' if name == 'kubectl' else name}"
    return found


# What and where to


@pytest.mark.parametrize("digest", ["v1.2", "latest", "sha256:0123", f"{DIGEST}; id", DIGEST.upper(), ""])
def test_what_is_no_digest_is_refused_before_anything_is_asked(job: Runner, digest: str) -> None:
    program(job, "docker", "#!/bin/sh\ntouch asked\n")
    status, said, _ = job.run(step(job, "What and where to"), GITHUB_REPOSITORY="Some/Shop", DIGEST=digest)
    assert status == 1
    assert "::error title=No digest::" in said
    assert not (job.directory / "asked").exists()


def test_without_an_overlay_there_is_a_notice_and_no_deployment(job: Runner) -> None:
    program(job, "docker", '#!/bin/sh\necho "$@"\n')
    status, said, _ = job.run(step(job, "What and where to"), GITHUB_REPOSITORY="Some/Shop")
    assert status == 0
    assert f"buildx imagetools inspect {IMAGE}@{DIGEST}" in said
    assert "::notice title=Not deployed::There is no kubernetes/overlays/staging" in said
    assert job.outputs == {}
    (job.directory / "kubernetes" / "overlays" / "staging").mkdir(parents=True)
    status, said, _ = job.run(step(job, "What and where to"), GITHUB_REPOSITORY="Some/Shop")
    assert (status, "::notice" in said) == (0, False)
    assert job.outputs == {"deploys": "true"}
    assert job.environment["IMAGE"] == IMAGE


def test_a_digest_that_the_registry_does_not_have_is_not_deployed(job: Runner) -> None:
    program(job, "docker", "#!/bin/sh\necho 'not found' >&2\nexit 1\n")
    status, said, _ = job.run(step(job, "What and where to"), GITHUB_REPOSITORY="Some/Shop")
    assert status == 1 and "not found" in said
    assert job.outputs == {}


# Cluster


class _Asked(BaseHTTPRequestHandler):
    """GitHub's token endpoint and a cluster's API server in one; each writes down who asked."""

    server: _Endpoints

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        bearer = self.headers.get("Authorization", "")
        self.server.asked.append((url.path, bearer, parse_qs(url.query).get("audience", [""])[0]))
        body: Any = {"value": "of-github"} if url.path == "/token" else {"gitVersion": "v1.35.4"}
        if url.path != "/token" and bearer != "Bearer of-github":
            self.send_error(401)
            return
        data = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        pass


class _Endpoints(ThreadingHTTPServer):
    asked: list[tuple[str, str, str]]
    authority: Path


@pytest.fixture
def endpoints(tmp_path: Path) -> Iterator[_Endpoints]:
    """With TLS and an authority of its own: kubectl shows no token to a server that has neither."""
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    new = ("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    names = ("-subj", "/CN=cluster", "-addext", "subjectAltName=IP:127.0.0.1")
    subprocess.run([*new, *names, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    with _Endpoints(("127.0.0.1", 0), _Asked) as server:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        server.asked = []
        server.authority = certificate
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_the_cluster_is_shown_a_token_of_github_and_no_password(job: Runner, endpoints: _Endpoints) -> None:
    address = f"https://127.0.0.1:{endpoints.server_address[1]}"
    given = {
        "ACTIONS_ID_TOKEN_REQUEST_URL": f"{address}/token?api-version=2",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "of-the-job",
        "CURL_CA_BUNDLE": str(endpoints.authority),
    }
    status, said, _ = job.run(
        step(job, "Cluster"), KUBE_SERVER=address, KUBE_CA=endpoints.authority.read_text(), **given
    )
    assert (status, said) == (0, "")
    kubeconfig = Path(job.environment["KUBECONFIG"])
    assert kubeconfig.stat().st_mode & 0o077 == 0
    assert "of-the-job" not in kubeconfig.read_text()
    status, said, _ = job.run(Step("look", f"{real('kubectl')} get --raw /version", {}), **given)
    assert status == 0, said
    assert "v1.35.4" in said
    # One token, for as many questions as kubectl has.
    assert endpoints.asked[0] == ("/token", "Bearer of-the-job", address)
    assert set(endpoints.asked[1:]) == {("/version", "Bearer of-github", "")}


def test_a_kubeconfig_is_taken_where_there_is_one(job: Runner) -> None:
    status, _, _ = job.run(step(job, "Cluster"), KUBE_CONFIG="apiVersion: v1\nkind: Config", KUBE_SERVER="https://x")
    assert status == 0
    assert Path(job.environment["KUBECONFIG"]).read_text() == "apiVersion: v1\nkind: Config\n"


def test_an_environment_without_a_cluster_is_an_error_that_says_so(job: Runner) -> None:
    status, said, _ = job.run(step(job, "Cluster"))
    assert status == 1
    assert said == "::error title=No cluster::The environment staging has neither KUBE_SERVER nor KUBE_CONFIG.\n"


# Deploy


@pytest.fixture
def overlay(job: Runner) -> Path:
    """An overlay of a namespace, settings, a database, a migration and what serves."""
    program(job, "kubectl", KUBECTL.format(python=sys.executable, kubectl=real("kubectl")))
    directory = job.directory / "kubernetes" / "overlays" / "staging"
    directory.mkdir(parents=True)
    (directory / "all.yaml").write_text(MANIFESTS)
    (directory / "kustomization.yaml").write_text("namespace: staging\nresources: [all.yaml]\n")
    return directory


def asked(job: Runner) -> list[str]:
    file = job.directory / "asked"
    return file.read_text().splitlines() if file.exists() else []


def test_what_serves_comes_after_the_migration_and_the_settings_before_it(job: Runner, overlay: Path) -> None:
    status, said, _ = job.run(step(job, "Deploy"))
    assert status == 0, said
    assert asked(job) == [
        "apply Namespace",
        "apply --dry-run=server ConfigMap CronJob Deployment Job Namespace StatefulSet",
        "apply ConfigMap StatefulSet",
        "rollout status statefulset/mysql",
        "delete --ignore-not-found Job",
        "apply Job",
        "get job migrate-0123456789ab",
        "apply CronJob Deployment",
        "rollout status deployment/web",
    ]
    released = (job.directory / "release.yaml").read_text()
    assert released.count(f"image: {IMAGE}@{DIGEST}") == 3
    assert "image: shop-app" not in released


@pytest.mark.parametrize("environment", ["staging", "production"])
def test_the_manifests_of_devkit_scaffold_kubernetes_are_what_it_releases(job: Runner, environment: str) -> None:
    program(job, "kubectl", KUBECTL.format(python=sys.executable, kubectl=real("kubectl")))
    write_kubernetes(job.directory, Settings("shop", "mysql", ("redis", "queue", "scheduler")))
    status, said, _ = job.run(step(job, "Deploy"), ENVIRONMENT=environment)
    assert status == 0, said
    asks = asked(job)
    servers = ["rollout status statefulset/mysql", "rollout status statefulset/redis"]
    assert asks[0] == "apply Namespace"
    settings = set(asks[2].split()) - {"StatefulSet"}
    assert settings == {
        *("apply", "ConfigMap", "Ingress", "NetworkPolicy", "PodDisruptionBudget", "Service", "ServiceAccount")
    }
    assert asks[3:] == [
        *(servers if environment == "staging" else []),
        "delete --ignore-not-found Job",
        "apply Job",
        "get job laravel-migrate-0123456789ab",
        "apply CronJob Deployment",
        "rollout status deployment/laravel",
        "rollout status deployment/laravel-queue",
    ]
    released = (job.directory / "release.yaml").read_text()
    assert released.count(f"image: {IMAGE}@{DIGEST}") == 4
    assert "image: shop-app" not in released


def test_a_migration_that_fails_releases_nothing(job: Runner, overlay: Path) -> None:
    status, said, _ = job.run(step(job, "Deploy"), FAILS="migration")
    assert status == 1
    assert "migrate-0123456789ab failed: nothing else was released" in said
    assert asked(job)[-2:] == ["get job migrate-0123456789ab", "logs job/migrate-0123456789ab"]


def test_a_release_that_does_not_come_up_is_taken_back(job: Runner, overlay: Path) -> None:
    status, said, _ = job.run(step(job, "Deploy"), FAILS="deployment/web")
    assert status == 1
    assert "not rolled out: web; the release before this one comes back" in said
    assert asked(job)[-3:] == ["rollout status deployment/web", "get pods", "rollout undo deployment/web"]


def test_an_overlay_that_runs_another_image_is_not_applied(job: Runner, overlay: Path) -> None:
    (overlay / "all.yaml").write_text(MANIFESTS.replace("shop-app", "other"))
    status, said, _ = job.run(step(job, "Deploy"))
    assert status == 1
    assert "kubernetes/overlays/staging runs no image that is called shop-app" in said
    assert asked(job) == []


# Records


def recorded(name: str, digest: str, *, cached: bool = False, error: str = "") -> list[dict[str, Any]]:
    """The events of one step, as BuildKit 0.23 sends them: the same vertex again and again, each time with more."""
    vertex: dict[str, Any] = {"digest": digest, "name": name, "started": "2026-11-30T08:42:10.25Z"}
    if cached:
        return [{"vertexes": [vertex | {"completed": "2026-11-30T08:42:10.25Z", "cached": True}]}]
    ended = vertex | {"completed": "2026-11-30T08:42:12.5Z"} | ({"error": error} if error else {})
    return [{"vertexes": [{"digest": digest, "name": name}]}, {"vertexes": [vertex]}, {"vertexes": [ended]}]


DOCKER = """\
#!{python}
import json, sys
words = sys.argv[3:]
builds = json.load(open({file!r}))
if words[0] == "ls":
    print(*builds, sep="\\n")
elif words[0] == "inspect":
    print(json.dumps(builds[words[-1]]["inspected"]))
else:
    print(*map(json.dumps, builds[words[-1]]["events"]), file=sys.stderr)
"""


def test_records_are_what_devkit_build_says_of_a_build(job: Runner, tmp_path: Path) -> None:
    def build(ref: str, target: str, *events: list[dict[str, Any]], status: str = "completed") -> dict[str, Any]:
        inspected = {"Ref": ref, "Target": target, "StartedAt": "2026-11-30T08:42:10.1Z", "Duration": 2_500_000_000}
        return {"inspected": inspected | {"Status": status}, "events": [event for some in events for event in some]}

    builds = {  # the newest first, as `history ls` has them
        "pushed": build("pushed", "app", recorded("[app 2/2] RUN make", "sha256:1", cached=True)),
        "vendor": build("vendor", "vendor"),
        "first": build(
            "first",
            "app",
            recorded("[internal] load build definition from Dockerfile", "sha256:a"),
            recorded("[app 1/3] FROM docker.io/library/x", "sha256:b", cached=True),
            recorded("[app 2/3] COPY a b", "sha256:c", cached=True),
            recorded("[app  3/3] RUN one \\\n  && two", "sha256:d"),
            recorded("[app 3/3] LINK COPY a b", "sha256:e", cached=True),
            recorded("exporting to docker image format", "sha256:f"),
        ),
        "base": build("base", "base-runtime", recorded("[base-runtime 2/2] RUN x", "sha256:2"), status="error"),
    }
    (tmp_path / "builds.json").write_text(json.dumps(builds))
    (job.directory / "composer.lock").write_text("{}")
    program(job, "docker", DOCKER.format(python=sys.executable, file=str(tmp_path / "builds.json")))
    real("jq")
    status, said, _ = job.run(step(job, "Records of the builds", of="image"))
    assert (status, said) == (0, "")
    lines = (job.directory / "builds.jsonl").read_text()
    records = {record["stage"]: record for record in map(json.loads, lines.splitlines())}
    assert set(records) == {"app", "base-runtime"}
    imported = read_lines(lines, project="shop", source="builds.jsonl").builds
    assert {build.stage: (build.hits, build.total, build.status) for build in imported} == {
        "app": (1, 2, "done"),
        "base-runtime": (0, 1, "failed"),
    }
    assert records["base-runtime"]["status"] == "failed"
    assert records["app"] == {
        "id": "first",
        "project": "shop",
        "stage": "app",
        "image": IMAGE,
        "time": "2026-11-30T08:42:10.1Z",
        "status": "done",
        "seconds": 2.5,
        "hits": 1,
        "total": 2,
        "steps": [
            {"stage": "app", "number": 2, "name": "COPY a b", "cached": True, "seconds": 0},
            {"stage": "app", "number": 3, "name": "RUN one \\", "cached": False, "seconds": pytest.approx(2.25)},
        ],
        "locks": {"composer.lock": "44136fa355b3678a"},
    }
