from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from devkit.project.paths import ProjectPaths
from devkit.project.settings import PhpSettings, Settings
from devkit.setup.application import OCTANE, Application, packages_of

pytestmark = pytest.mark.unit


def write(path: Path, document: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document))


def installed(root: Path, **versions: str) -> None:
    """vendor/ as Composer leaves it, and the lock that it was installed from."""
    packages = [
        {"name": f"laravel/{name}", "version": version, "dist": {"reference": version}}
        for name, version in versions.items()
    ]
    write(root / "composer.json", {"require": {package["name"]: "*" for package in packages}})
    write(root / "composer.lock", {"packages": packages, "packages-dev": []})
    write(root / "vendor/composer/installed.json", {"packages": packages, "dev": True})
    (root / "vendor/autoload.php").touch()
    for name in versions:
        (root / "vendor/laravel" / name).mkdir(parents=True, exist_ok=True)


def test_the_stack_asks_for_octane_in_worker_mode_and_for_what_services_are_reached_by() -> None:
    assert packages_of(Settings("shop")) == (OCTANE,)
    assert packages_of(Settings("shop", php=PhpSettings(mode="classic"))) == ()
    assert packages_of(Settings("shop", services=("s3", "reverb"))) == (
        OCTANE,
        "league/flysystem-aws-s3-v3",
        "laravel/reverb",
    )


def test_after_a_pull_with_a_newer_lock_there_is_something_to_install(tmp_path: Path) -> None:
    installed(tmp_path, framework="v13.0.0", octane="v2.0.0")
    application = Application(ProjectPaths(tmp_path), (OCTANE,))
    assert application.is_complete()
    lock = tmp_path / "composer.lock"
    lock.write_text(lock.read_text().replace("v13.0.0", "v13.1.0"))
    assert not application.is_complete()
    assert application.commands() == [("composer", "install")]


def test_what_was_installed_without_development_packages_is_complete(tmp_path: Path) -> None:
    installed(tmp_path, framework="v13.0.0")
    lock = json.loads((tmp_path / "composer.lock").read_text())
    pint = [{"name": "laravel/pint", "version": "v1.0.0"}]
    write(tmp_path / "composer.lock", {**lock, "packages-dev": pint})
    assert not Application(ProjectPaths(tmp_path), ()).is_complete()
    present = json.loads((tmp_path / "vendor/composer/installed.json").read_text())
    write(tmp_path / "vendor/composer/installed.json", {**present, "dev": False})
    assert Application(ProjectPaths(tmp_path), ()).is_complete()


def test_a_package_that_a_service_needs_is_required(tmp_path: Path) -> None:
    installed(tmp_path, framework="v13.0.0", octane="v2.0.0")
    application = Application(ProjectPaths(tmp_path), (OCTANE, "laravel/reverb"))
    assert not application.is_complete()
    assert application.commands() == [("composer", "require", "laravel/reverb", "--with-all-dependencies")]


def test_a_new_application_is_installed_once_with_all_that_it_needs(tmp_path: Path) -> None:
    write(tmp_path / "composer.json", {"require": {"laravel/framework": "^13.0"}})
    assert Application(ProjectPaths(tmp_path), (OCTANE, "laravel/reverb")).commands() == [
        ("composer", "require", OCTANE, "laravel/reverb", "--no-update"),
        ("composer", "install"),
    ]
