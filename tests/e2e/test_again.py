"""Run again on a finished project: nothing is done that is done already, and all that is not."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from support import Project, first_run, running

from devkit.laravel.http import get as http_get

pytestmark = pytest.mark.e2e

MIGRATION = """<?php
use Illuminate\\Database\\Migrations\\Migration;
use Illuminate\\Support\\Facades\\Schema;

return new class extends Migration {
    public function up(): void { Schema::create('orders', fn ($table) => $table->id()); }
    public function down(): void { Schema::drop('orders'); }
};
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    directory = tmp_path_factory.mktemp("again") / "again"
    with running(directory, "--port", "21810") as made:
        yield made


def again(project: Project) -> dict[str, Any]:
    """The first run once more; the status of its steps, and where it ended the application answers."""
    result = first_run(project.directory).result
    assert project.get("/up")[0] == 200
    return {step["name"]: step["status"] for step in result["steps"]}


def container(project: Project) -> str:
    """The app's container."""
    return docker("compose", "ps", "--quiet", "app", project=project)


def docker(*arguments: str, project: Project) -> str:
    done = subprocess.run(["docker", *arguments], cwd=project.directory, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_nothing_is_left_to_do(project: Project) -> None:
    before = container(project)
    steps = again(project)
    assert {name for name, status in steps.items() if status == "skipped"} == {
        *("engine", "files", "build", "application", "packages", "environment", "migrate")
    }
    assert container(project) == before


def test_a_migration_that_was_rolled_back_or_is_new_is_run(project: Project) -> None:
    project.write("database/migrations/2030_01_01_000000_orders.php", MIGRATION)
    assert again(project)["migrate"] == "done"
    assert "orders" in project.artisan("migrate:status")
    assert again(project)["migrate"] == "skipped"
    project.artisan("migrate:rollback")
    assert again(project)["migrate"] == "done"
    assert "Pending" not in project.artisan("migrate:status")


def test_a_container_that_is_stopped_or_gone_is_started(project: Project) -> None:
    docker("compose", "stop", "app", project=project)
    again(project)
    docker("compose", "rm", "--stop", "--force", "app", project=project)
    assert container(project) == ""
    again(project)
    assert container(project) != ""


def test_a_port_that_is_taken_between_its_choice_and_the_start_is_chosen_anew(project: Project) -> None:
    docker("compose", "rm", "--stop", "--force", "app", project=project)
    command = [sys.executable, "-m", "devkit.entry", "init", str(project.directory), "--yes", "--json"]
    with (
        socket.socket() as late,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as run,
    ):
        late.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        assert run.stdout is not None and run.stderr is not None
        said = []
        for line in run.stderr:
            said.append(line)
            if " start: " in line:  # the ports are settled, and Compose is yet to be started
                late.bind(("127.0.0.1", project.port))
                late.listen()
        result = json.loads(run.stdout.read())
    assert run.returncode == 0, said
    assert result["url"] != f"http://localhost:{project.port}"
    assert http_get(f"{result['url']}/up")[0] == 200
    assert f"APP_URL={result['url']}" in (project.directory / ".env").read_text()
    docker("compose", "rm", "--stop", "--force", "app", project=project)
    (project.directory / ".devkit" / "ports.json").unlink()
    again(project)


def test_an_edit_of_the_compose_file_makes_the_container_anew(project: Project) -> None:
    compose, before = project.directory / "compose.yaml", container(project)
    compose.write_text(compose.read_text().replace('LARAVEL_OCTANE: "1"', 'LARAVEL_OCTANE: "1"\n      SHOP: "open"'))
    again(project)
    assert container(project) != before
    assert docker("compose", "exec", "-T", "app", "printenv", "SHOP", project=project) == "open"


def test_another_image_under_the_same_name_makes_the_container_anew(project: Project) -> None:
    before, name = container(project), f"{project.result['project']}-app:development"
    build = ["docker", "build", "--quiet", "--tag", name, "-"]
    dockerfile = f'FROM {name}\nLABEL org.example.another="yes"\n'
    subprocess.run(build, input=dockerfile, cwd=project.directory, capture_output=True, text=True, check=True)
    again(project)
    assert container(project) != before
    labels = docker("inspect", "--format", "{{json .Config.Labels}}", container(project), project=project)
    assert "org.example.another" in labels
