"""Builds by what compose.yaml says of them, with what this machine adds, and no value in argv."""

from __future__ import annotations

import shlex
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from devkit.engine.compose import Compose
from devkit.engine.compose_build import read_build
from devkit.engine.docker import Docker
from devkit.project.errors import UsageError
from devkit.project.paths import ProjectPaths, project_name
from devkit.project.settings import Settings
from devkit.setup.building import build
from devkit.setup.project import Project

pytestmark = pytest.mark.engine

COMPOSE = """
services:
  app:
    image: {name}-app:development
    build:
      context: .
      dockerfile: docker/own.Dockerfile
      target: development
      args: {{WHO: "${{NOBODY_SETS_THIS:-person}}", PRICE: "5$$ and 'quotes'", FROM_ENV: "${{APP_NAME}}"}}
      secrets: [own]
      extra_hosts: ["company.test:192.0.2.7"]
      labels: {{made.by: person}}
  database:
    image: nothing
    environment: {{PASSWORD: "${{DB_PASSWORD:?set it}}"}}
    env_file: not-there.env
secrets:
  own: {{file: ./own.txt}}
  others: {{file: ./not-there.txt}}
"""

DOCKERFILE = """
ARG FRANKENPHP_IMAGE
FROM ${FRANKENPHP_IMAGE} AS base-runtime
FROM base-runtime AS development
ARG WHO PRICE FROM_ENV USER_ID
RUN --mount=type=secret,id=own,required=true \\
    printf '%s\\n' "$WHO" "$PRICE" "$FROM_ENV" "$USER_ID" > /seen \\
    && cat /run/secrets/own >> /seen && grep company.test /etc/hosts >> /seen
FROM base-runtime AS app
ARG VITE_APP_NAME
ARG VITE_OTHER=usual
RUN printf '%s\\n' "$VITE_APP_NAME" "$VITE_OTHER" > /seen
FROM base-runtime AS outside
RUN : PROJECT && curl -fsS http://packages.invalid/list > /seen
"""


@pytest.fixture
def project(docker: Docker, project_directory: Path) -> Project:
    """A project whose Dockerfile and compose.yaml are a person's own; its docker command writes down its argv."""
    name = project_name(project_directory)
    (project_directory / "docker").mkdir()
    (project_directory / "docker/own.Dockerfile").write_text(DOCKERFILE.replace("PROJECT", name))  # in no cache
    (project_directory / "compose.yaml").write_text(COMPOSE.format(name=name))
    (project_directory / "own.txt").write_text("the secret\n")
    (project_directory / ".env").write_text('APP_NAME="My $5 shop"\nVITE_APP_NAME="${APP_NAME}"\n')
    spy = project_directory.parent / "docker"
    log = shlex.quote(str(spy.with_name("argv")))
    spy.write_text(f'#!/bin/sh\nprintf "%s\\n" "$*" >> {log}\nexec {shlex.quote(str(docker.binary))} "$@"\n')
    spy.chmod(0o755)
    return Project(ProjectPaths(project_directory), Settings(name), replace(docker, binary=spy))


def seen(docker: Docker, image: str) -> list[str]:
    return docker.run("run", "--rm", "--entrypoint", "cat", image, "/seen").stdout.decode().splitlines()


def argv(project: Project) -> str:
    return (project.paths.root.parent / "argv").read_text()


def test_what_compose_yaml_says_of_the_build_counts(docker: Docker, project: Project) -> None:
    report = build(project, None, lambda _line: None)
    assert (report.stage, report.image) == ("development", project.image)
    who, price, name, user, secret, host = seen(docker, report.image)
    assert (who, price, name, secret) == ("person", "5$ and 'quotes'", "My $5 shop", "the secret")
    assert user == str(project.paths.root.stat().st_uid)
    assert host.split() == ["192.0.2.7", "company.test"]
    labels = docker.json("image", "inspect", "--format", "{{json .Config.Labels}}", report.image)
    assert labels["made.by"] == "person"
    assert "quotes" not in argv(project)


def test_names_for_browsers_that_the_dockerfile_takes_come_from_env(docker: Docker, project: Project) -> None:
    report = build(project, "app", lambda _line: None)
    assert seen(docker, report.image) == ["My $5 shop", "usual"]
    assert "shop" not in argv(project).replace(project.settings.name, "")


def test_a_stage_that_is_not_there_and_an_option_that_cannot_be_passed_on_are_said(project: Project) -> None:
    with pytest.raises(UsageError, match="no stage 'missing'") as error:
        build(project, "missing", lambda _line: None)
    assert "base-runtime, development, app, outside" in error.value.hint
    compose = project.paths.root / "compose.yaml"
    compose.write_text(compose.read_text().replace("labels:", "privileged: true\n      labels:"))
    with pytest.raises(UsageError, match=r"build\.privileged"):
        build(project, None, lambda _line: None)


class Proxy(BaseHTTPRequestHandler):
    """Answers for every host, and keeps whom it was asked by."""

    logins: list[str]

    def do_GET(self) -> None:
        self.logins.append(self.headers.get("Proxy-Authorization", ""))
        body = f"by the proxy: {self.path}\n".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is said."""


@pytest.fixture
def proxy(docker: Docker) -> Iterator[tuple[str, list[str]]]:
    """A proxy that builds reach; its address, and the logins that came."""
    gateway = docker.run("network", "inspect", "bridge", "--format", "{{(index .IPAM.Config 0).Gateway}}")
    logins: list[str] = []
    handler = type("Handler", (Proxy,), {"logins": logins})
    with ThreadingHTTPServer((gateway.stdout.decode().strip(), 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        host, port = server.server_address[:2]
        yield f"{host!s}:{port}", logins
        server.shutdown()


def test_a_build_reaches_out_by_the_proxy_whose_login_is_in_no_argument_and_no_layer(
    docker: Docker, project: Project, proxy: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    address, logins = proxy
    monkeypatch.setenv("http_proxy", f"http://person:hush@{address}")
    report = build(project, "outside", lambda _line: None)
    assert seen(docker, report.image) == ["by the proxy: http://packages.invalid/list"]
    assert logins and logins[0].startswith("Basic ")
    history = docker.run("history", "--no-trunc", report.image).stdout.decode()
    inspected = docker.run("image", "inspect", report.image).stdout.decode()
    assert not [text for text in (argv(project), history, inspected) if "hush" in text]


def test_a_directory_whose_name_holds_a_dollar_is_no_variable(docker: Docker, tmp_path: Path) -> None:
    directory = tmp_path / "for $HOME & ${NOTHING} $$"
    directory.mkdir()
    (directory / "compose.yaml").write_text(
        "services:\n  app:\n    build: {context: ., args: {WHO: '${NOBODY_SETS_THIS:-person}'}, secrets: [own]}\n"
        "secrets:\n  own: {file: ./own.txt}\n"
    )
    found = read_build(Compose(docker, directory, "dollar"), "app")
    assert found.context == str(directory)
    assert found.dockerfile == directory / "Dockerfile"
    assert found.arguments == {"WHO": "person"}
    assert f"id=own,src={directory}/own.txt" in found.options
