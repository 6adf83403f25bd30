from __future__ import annotations

from pathlib import Path

import pytest
from fake_doppler import nobody_listening
from laravel_application import laravel

from devkit.project.errors import UsageError
from devkit.project.paths import ProjectPaths
from devkit.project.settings import SecretsSettings, Settings
from devkit.project.settings_file import write_settings
from devkit.scaffold.kubernetes import SQLITE_IN_A_CLUSTER, render_kubernetes
from devkit.scaffold.pipelines import render_github
from devkit.scaffold.plan import apply_plan
from devkit.setup.answers import Answers
from devkit.setup.first_run import FirstRunPlan, plan_first_run
from devkit.setup.pulled import Pulled, remember_pull

pytestmark = pytest.mark.unit


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return laravel(tmp_path / "shop")


@pytest.mark.parametrize("name", [".env", "devkit.toml", "compose.override.yaml", "docker", ".devkit"])
def test_what_stands_in_the_way_of_any_file_is_refused_before_the_first_is_written(shop: Path, name: str) -> None:
    if name in ("docker", ".devkit"):
        (shop / name).write_text("a file\n")
    else:
        (shop / name).mkdir()
    before = sorted(shop.rglob("*"))
    with pytest.raises(UsageError, match=name):
        plan_first_run(Answers(shop, images="local"))
    assert sorted(shop.rglob("*")) == before


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """No package list is in reach: whoever asks is sent to a proxy where nobody listens."""
    for name in ("https_proxy", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)


def test_a_service_whose_package_cannot_be_had_is_refused_before_anything_is_written(
    tmp_path: Path, offline: None
) -> None:
    for answers in (
        Answers(tmp_path, services=("reverb",), images="local"),
        Answers(tmp_path, sets={"services.with": "reverb"}, images="local"),
    ):
        with pytest.raises(UsageError, match="Reverb cannot be had: laravel/reverb is not installed"):
            plan_first_run(answers)
    assert list(tmp_path.iterdir()) == []


def test_a_detected_service_whose_package_cannot_be_had_is_left_out_and_named(shop: Path, offline: None) -> None:
    (shop / ".env").write_text("BROADCAST_CONNECTION=reverb\n")
    plan = plan_first_run(Answers(shop, images="local"))
    assert "reverb" not in plan.settings.services
    assert any("left out Reverb" in warning for warning in plan.warnings)
    laravel(shop, require={"laravel/framework": "^13.0", "laravel/reverb": "^1.0"})
    assert "reverb" in plan_first_run(Answers(shop, images="local")).settings.services


def test_a_directory_below_a_file_is_refused_by_that_files_name(tmp_path: Path) -> None:
    (tmp_path / "afile").touch()
    for directory in (tmp_path / "afile", tmp_path / "afile" / "x"):
        with pytest.raises(UsageError, match="/afile is a file"):
            plan_first_run(Answers(directory, images="local"))


def test_doppler_is_the_source_of_secrets_without_being_asked_while_it_is_planned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with nobody_listening() as nobody:
        for name, value in (("TOKEN", "dp.pt.x"), ("PROJECT", "shop"), ("CONFIG", "ci"), ("API_HOST", nobody)):
            monkeypatch.setenv(f"DOPPLER_{name}", value)
        plan = plan_first_run(Answers(tmp_path, doppler=True, sets={"secrets.config": "dev"}, images="local"))
    assert plan.settings.secrets == SecretsSettings(source="doppler", project="shop", config="dev")
    assert plan.secrets == "secrets from Doppler, shop/ci"
    assert any("DOPPLER_CONFIG names ci" in warning for warning in plan.warnings)


