from __future__ import annotations

from pathlib import Path

import pytest
from fake_doppler import nobody_listening
from laravel_application import laravel

from devkit.project.errors import UsageError
from devkit.project.paths import ProjectPaths
from devkit.project.settings import SecretsSettings, Settings
from devkit.project.settings_file import write_settings
from devkit.setup.answers import Answers
from devkit.setup.first_run import plan_first_run
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
