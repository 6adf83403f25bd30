"""The manifests as kustomize puts them together: what runs, how it is replaced, what it may do and what it is told."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import settings as examples
from kubernetes_manifests import (
    BARE,
    FULL,
    SQLITE,
    Object,
    combined,
    config,
    names,
    one,
    overlay,
    pods,
    write_kubernetes,
)
from scaffold_examples import all_settings, context

from devkit.project.settings import SecretsSettings, Settings
from devkit.scaffold.adopt import WRITTEN_BY
from devkit.scaffold.kubernetes import ALL_PATHS, ENVIRONMENTS, namespace, needed_secrets, render_kubernetes
from devkit.scaffold.render import render

pytestmark = pytest.mark.unit


@pytest.fixture(scope="module")
def kubernetes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_kubernetes(tmp_path_factory.mktemp("full"), FULL)


@pytest.fixture(scope="module")
def production(kubernetes: Path) -> list[Object]:
    return overlay(kubernetes, "production")


@pytest.fixture(scope="module")
def staging(kubernetes: Path) -> list[Object]:
    return overlay(kubernetes, "staging")


@pytest.fixture(scope="module")
def rehearsal(kubernetes: Path) -> list[Object]:
    return overlay(kubernetes, "rehearsal")


def container(objects: list[Object], kind: str, name: str) -> Object:
    (found,) = dict(pods(objects))[f"{kind}/{name}"]["spec"]["containers"]
    result: Object = found
    return result


# What serves


def test_three_pods_serve_with_what_they_ask_and_may_take(production: list[Object]) -> None:
    assert one(production, "Deployment", "laravel")["spec"]["replicas"] == 3
    assert container(production, "Deployment", "laravel")["resources"] == {
        "requests": {"cpu": "500m", "memory": "512Mi"},
        "limits": {"cpu": "1000m", "memory": "1Gi"},
    }


def test_the_service_leads_to_the_servers_alone(production: list[Object]) -> None:
    service = one(production, "Service", "laravel-service")["spec"]
    assert [(port["port"], port["targetPort"]) for port in service["ports"]] == [(80, "http")]
    selected = [
        name for name, pod in pods(production) if service["selector"].items() <= pod["metadata"]["labels"].items()
    ]
    assert selected == ["Deployment/laravel"]
    assert container(production, "Deployment", "laravel")["ports"] == [{"name": "http", "containerPort": 8080}]


def test_an_update_never_has_fewer_pods_and_drains_those_that_end(production: list[Object]) -> None:
    spec = one(production, "Deployment", "laravel")["spec"]
    assert spec["strategy"] == {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}}
    pod = spec["template"]["spec"]
    command = pod["containers"][0]["lifecycle"]["preStop"]["exec"]["command"]
    waits = re.fullmatch(r"touch /dev/shm/draining && sleep (\d+)", command[-1])
    assert waits is not None
    caddyfile = render(FULL, context())["docker/Caddyfile"].text
    grace = re.search(r"grace_period (\d+)s", caddyfile)
    assert grace is not None
    assert pod["terminationGracePeriodSeconds"] >= int(waits[1]) + int(grace[1]) + 5


def test_what_the_drain_makes_is_what_caddy_looks_for_and_the_entrypoint_takes_away() -> None:
    files = render(FULL, context())
    matcher = "@draining file {\n\t\troot /dev/shm\n\t\ttry_files draining\n\t}\n\theader @draining Connection close"
    assert matcher in files["docker/Caddyfile"].text
    assert "\nrm -f /dev/shm/draining\n" in files["docker/entrypoint"].text


def test_laravel_says_that_it_is_ready_and_caddy_that_it_lives(tmp_path: Path) -> None:
    app = container(overlay(write_kubernetes(tmp_path, BARE, "/health"), "staging"), "Deployment", "laravel")
    assert {name: app[name]["httpGet"] for name in ("startupProbe", "readinessProbe", "livenessProbe")} == {
        "startupProbe": {"path": "/health", "port": "http"},
        "readinessProbe": {"path": "/health", "port": "http"},
        "livenessProbe": {"path": "/healthz", "port": "http"},
    }


def test_nodes_are_drained_one_pod_at_a_time(production: list[Object]) -> None:
    budget = one(production, "PodDisruptionBudget", "laravel")["spec"]
    assert budget["maxUnavailable"] == 1
    assert budget["selector"] == one(production, "Deployment", "laravel")["spec"]["selector"]


# What runs beside it


def test_only_what_the_project_has_is_there(tmp_path: Path, production: list[Object]) -> None:
    bare = overlay(write_kubernetes(tmp_path, BARE), "production")
    assert [name for name, _ in pods(bare)] == ["Deployment/laravel", "Job/laravel-migrate"]
    assert names(production, "Deployment") == {"laravel", "laravel-queue", "laravel-reverb"}
    assert names(production, "CronJob") == {"laravel-scheduler"}
    assert config(bare)["QUEUE_CONNECTION"] == "sync"
    assert config(production)["QUEUE_CONNECTION"] == "redis"
    assert "REDIS_HOST" not in config(bare)


def test_no_file_is_there_for_what_the_project_has_not(tmp_path: Path) -> None:
    paths = set(render_kubernetes(BARE))
    assert {
        path for path in paths if re.search("mysql|mariadb|redis|valkey|queue|scheduler|reverb|claim", path)
    } == set()
    kubernetes = write_kubernetes(tmp_path, FULL)
    named: set[str] = set()
    for file in kubernetes.rglob("kustomization.yaml"):
        for name in yaml.safe_load(file.read_text()).get("resources", []):
            named.add((file.parent / name).resolve().as_posix())
    manifests = {file for file in kubernetes.rglob("*.yaml") if file.name != "kustomization.yaml"}
    assert {file.as_posix() for file in manifests} <= named


def test_a_migration_runs_once_and_fails_aloud(production: list[Object]) -> None:
    job = one(production, "Job", "laravel-migrate")["spec"]
    assert (job["backoffLimit"], job["template"]["spec"]["restartPolicy"]) == (0, "Never")
    assert job["ttlSecondsAfterFinished"] > 3600
    assert container(production, "Job", "laravel-migrate")["args"] == ["php", "artisan", "migrate", "--force"]


def test_every_pod_of_the_application_starts_by_the_images_own_entrypoint(production: list[Object]) -> None:
    for name, pod in pods(production):
        (only,) = pod["spec"]["containers"]
        assert "command" not in only, name
        assert only["image"] == "shop-app", name
        sources = [next(iter(source.values()))["name"] for source in only["envFrom"]]
        assert sources[1:] == ["laravel-secrets"], name
        assert sources[0] in names(production, "ConfigMap"), name
        assert pod["spec"]["securityContext"]["runAsUser"] == 10001, name


def test_a_worker_may_end_the_longest_job(production: list[Object]) -> None:
    pod = one(production, "Deployment", "laravel-queue")["spec"]["template"]["spec"]
    (timeout,) = [int(word.removeprefix("--timeout=")) for word in pod["containers"][0]["args"] if "--timeout" in word]
    assert pod["terminationGracePeriodSeconds"] > timeout


def test_the_scheduler_runs_each_minute_and_never_twice_at_once(production: list[Object]) -> None:
    spec = one(production, "CronJob", "laravel-scheduler")["spec"]
    assert (spec["schedule"], spec["concurrencyPolicy"]) == ("* * * * *", "Forbid")
    assert container(production, "CronJob", "laravel-scheduler")["args"][-1] == "schedule:run"


# What is told, and what is kept


@pytest.mark.parametrize("settings", [FULL, BARE, SQLITE])
def test_no_secret_is_in_any_file(settings: Settings, tmp_path: Path) -> None:
    kubernetes = write_kubernetes(tmp_path, settings)
    for environment in ENVIRONMENTS:
        objects = overlay(kubernetes, environment)
        assert names(objects, "Secret") == set()
        assert not set(needed_secrets(settings)) & set(config(objects))
        for _, pod in pods(objects):
            for given_to in pod["spec"]["containers"]:
                literal = {entry["name"] for entry in given_to.get("env", []) if "value" in entry}
                assert not any("PASSWORD" in name for name in literal)
                asked = [
                    entry["valueFrom"]["secretKeyRef"] for entry in given_to.get("env", []) if "valueFrom" in entry
                ]
                assert all(key["name"] == "laravel-secrets" for key in asked)
                assert {key["key"] for key in asked} <= set(needed_secrets(settings))


def test_what_a_secret_has_to_hold_follows_from_the_services() -> None:
    reverb = ("REVERB_APP_ID", "REVERB_APP_KEY", "REVERB_APP_SECRET")
    assert needed_secrets(FULL) == ("APP_KEY", "DB_PASSWORD", "REDIS_PASSWORD", *reverb)
    assert needed_secrets(BARE) == ("APP_KEY", "DB_PASSWORD")
    assert needed_secrets(SQLITE) == ("APP_KEY",)


def test_logs_are_json_on_the_standard_streams(production: list[Object]) -> None:
    told = config(production)
    assert (told["LOG_CHANNEL"], told["LOG_STDERR_FORMATTER"]) == ("stderr", r"Monolog\Formatter\JsonFormatter")


def test_a_change_of_the_configuration_makes_new_pods(kubernetes: Path, tmp_path: Path) -> None:
    before = one(overlay(kubernetes, "staging"), "Deployment", "laravel")
    root = write_kubernetes(tmp_path, FULL)
    file = root / "overlays" / "staging" / "kustomization.yaml"
    file.write_text(file.read_text().replace("shop-staging.example.com", "staging.shop.test"))
    objects = overlay(root, "staging")
    assert one(objects, "Deployment", "laravel") != before
    # The host of the routes is that of APP_URL.
    rule = one(objects, "Ingress", "laravel-traefik")["spec"]
    assert (rule["rules"][0]["host"], rule["tls"][0]["hosts"]) == ("staging.shop.test", ["staging.shop.test"])


# Networks


def test_nothing_goes_in_or_out_but_what_is_named(staging: list[Object]) -> None:
    every = {thing["metadata"]["name"]: thing["spec"] for thing in staging if thing["kind"] == "NetworkPolicy"}
    assert every["default-deny"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    assert [port["port"] for port in every["laravel-requests"]["ingress"][0]["ports"]] == [8080]
    (out,) = every["laravel-asks"]["egress"]
    assert {port["port"] for port in out["ports"]} == {53, 3306, 6379, 443, 587, 8081}
    allowed = every["laravel-asks"]["podSelector"]["matchExpressions"][0]["values"]
    own = {pod["metadata"]["labels"]["app.kubernetes.io/component"] for _, pod in pods(staging)}
    assert set(allowed) == own - {"database", "cache"}
    for name, port in (("mysql", 3306), ("redis", 6379)):
        (rule,) = every[name]["ingress"]
        assert [one["port"] for one in rule["ports"]] == [port]
        assert rule["from"] == [{"podSelector": {"matchLabels": {"app.kubernetes.io/name": "shop"}}}]


# Components


def test_staging_has_its_own_servers_and_production_those_that_somebody_runs(
    staging: list[Object], production: list[Object]
) -> None:
    assert names(staging, "StatefulSet") == {"mysql", "redis"}
    for name in ("mysql", "redis"):
        spec = one(staging, "StatefulSet", name)["spec"]
        assert spec["serviceName"] in names(staging, "Service")
        assert spec["volumeClaimTemplates"][0]["spec"]["accessModes"] == ["ReadWriteOnce"]
    assert names(production, "StatefulSet") == set()
    assert (config(staging)["DB_HOST"], config(staging)["REDIS_HOST"]) == ("mysql", "redis")
    assert config(production)["DB_HOST"] == "database.example.com"


def test_autoscaling_takes_the_replicas_over(kubernetes: Path) -> None:
    objects = combined(kubernetes, ["hpa"])
    assert "replicas" not in one(objects, "Deployment", "laravel")["spec"]
    scaler = one(objects, "HorizontalPodAutoscaler", "laravel")["spec"]
    assert scaler["minReplicas"] == 3
    assert scaler["scaleTargetRef"]["name"] == "laravel"


def test_doppler_makes_the_secret_and_new_pods_where_it_is_the_source(kubernetes: Path, tmp_path: Path) -> None:
    assert names(overlay(kubernetes, "production"), "DopplerSecret") == set()
    settings = FULL.with_(secrets=SecretsSettings("doppler"))
    objects = overlay(write_kubernetes(tmp_path, settings), "production")
    assert one(objects, "DopplerSecret", "laravel")["spec"]["managedSecret"]["name"] == "laravel-secrets"
    for name in names(objects, "Deployment"):
        assert one(objects, "Deployment", name)["metadata"]["annotations"] == {"secrets.doppler.com/reload": "true"}


def test_a_gateway_takes_the_host_of_the_overlay_for_all_its_parts(kubernetes: Path, tmp_path: Path) -> None:
    root = write_kubernetes(tmp_path, FULL)
    file = root / "overlays" / "staging" / "kustomization.yaml"
    file.write_text(file.read_text().replace("components/ingress-traefik", "components/gateway"))
    objects = overlay(root, "staging")
    host = "shop-staging.example.com"
    listeners = one(objects, "Gateway", "laravel")["spec"]["listeners"]
    assert [listener["hostname"] for listener in listeners] == [host, host]
    for route in ("laravel", "laravel-to-https"):
        assert one(objects, "HTTPRoute", route)["spec"]["hostnames"] == [host]


# Rehearsal


def test_a_rehearsal_fits_two_cores_and_needs_no_volume(rehearsal: list[Object]) -> None:
    requested = 0
    for name, pod in pods(rehearsal):
        spec = one(rehearsal, *name.split("/"))["spec"]
        millis = int(pod["spec"]["containers"][0]["resources"]["requests"]["cpu"].removesuffix("m"))
        requested += millis * (spec.get("replicas", 1) + (1 if name == "Deployment/laravel" else 0))
        assert "volumeClaimTemplates" not in spec
        assert not any("persistentVolumeClaim" in volume for volume in pod["spec"]["volumes"])
        if name.startswith("StatefulSet/"):
            assert {"name": "data", "emptyDir": {}} in pod["spec"]["volumes"]
    assert requested < 1000
    assert one(rehearsal, "Deployment", "laravel")["spec"]["replicas"] == 2
    assert container(rehearsal, "Deployment", "laravel")["image"] == "shop-app:app"


# SQLite


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_sqlite_is_one_pod_whose_file_outlives_it(environment: str, tmp_path: Path) -> None:
    objects = overlay(write_kubernetes(tmp_path, SQLITE), environment)
    spec = one(objects, "Deployment", "laravel")["spec"]
    assert (spec["replicas"], spec["strategy"]) == (1, {"type": "Recreate"})
    file = Path(config(objects)["DB_DATABASE"])
    for name, pod in pods(objects):
        mounted = {mount["mountPath"]: mount["name"] for mount in pod["spec"]["containers"][0]["volumeMounts"]}
        claims = {
            volume["name"]: volume["persistentVolumeClaim"]["claimName"]
            for volume in pod["spec"]["volumes"]
            if "persistentVolumeClaim" in volume
        }
        assert claims[mounted[file.parent.as_posix()]] in names(objects, "PersistentVolumeClaim"), name
        # A claim of one node: whoever mounts it runs where the others do.
        assert "podAffinity" in pod["spec"]["affinity"], name


def test_more_pods_are_not_offered_for_sqlite_and_why_is_said() -> None:
    files = render_kubernetes(SQLITE)
    assert not any("/hpa/" in path for path in files)
    assert "**SQLite: one pod.**" in files["kubernetes/README.md"].text
    assert "SQLite" not in render_kubernetes(FULL)["kubernetes/README.md"].text


# Names and texts


@given(all_settings())
@examples(max_examples=25)
def test_whatever_the_settings_every_file_is_yaml_with_a_header(settings: Settings) -> None:
    files = render_kubernetes(settings)
    assert set(files) <= set(ALL_PATHS)
    for path, file in files.items():
        assert WRITTEN_BY in file.text.encode()[:600]
        assert "\n\n\n" not in file.text
        if path.endswith(".yaml"):
            assert all(isinstance(part, dict) for part in yaml.load_all(file.text, yaml.CSafeLoader))
    for environment in ENVIRONMENTS:
        name = namespace(settings.name, environment)
        assert re.fullmatch(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?", name)
        assert len(name) <= 63
