from __future__ import annotations

from pathlib import Path

import pytest

from devkit.project.errors import UsageError
from devkit.scaffold.place import check_place

pytestmark = pytest.mark.unit


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "file").write_text("theirs")
    project = tmp_path / "project"
    project.mkdir()
    return project


def test_a_new_file_below_new_directories_has_its_place(root: Path) -> None:
    check_place(root, "docker/php/app.ini")
    assert list(root.iterdir()) == []


def test_a_directory_that_leads_out_of_the_project_is_refused(root: Path) -> None:
    (root / "docker").symlink_to("../outside")
    with pytest.raises(UsageError, match="docker is a link that leads out of the project"):
        check_place(root, "docker/php/app.ini")


def test_a_link_within_the_project_is_followed(root: Path) -> None:
    (root / "containers").mkdir()
    (root / "docker").symlink_to("containers")
    check_place(root, "docker/Caddyfile")


@pytest.mark.parametrize("what", ["file", "broken link"])
def test_what_is_no_directory_is_refused_where_one_has_to_be(root: Path, what: str) -> None:
    if what == "file":
        (root / "docker").write_text("")
    else:
        (root / "docker").symlink_to("nowhere")
    with pytest.raises(UsageError, match="docker is no directory"):
        check_place(root, "docker/Caddyfile")


def test_a_directory_in_a_files_place_is_refused(root: Path) -> None:
    (root / ".env").mkdir()
    with pytest.raises(UsageError, match=r"\.env is a directory"):
        check_place(root, ".env", may_lead_out=True)


def test_a_file_that_leads_out_is_refused_but_for_one_that_people_share(root: Path) -> None:
    (root / "Dockerfile").symlink_to("../outside/file")
    with pytest.raises(UsageError, match="Dockerfile is a link that leads out"):
        check_place(root, "Dockerfile")
    check_place(root, "Dockerfile", may_lead_out=True)
