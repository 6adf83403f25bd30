"""Behind a proxy: it is for the outside, and the stack's own services are reached without it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import Project, running

from devkit.laravel.workers import ADMIN, CURL, restart_workers
from devkit.setup.project import open_project

pytestmark = pytest.mark.e2e

NOBODY = "http://person:word@127.0.0.1:9"
"""A proxy that refuses every connection."""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    directory = tmp_path / "behind a proxy"
    with running(directory, "--no-start", "--with", "mailpit,queue") as made:
        for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, NOBODY)
        monkeypatch.setenv("NO_PROXY", "intranet.example")
        yield made


def test_a_stack_behind_a_dead_proxy_becomes_healthy_and_its_workers_restart(project: Project) -> None:
    done = project.devkit("up")
    assert done.status == 0, done.stderr
    services = project.devkit("status", "--json").json["services"]
    assert {service["name"]: service["health"] for service in services} == dict.fromkeys(
        ("app", "mailpit", "queue"), "healthy"
    )
    assert project.get("/up")[0] == 200
    compose = open_project(project.directory).compose
    variables = compose.exec("app", "env").stdout.decode().splitlines()
    assert f"https_proxy={NOBODY}" in variables
    (exempt,) = [line.partition("=")[2].split(",") for line in variables if line.startswith("no_proxy=")]
    assert {"127.0.0.1", "mailpit", "intranet.example"} <= set(exempt)
    container = compose.services(["app"])[0].container
    asyncio.run(restart_workers(compose.docker, container))
    assert compose.exec("app", *CURL, f"{ADMIN}/frankenphp/threads").stdout
    page = "echo file_get_contents('http://app:8080/up') === false ? 'no' : 'yes';"
    assert compose.exec("queue", "php", "-r", page).stdout == b"yes"
    assert compose.exec("queue", "curl", "-fsS", "-o", "/dev/null", "http://app:8080/up").stdout == b""
    assert NOBODY not in (project.directory / "compose.override.yaml").read_text()
