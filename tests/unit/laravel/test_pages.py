from __future__ import annotations

import json
from pathlib import Path

import pytest

from devkit.laravel.pages import pages_of
from devkit.project.services import SERVICES
from devkit.project.settings import Settings

pytestmark = pytest.mark.unit


def test_every_service_with_a_page_is_at_its_own_port(tmp_path: Path) -> None:
    services = tuple(name for name in SERVICES if name not in ("mysql", "mariadb", "pgsql", "valkey"))
    settings = Settings("shop", services=services)
    found = {page.name: page.url for page in pages_of(settings, {"app": 8003, "mailpit": 8026}, tmp_path, {})}
    assert found == {
        "app": "http://localhost:8003",
        "rabbitmq": "http://localhost:15672",
        "mailpit": "http://localhost:8026",
        "meilisearch": "http://localhost:7700",
        "s3": "http://localhost:9001",
        "selenium": "http://localhost:4444/ui",
        "vite": "http://localhost:5173",
    }


def test_pages_of_packages_are_there_when_composer_lock_has_them(tmp_path: Path) -> None:
    packages = [{"name": "laravel/horizon"}, {"name": "laravel/framework"}]
    lock = {"packages": packages, "packages-dev": [{"name": "laravel/telescope"}]}
    (tmp_path / "composer.lock").write_text(json.dumps(lock))
    environment = {"TELESCOPE_PATH": "/admin/telescope/", "HORIZON_PATH": ""}
    found = {page.name: page.url for page in pages_of(Settings("shop"), {"app": 8003}, tmp_path, environment)}
    assert found["horizon"] == "http://localhost:8003/horizon"
    assert found["telescope"] == "http://localhost:8003/admin/telescope"
    assert "pulse" not in found


@pytest.mark.parametrize("text", ["", "[]", '{"packages": [3]}', '{"packages": {}}'])
def test_a_broken_lock_file_hides_no_other_page(text: str, tmp_path: Path) -> None:
    (tmp_path / "composer.lock").write_text(text)
    assert [page.name for page in pages_of(Settings("shop"), {}, tmp_path, {})] == ["app"]


def test_with_https_the_application_is_at_its_https_port(tmp_path: Path) -> None:
    found = pages_of(Settings("shop", https=True), {"app": 8003, "https": 8444}, tmp_path, {})
    assert found[0].url == "https://localhost:8444"