def test_whatever_the_environment_says_secrets_are_local_unless_somebody_wants_doppler(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOPPLER_TOKEN", "dp.pt.x")
    plan = plan_first_run(Answers(tmp_path, images="local"))
    assert plan.settings.secrets == SecretsSettings()
    assert plan.secrets == "secrets from this machine: .env with random keys"


def test_a_project_that_was_doppler_s_can_be_made_local(tmp_path: Path) -> None:
    write_settings(
        tmp_path / "devkit.toml",
        Settings("shop", secrets=SecretsSettings(source="doppler", project="shop", config="dev", runtime=True)),
    )
    plan = plan_first_run(Answers(tmp_path, doppler=False, images="local"))
    assert plan.settings.secrets == SecretsSettings(runtime=True)
    paths = ProjectPaths(tmp_path)
    paths.env.write_text("A=1\n")
    remember_pull(paths, Pulled("shop", "dev", 1.0, frozenset("A")))
    again = plan_first_run(Answers(tmp_path, images="local"))
    assert again.secrets == "secrets from Doppler, shop/dev (fetched before; anew with devkit env pull)"


GITHUB, GITLAB, SERVICE = ".github/workflows/delivery.yml", ".gitlab-ci.yml", "kubernetes/base/service.yaml"


def planned(plan: FirstRunPlan) -> dict[str, str]:
    return {file.path: file.status for file in plan.all_files}


def test_files_of_delivery_are_planned_with_the_others_where_they_are_wanted(tmp_path: Path) -> None:
    every = planned(plan_first_run(Answers(tmp_path, images="local")))
    assert not any(path.startswith((".github", "kubernetes", ".gitlab-ci")) for path in every)
    wanted = Answers(tmp_path, images="local", database="mysql", delivery=("kubernetes", "github"))
    plan = plan_first_run(wanted)
    assert {path for path in planned(plan) if path.startswith(("kubernetes", ".git"))} == {
        *render_kubernetes(plan.settings),
        *render_github(plan.settings),
        ".gitignore",
    }
    assert [file.path for file in plan.files].count(".gitignore") == 1
    # The application is not there yet: its health path will be that of Laravel's skeleton.
    texts = {file.path: file.new for file in plan.files}
    assert 'path: "/up"' in texts["kubernetes/base/deployment.yaml"]
    as_json = plan.to_result().to_json()["files"]
    assert {"path": SERVICE, "status": "planned"} in as_json


def test_what_somebody_else_has_for_a_delivery_stays_whole_and_the_rest_is_written(shop: Path) -> None:
    own = {SERVICE: "kind: Service\n", ".github/workflows/tests.yml": "on: push\n", GITLAB: "stages: [mine]\n"}
    for path, text in own.items():
        (shop / path).parent.mkdir(parents=True, exist_ok=True)
        (shop / path).write_text(text)
    plan = plan_first_run(Answers(shop, images="local", delivery=("github", "gitlab", "kubernetes")))
    assert {path: status for path, status in planned(plan).items() if path in (GITHUB, *own)} == {GITHUB: "written"}
    assert not any(path.startswith("kubernetes/") for path in planned(plan))
    assert f"no files for GitLab CI: {GITLAB} stays; moved away, devkit scaffold gitlab writes them" in plan.warnings
    assert any(f"no files for Kubernetes: {SERVICE} stays" in warning for warning in plan.warnings)
    assert {path: (shop / path).read_text() for path in own} == own


def test_manifests_for_sqlite_are_planned_with_a_warning(tmp_path: Path) -> None:
    plan = plan_first_run(Answers(tmp_path, images="local", delivery=("kubernetes",)))
    assert SQLITE_IN_A_CLUSTER in plan.warnings
    assert planned(plan)["kubernetes/base/volume-claim.yaml"] == "written"


def test_a_project_that_has_its_manifests_is_planned_once_and_with_its_edits(tmp_path: Path) -> None:
    answers = Answers(tmp_path, images="local", database="mysql", delivery=("kubernetes",))
    plan = plan_first_run(answers)
    apply_plan(tmp_path, plan.files)
    write_settings(tmp_path / "devkit.toml", plan.settings)
    edited = tmp_path / SERVICE
    edited.write_text(edited.read_text() + "# mine\n")
    again = plan_first_run(answers)
    assert [file.path for file in again.files].count(SERVICE) == 1
    assert {status for path, status in planned(again).items() if path.startswith("kubernetes/")} == {"kept"}
    assert again.warnings == plan.warnings
