"""When the application is asked for its commands, and what is said of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from artisan_project import with_catalogue

from devkit.tui.catalogue_keeper import CatalogueKeeper

pytestmark = [pytest.mark.unit, pytest.mark.anyio]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/no.sock")
    (tmp_path / "devkit.toml").write_text('schema = 1\n[project]\nname = "shop"\n')
    with_catalogue(tmp_path)
    return tmp_path


async def test_what_is_up_to_date_is_not_asked_about(root: Path) -> None:
    keeper = CatalogueKeeper(root)
    assert not await keeper.look(app_runs=True)
    assert keeper.note == ""
    assert keeper.catalogue is not None and keeper.catalogue.find("mail:send") is not None


async def test_changed_files_are_asked_about_once_and_again_when_the_app_comes_up_again(root: Path) -> None:
    keeper = CatalogueKeeper(root)
    (root / "composer.lock").write_text("{}")
    assert await keeper.look(app_runs=True)
    await keeper.ask()
    assert keeper.note.startswith("artisan did not list its commands: ")
    assert "devkit: " not in keeper.note
    assert keeper.catalogue is not None
    assert not await keeper.look(app_runs=True)
    assert not await keeper.look(app_runs=False)
    assert keeper.note == "the app is down: a command starts it"
    assert await keeper.look(app_runs=True)


async def test_a_catalogue_that_was_deleted_is_asked_for(root: Path) -> None:
    keeper = CatalogueKeeper(root)
    await keeper.look(app_runs=True)
    (root / ".devkit" / "catalogue.json").unlink()
    assert await keeper.look(app_runs=True)
    assert keeper.catalogue is None
