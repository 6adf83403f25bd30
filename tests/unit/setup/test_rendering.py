"""What a project's files would become: on adoption, and once it is a project."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from laravel_application import laravel

from devkit.project.settings import Settings
from devkit.project.settings_file import write_settings
from devkit.scaffold.adopt import detect
from devkit.scaffold.adopt_compose import ADOPTED_FILE
from devkit.scaffold.plan import apply_plan
from devkit.setup.rendering import plan_project

pytestmark = pytest.mark.unit

FORMER = "services:\n  search: {image: 'opensearchproject/opensearch:2'}\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return laravel(tmp_path)


def test_former_services_are_carried_over_on_adoption(root: Path) -> None:
    (root / "compose.yaml").write_text(FORMER)
    plan = {file.path: file for file in plan_project(root, Settings("shop"), detect(root))}
    assert plan[ADOPTED_FILE].status == "written" and "opensearch" in plan[ADOPTED_FILE].new
    assert plan["compose.yaml"].backup == "compose.yaml.before-devkit"
    assert ADOPTED_FILE in plan["compose.yaml"].new


def test_a_projects_own_compose_file_is_not_adopted_again_where_its_header_is_gone(root: Path) -> None:
    apply_plan(root, plan_project(root, Settings("shop"), detect(root)))
    (root / "devkit.toml").write_text('[project]\nname = "shop"\n')
    compose = root / "compose.yaml"
    without_header = [line for line in compose.read_text().splitlines(keepends=True) if not line.startswith("#")]
    compose.write_text("".join(without_header).replace("services:\n", FORMER, 1))
    paths = {file.path for file in plan_project(root, Settings("shop"), detect(root))}
    assert ADOPTED_FILE not in paths


def clone_of_project(root: Path, settings: Settings) -> None:
    """A project as git gives it: devkit.toml and the files, and nothing that devkit remembers."""
    apply_plan(root, plan_project(root, settings, detect(root)))
    write_settings(root / "devkit.toml", settings)
    shutil.rmtree(root / ".devkit")


def test_in_a_clone_a_setting_is_changed_as_where_the_project_was_made(root: Path) -> None:
    settings = Settings("shop")
    clone_of_project(root, settings)
    plan = plan_project(root, settings.with_(services=("redis",)), detect(root))
    assert {file.path: file.status for file in plan if file.status != "kept"} == {
        "compose.yaml": "written",
        "Dockerfile": "written",
    }


def test_in_a_clone_the_teams_edits_are_merged(root: Path) -> None:
    settings = Settings("shop")
    clone_of_project(root, settings)
    compose = root / "compose.yaml"
    compose.write_text("x-team: ours\n\n" + compose.read_text())
    plan = {file.path: file for file in plan_project(root, settings.with_(services=("redis",)), detect(root))}
    assert plan["compose.yaml"].status == "merged"
    assert "x-team: ours" in plan["compose.yaml"].new and "redis" in plan["compose.yaml"].new


def test_in_a_clone_nothing_changes_while_the_settings_do_not(root: Path) -> None:
    clone_of_project(root, Settings("shop"))
    assert {file.status for file in plan_project(root, Settings("shop"), detect(root))} == {"kept"}
