"""The development container's file: what editors read, held to the names that https://containers.dev knows."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from scaffold_examples import FULL, context

from devkit.project.settings import Settings
from devkit.scaffold.adopt import detect
from devkit.scaffold.devcontainer import DEVCONTAINER, render_devcontainer
from devkit.scaffold.plan import apply_plan, plan_files
from devkit.scaffold.render import render
from devkit.setup.rendering import plan_asked_for, plan_project

pytestmark = pytest.mark.unit

KNOWN: dict[str, type] = {
    "name": str,
    "dockerComposeFile": list,
    "service": str,
    "workspaceFolder": str,
    "initializeCommand": str,
    "postCreateCommand": str,
    "overrideCommand": bool,
    "shutdownAction": str,
    "forwardPorts": list,
    "portsAttributes": dict,
    "otherPortsAttributes": dict,
    "customizations": dict,
}
"""Of the reference at https://containers.dev/implementors/json_reference/ what a compose project may say."""


def parsed(settings: Settings) -> dict[str, Any]:
    """Comments are allowed in this file; here they stand on lines of their own."""
    text = render_devcontainer(settings)[DEVCONTAINER].text
    found: dict[str, Any] = json.loads(re.sub(r"^\s*//.*$", "", text, flags=re.MULTILINE))
    return found


def test_every_key_is_one_that_the_reference_knows_with_a_value_of_its_type() -> None:
    found = parsed(FULL)
    assert {key: type(value) for key, value in found.items()} == KNOWN
    assert found["shutdownAction"] in ("none", "stopCompose")
    assert {"onAutoForward"} == set(found["otherPortsAttributes"])


def test_it_names_a_service_and_a_directory_that_compose_has() -> None:
    found = parsed(FULL)
    compose = yaml.safe_load(render(FULL, context())["compose.yaml"].text)
    app = compose["services"][found["service"]]
    assert f".:{found['workspaceFolder']}" in app["volumes"]
    assert found["dockerComposeFile"][0] == "../compose.yaml"
    assert found["forwardPorts"] == [int(app["ports"][0].rpartition(":")[2])]


def test_a_clone_where_devkit_never_ran_gets_a_second_file_that_compose_takes(tmp_path: Path) -> None:
    command = parsed(Settings("shop"))["initializeCommand"]
    for _ in range(2):
        subprocess.run(command, shell=True, check=True, cwd=tmp_path)
    override = tmp_path / "compose.override.yaml"
    assert yaml.safe_load(override.read_text()) == {"services": {}}
    override.write_text("mine")
    subprocess.run(command, shell=True, check=True, cwd=tmp_path)
    assert override.read_text() == "mine"


def test_an_edit_is_merged_and_a_file_of_somebody_elses_is_left(tmp_path: Path) -> None:
    file = tmp_path / DEVCONTAINER
    apply_plan(tmp_path, plan_asked_for(tmp_path, Settings("shop"), "devcontainer"))
    edited = file.read_text().replace('"jetbrains": { "backend": "PhpStorm" }', '"jetbrains": {}')
    file.write_text(edited)
    plan = plan_files(tmp_path, render_devcontainer(Settings("market")))
    assert plan[0].status == "merged"
    assert '"name": "market"' in plan[0].new and '"jetbrains": {}' in plan[0].new
    other = tmp_path / "other"
    (other / ".devcontainer").mkdir(parents=True)
    (other / DEVCONTAINER).write_text("{}")
    assert plan_asked_for(other, Settings("shop"), "devcontainer")[0].status == "conflict"


def test_only_where_it_was_asked_for_it_follows_the_settings(tmp_path: Path) -> None:
    def planned(name: str) -> set[str]:
        return {file.path for file in plan_project(tmp_path, Settings(name), detect(tmp_path))}

    (tmp_path / "devkit.toml").write_text('[project]\nname = "shop"\n')
    assert DEVCONTAINER not in planned("shop")
    apply_plan(tmp_path, plan_asked_for(tmp_path, Settings("shop"), "devcontainer"))
    assert DEVCONTAINER in planned("market")
