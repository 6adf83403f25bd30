from __future__ import annotations

from pathlib import Path

import pytest
from laravel_application import laravel

from devkit.project.errors import UsageError
from devkit.setup.answers import Answers
from devkit.setup.first_run import plan_first_run

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
