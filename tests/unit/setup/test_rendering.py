"""What a project's files would become: on adoption, and once it is a project."""

from __future__ import annotations

from pathlib import Path

import pytest

from devkit.project.settings import Settings
from devkit.scaffold.adopt import detect
from devkit.scaffold.adopt_compose import ADOPTED_FILE
from devkit.scaffold.plan import apply_plan
from devkit.setup.rendering import plan_project

pytestmark = pytest.mark.unit

FORMER = "services:\n  search: {image: 'opensearchproject/opensearch:2'}\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "composer.json").write_text('{"require": {"laravel/framework": "^12.0"}}')
    (tmp_path / "artisan").touch()
    return tmp_path


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
