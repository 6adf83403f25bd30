"""The image of the stage `app`: what is in it, and that it serves."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from production import VARIABLES, Container, Production, docker

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def running(production: Production) -> Iterator[Container]:
    with production.container(variables=VARIABLES) as container:
        yield container


def test_it_answers_without_root_and_without_capabilities(running: Container) -> None:
    assert running.get("/up")[0] == 200
    status, page = running.get("/")
    assert status == 200
    assert "/build/assets/" in page  # the front end was built
    assert running.shell("id -u") == "10001"
    assert running.shell("cat /proc/1/comm") == "frankenphp"


def test_cached_routes_that_are_closures_answer_each_time(running: Container) -> None:
    assert {running.get("/closure") for _ in range(10)} == {(200, "made production")}


def test_the_build_says_what_came_from_the_cache(production: Production) -> None:
    report = production.report
    assert (report["stage"], report["image"]) == ("app", f"{production.project.result['project']}-app:app")
    assert report["total"] == len(report["steps"]) > 10
    assert {step["stage"] for step in report["steps"]} >= {"base-runtime", "dependencies", "frontend-build", "app"}
    again = production.project.devkit("build", "app", "--json").json
    assert again["hits"] == again["total"]


def test_nothing_of_the_machine_and_no_secret_is_in_the_image(production: Production, running: Container) -> None:
    left = running.shell("ls -a /app; find / -xdev -name auth.json -o -xdev -name .npmrc 2>/dev/null; true")
    assert not {".env", ".git", "auth.json", ".npmrc", "node_modules", "compose.override.yaml"} & set(left.split())
    assert running.shell("find /app -name 'auth.json' -o -name '.npmrc' | wc -l") == "0"
    assert running.shell("cat /etc/apt/sources.list.d/*.sources /etc/apt/apt.conf.d/99machine 2>/dev/null; true") == ""
    key = next(line for line in (production.project.directory / ".env").read_text().splitlines() if "APP_KEY" in line)
    history = docker("history", "--no-trunc", "--format", "{{.CreatedBy}}", production.image)
    variables = json.loads(docker("inspect", "--format", "{{json .Config.Env}}", production.image))
    for text in (history, "\n".join(variables)):
        assert key.partition("=")[2] not in text
        assert "PROXY" not in text.upper()


def test_development_tools_stay_out(running: Container) -> None:
    assert running.shell("command -v composer node npm; true") == ""
    assert running.shell("php -r 'var_dump(ini_get(\"opcache.validate_timestamps\"));'") == 'string(1) "0"'
