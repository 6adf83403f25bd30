from __future__ import annotations

import asyncio
import socket
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from app_with_curl import write_app
from laravel_application import laravel

from devkit.doctor.checks import run_checks
from devkit.engine.compose import Compose
from devkit.engine.docker import find_docker
from devkit.laravel.host_watcher import restart_on_change
from devkit.laravel.mounts import delivers_events, project_mount
from devkit.laravel.worker_figures import Reading
from devkit.laravel.worker_readings import worker_readings
from devkit.laravel.workers import restart_workers
from devkit.project.errors import FailedError
from devkit.scaffold.adopt import detect

pytestmark = pytest.mark.engine


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Compose]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    name = f"doctor-{uuid.uuid4().hex[:8]}"
    (tmp_path / "devkit.toml").write_text(f'schema = 1\n[project]\nname = "{name}"\n')
    write_app(tmp_path, port=port)
    (tmp_path / ".env").touch()
    compose = Compose(find_docker(), tmp_path, name)
    compose.up(on_line=lambda _line: None)
    try:
        yield compose
    finally:
        compose.run("down", "--volumes", "--timeout", "1", check=False)


def test_a_running_project_is_examined_from_inside(project: Compose) -> None:
    found = {check.id: check for check in run_checks(project.directory)}
    assert {found[name].status for name in ("docker", "engine", "compose", "buildx", "settings")} == {"ok"}
    assert found["compose_files"].status == "ok"
    assert found["ports"].status == "ok"  # its own port is no clash
    assert found["events"].status == "ok"
    assert found["user"].status in ("ok", "warning")
    assert found["disk"].status != "skipped"


def test_a_taken_port_is_a_problem_that_names_its_holder(project: Compose) -> None:
    project.run("stop", "--timeout", "1")
    port = int(project.config()["services"]["app"]["ports"][0]["published"])
    with socket.create_server(("127.0.0.1", port)):
        found = {check.id: check for check in run_checks(project.directory)}
    assert found["ports"].status == "problem"
    assert f"{port} is taken by process" in found["ports"].why


def test_a_broken_compose_file_is_a_problem(project: Compose) -> None:
    (project.directory / "compose.yaml").write_text("services: [\n")
    found = {check.id: check for check in run_checks(project.directory)}
    assert found["compose_files"].status == "problem"


def test_a_native_mount_delivers_events(project: Compose) -> None:
    mount = project_mount(project)
    assert mount is not None and str(mount.target) == "/app"
    assert delivers_events(project)


def test_workers_are_restarted_and_threads_read_inside_the_app(project: Compose) -> None:
    container = project.services()[0].container
    asyncio.run(restart_workers(project.docker, container))
    assert "-X POST http://localhost:2019/frankenphp/workers/restart" in (project.directory / "asked").read_text()

    async def look() -> Reading:
        async with worker_readings(project.docker, container) as looked:
            return await looked()

    assert asyncio.run(look()).threads[0].index == 3
    project.run("stop", "--timeout", "1")
    with pytest.raises(FailedError, match="not running"):
        asyncio.run(restart_workers(project.docker, container))
    with pytest.raises(FailedError, match="not running"):
        asyncio.run(look())


def test_a_save_on_the_host_restarts_the_workers_inside(project: Compose) -> None:
    container = project.services()[0].container

    async def save_until_seen() -> tuple[tuple[str, ...], str | None]:
        stop = asyncio.Event()
        seen: asyncio.Queue[tuple[tuple[str, ...], str | None]] = asyncio.Queue()
        watching = asyncio.ensure_future(
            restart_on_change(
                project.docker,
                lambda: container,
                project.directory,
                stop=stop,
                on_restart=lambda names, failure: seen.put_nowait((names, failure)),
            )
        )
        for number in range(25):  # a watch says nothing when it is set up: saved until it is seen
            (project.directory / "app" / "A.php").write_text(f"<?php // {number}")
            try:
                result = await asyncio.wait_for(seen.get(), 0.5)
                break
            except TimeoutError:
                continue
        stop.set()
        await asyncio.wait_for(watching, 10)
        return result

    names, failure = asyncio.run(save_until_seen())
    assert (names, failure) == (("app/A.php",), None)
    assert "workers/restart" in (project.directory / "asked").read_text()


def test_compose_accepts_the_services_that_adoption_carries_over(tmp_path: Path) -> None:
    (laravel(tmp_path) / "docker-compose.yml").write_text(
        "services:\n"
        "  laravel.test: {build: ./vendor/laravel/sail/runtimes/8.4, networks: [sail]}\n"
        "  search.node:\n    image: opensearchproject/opensearch:2\n    networks: [sail, back]\n"
        "    ports: ['${P:-9200}:9200']\n    volumes: ['data:/data', './conf:/conf:ro']\n    env_file: .search\n"
        "networks: {sail: {driver: bridge}, back: {}}\nvolumes: {data: {}}\n"
    )
    (tmp_path / ".search").touch()
    text = detect(tmp_path).adopted_compose
    assert text is not None
    (tmp_path / "docker").mkdir()
    (tmp_path / "docker" / "compose.adopted.yaml").write_text(text)
    (tmp_path / "compose.yaml").write_text("include: [docker/compose.adopted.yaml]\nservices: {app: {image: x}}\n")
    config = Compose(find_docker(), tmp_path, "adopted").config()
    service = config["services"]["search-node"]
    assert service["ports"][0]["host_ip"] == "127.0.0.1"
    sources = {volume["source"] for volume in service["volumes"]}
    assert sources == {"data", str(tmp_path / "conf")}
    assert set(service["networks"]) == {"default", "back"}
