"""Files that are asked for: written once, merged from then on, and never in the place of somebody else's."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from devkit.engine.connection import Endpoint
from devkit.engine.docker import Docker
from devkit.project.errors import FailedError
from devkit.project.paths import ProjectPaths
from devkit.project.settings_file import read_settings
from devkit.scaffold.adopt import detect
from devkit.scaffold.devcontainer import DEVCONTAINER
from devkit.scaffold.kubernetes import ANCHOR, SQLITE_IN_A_CLUSTER, render_kubernetes
from devkit.scaffold.manifest import Manifest
from devkit.scaffold.pipelines import DELIVERY, DEPENDABOT, GITLAB, PULL_REQUEST
from devkit.scaffold.plan import apply_plan
from devkit.setup.asked_for import what_to_know, write_asked_for
from devkit.setup.project import Project
from devkit.setup.rendering import plan_project
from devkit.setup.upgrade import plan_upgrade

pytestmark = pytest.mark.unit


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "devkit.toml").write_text('[project]\nname = "shop"\n')
    nothing = Docker(Path("/nonexistent/docker"), Endpoint("unix:///nonexistent", "default"))
    return Project(ProjectPaths(tmp_path), read_settings(tmp_path / "devkit.toml"), nothing)


def waits(text: str) -> None:
    raise AssertionError(text)


def written(project: Project, what: str) -> dict[str, str]:
    return {file.path: file.status for file in write_asked_for(project, what, on_wait=waits)}


def test_the_files_are_made_of_the_settings_as_they_stand_when_it_is_their_turn(project: Project) -> None:
    (project.paths.settings).write_text('[project]\nname = "other"\n')
    assert {file.path: file.status for file in write_asked_for(project, "devcontainer", on_wait=waits)}[
        DEVCONTAINER
    ] == "written"
    assert '"name": "other"' in (project.paths.root / DEVCONTAINER).read_text()
    assert set(written(project, "devcontainer").values()) == {"kept"}


def test_a_file_of_somebody_elses_stays_and_nothing_is_written(project: Project) -> None:
    theirs = project.paths.root / DEVCONTAINER
    theirs.parent.mkdir()
    theirs.write_text("{}\n")
    with pytest.raises(FailedError, match="something else than devkit would write stands in") as caught:
        write_asked_for(project, "devcontainer", on_wait=waits)
    assert "-{}" in caught.value.detail
    assert theirs.read_text() == "{}\n"
    assert not (project.paths.root / ".gitignore").exists()


def test_a_persons_own_workflows_are_not_touched_and_neither_is_their_dependabot(project: Project) -> None:
    github = project.paths.root / ".github"
    own = {"workflows/tests.yml": "on: push\n", "dependabot.yml": "version: 2\nupdates: []\n"}
    (github / "workflows").mkdir(parents=True)
    for name, text in own.items():
        (github / name).write_text(text)
    assert written(project, "github") == {
        PULL_REQUEST: "written",
        DELIVERY: "written",
        DEPENDABOT: "kept",
        ".gitignore": "written",
    }
    assert {name: (github / name).read_text() for name in own} == own
    # Nor does anything later take them for devkit's.
    assert plan_upgrade(upgradable(project)) == []


def test_dependabots_other_spelling_counts_as_well(project: Project) -> None:
    (project.paths.root / ".github").mkdir()
    (project.paths.root / ".github" / "dependabot.yaml").write_text("version: 2\nupdates: []\n")
    assert DEPENDABOT not in written(project, "github")
    assert not (project.paths.root / DEPENDABOT).exists()


def test_a_pipeline_of_somebody_elses_stays_and_no_half_of_devkits_is_written(project: Project) -> None:
    theirs = project.paths.root / DELIVERY
    theirs.parent.mkdir(parents=True)
    theirs.write_text("on: push\n")
    with pytest.raises(FailedError, match=DELIVERY) as caught:
        written(project, "github")
    assert "-on: push" in caught.value.detail
    assert theirs.read_text() == "on: push\n"
    assert not (project.paths.root / PULL_REQUEST).exists()


def test_pipelines_follow_the_settings_with_a_persons_edits_in_them(project: Project) -> None:
    written(project, "github")
    written(project, "gitlab")
    delivery = project.paths.root / DELIVERY
    delivery.write_text(delivery.read_text().replace("timeout-minutes: 20", "timeout-minutes: 5"))
    (project.paths.root / PULL_REQUEST).unlink()
    settings = project.settings.with_(database="pgsql")
    plan = {file.path: file for file in plan_project(project.paths.root, settings, detect(project.paths.root))}
    assert (plan[DELIVERY].status, plan[GITLAB].status) == ("merged", "written")
    assert "timeout-minutes: 5" in plan[DELIVERY].new and "DB_HOST=pgsql" in plan[DELIVERY].new
    # One that was taken away does not come back by itself, and is not missed.
    assert PULL_REQUEST not in plan
    assert written(project, "github")[PULL_REQUEST] == "written"


def test_a_newer_template_is_merged_and_a_conflict_is_marked(project: Project) -> None:
    written(project, "github")
    delivery, manifest = project.paths.root / DELIVERY, Manifest(project.paths.root)
    older = delivery.read_text().replace("runs-on: ubuntu-24.04", "runs-on: ubuntu-22.04")
    manifest.record(DELIVERY, older)
    delivery.write_text(older + "# mine\n")
    upgraded = {file.path: file for file in plan_upgrade(upgradable(project))}[DELIVERY]
    assert upgraded.status == "merged"
    assert "ubuntu-24.04" in upgraded.text and "ubuntu-22.04" not in upgraded.text and "# mine" in upgraded.text
    delivery.write_text(older.replace("runs-on: ubuntu-22.04", "runs-on: our-own"))
    upgraded = {file.path: file for file in plan_upgrade(upgradable(project))}[DELIVERY]
    assert upgraded.status == "conflict"
    assert "+    runs-on: ubuntu-24.04" in upgraded.difference and "runs-on: our-own" in upgraded.text


def test_in_a_clone_the_header_says_that_a_pipeline_is_devkits(project: Project) -> None:
    root = project.paths.root
    written(project, "github")
    delivery = root / DELIVERY
    delivery.write_text(delivery.read_text() + "# ours\n")
    shutil.rmtree(root / ".devkit")
    assert written(project, "github") == dict.fromkeys((PULL_REQUEST, DELIVERY, DEPENDABOT, ".gitignore"), "kept")
    plan = {f.path: f for f in plan_project(root, project.settings.with_(services=("redis",)), detect(root))}
    assert plan[DELIVERY].status == "merged"
    assert "# ours" in plan[DELIVERY].new and "REDIS_HOST=redis" in plan[DELIVERY].new


QUEUE, BASE_DATABASE = "kubernetes/base/queue.yaml", "kubernetes/components/mysql/mysql.yaml"


def test_manifests_follow_the_settings_files_that_come_and_files_that_change(project: Project) -> None:
    root = project.paths.root
    (root / "devkit.toml").write_text('[project]\nname = "shop"\n[services]\ndatabase = "mysql"\n')
    assert set(written(project, "kubernetes").values()) == {"written"}
    deployment = root / "kubernetes/base/deployment.yaml"
    deployment.write_text(deployment.read_text().replace("replicas: 3", "replicas: 5"))
    (root / "kubernetes/components/hpa/hpa.yaml").unlink()
    settings = read_settings(root / "devkit.toml").with_(services=("redis", "queue"))
    plan = {file.path: file for file in plan_project(root, settings, detect(root)) if "kubernetes/" in file.path}
    assert plan[QUEUE].status == plan["kubernetes/components/redis/redis.yaml"].status == "written"
    assert "- queue.yaml" in plan[ANCHOR].new
    assert plan["kubernetes/base/deployment.yaml"].status == "merged"
    assert "replicas: 5" in plan["kubernetes/base/deployment.yaml"].new
    # One that was taken away does not come back by itself, and is not missed.
    assert "kubernetes/components/hpa/hpa.yaml" not in plan
    # They are there with the settings, and stay as they are when the next ones do without.
    apply_plan(root, list(plan.values()))
    again = plan_project(root, settings.with_(services=()), detect(root))
    assert QUEUE not in {file.path for file in again}
    assert (root / QUEUE).is_file()


def test_newer_manifests_are_merged_where_there_are_many_and_some_are_new(project: Project) -> None:
    root, manifest = project.paths.root, Manifest(project.paths.root)
    (root / "devkit.toml").write_text('[project]\nname = "shop"\n[services]\ndatabase = "mysql"\nwith = ["queue"]\n')
    settings = read_settings(root / "devkit.toml")
    written(project, "kubernetes")
    # The devkit before this one had no queue, another memory, and a person has added to what is his.
    for path, new, old in ((ANCHOR, "  - queue.yaml\n", ""), (BASE_DATABASE, "memory: 1Gi", "memory: 2Gi")):
        older = (root / path).read_text().replace(new, old)
        manifest.record(path, older)
        (root / path).write_text(older + "# mine\n")
    (root / QUEUE).unlink()
    (manifest.directory / QUEUE).unlink()
    upgraded = {file.path: file for file in plan_upgrade(upgradable(Project(project.paths, settings, project.docker)))}
    assert {path: file.status for path, file in upgraded.items()} == {
        ANCHOR: "merged",
        BASE_DATABASE: "merged",
        QUEUE: "written",
    }
    assert "- queue.yaml" in upgraded[ANCHOR].text and "# mine" in upgraded[ANCHOR].text
    assert "memory: 2Gi" not in upgraded[BASE_DATABASE].text


def test_in_a_clone_the_headers_say_that_manifests_are_devkits(project: Project) -> None:
    root = project.paths.root
    (root / "devkit.toml").write_text('[project]\nname = "shop"\n[services]\ndatabase = "mysql"\n')
    written(project, "kubernetes")
    shutil.rmtree(root / ".devkit")
    deployment = root / "kubernetes/base/deployment.yaml"
    deployment.write_text(deployment.read_text().replace("replicas: 3", "replicas: 5"))
    settings = read_settings(root / "devkit.toml").with_(services=("queue",))
    plan = {file.path: file for file in plan_project(root, settings, detect(root))}
    assert plan[QUEUE].status == "written"
    assert plan["kubernetes/base/deployment.yaml"].status == "kept"
    assert plan[ANCHOR].status == "written" and "- queue.yaml" in plan[ANCHOR].new


def test_manifests_of_somebody_elses_stay_and_no_half_of_devkits_is_written(project: Project) -> None:
    theirs = project.paths.root / "kubernetes" / "base" / "service.yaml"
    theirs.parent.mkdir(parents=True)
    theirs.write_text("kind: Service\n")
    with pytest.raises(FailedError, match=r"stands in kubernetes/base/service\.yaml"):
        written(project, "kubernetes")
    assert [file for file in (project.paths.root / "kubernetes").rglob("*") if file.is_file()] == [theirs]
    assert theirs.read_text() == "kind: Service\n"


def test_the_health_path_of_the_application_is_the_pods(project: Project) -> None:
    root = project.paths.root
    for path, text in (("artisan", ""), ("composer.json", '{"require": {"laravel/framework": "^12.0"}}')):
        (root / path).write_text(text)
    (root / "bootstrap").mkdir()
    (root / "bootstrap" / "app.php").write_text("<?php ->withRouting(health: '/health')")
    written(project, "kubernetes")
    assert 'path: "/health"' in (root / "kubernetes/base/deployment.yaml").read_text()


def test_who_asks_for_manifests_with_sqlite_is_told_what_that_means(project: Project) -> None:
    assert what_to_know("kubernetes", project.settings) == [SQLITE_IN_A_CLUSTER]
    assert what_to_know("kubernetes", project.settings.with_(database="mysql")) == []
    assert what_to_know("github", project.settings) == []


def upgradable(project: Project) -> Project:
    """The project with the files that every project has, as they are now."""
    files = plan_project(project.paths.root, project.settings, detect(project.paths.root), by_settings=False)
    own = {PULL_REQUEST, DELIVERY, DEPENDABOT, GITLAB, *render_kubernetes(project.settings)}
    apply_plan(project.paths.root, [file for file in files if file.path not in own])
    return project
