"""The rendered files as Compose, FrankenPHP and the builder themselves judge them, many in one run."""

from __future__ import annotations

import json
import random
import socket
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given
from hypothesis import settings as bounded
from hypothesis import strategies as st
from laravel_application import laravel
from scaffold_examples import all_settings

from devkit.engine.docker import Docker
from devkit.engine.images.catalogue import BASES, base_image
from devkit.engine.machine_trust import MachineTrust
from devkit.project.paths import project_name
from devkit.project.services import DATABASES, SERVICES, Kind
from devkit.project.settings import Jit, NodeSettings, PhpSettings, Settings
from devkit.scaffold.adopt import detect
from devkit.scaffold.context import Machine, RenderContext
from devkit.scaffold.environment import environment_values, password_names
from devkit.scaffold.override import machine_override
from devkit.scaffold.plan import apply_plan, plan_files
from devkit.scaffold.render import render
from devkit.secrets.dotenv import set_values
from devkit.setup.rendering import in_the_way, make_room, plan_project

pytestmark = pytest.mark.engine

FRANKENPHP = base_image("frankenphp").reference
CONTEXT = RenderContext({key: base_image(key).reference for key in BASES})
HARD = "a$b ${HOME} 'c' \"d\" \\e `f` #g"
"""A password with everything that one of the readers of .env could take for its own."""


def combinations() -> list[Settings]:
    """Each database with each cache and mode, and a random choice of the rest: the same in every run."""
    chosen = random.Random(4)
    others = [s.name for s in SERVICES.values() if s.kind in (Kind.EXTRA, Kind.PROCESS)]
    return [
        Settings(
            name=f"stack-{number}",
            database=database,
            services=(*((cache,) if cache else ()), *chosen.sample(others, chosen.randint(0, len(others)))),
            php=PhpSettings(mode=mode, workers=chosen.randint(1, 128), jit=chosen.choice(["off", "tracing"])),
            node=NodeSettings(package_manager=chosen.choice(["npm", "pnpm", "yarn", "bun"])),
            https=bool(chosen.randint(0, 1)),
        )
        for number, (database, cache, mode) in enumerate(
            product(DATABASES, (None, "redis", "valkey"), ("worker", "classic"))
        )
    ]


def write(root: Path, settings: Settings, machine: Machine) -> dict[str, str]:
    """A project's scaffold, override and .env under `root`; the values of .env."""
    root.mkdir(parents=True, exist_ok=True)
    apply_plan(root, plan_files(root, render(settings, CONTEXT)))
    (root / "compose.override.yaml").write_text(machine_override(settings, machine))
    passwords = dict.fromkeys(password_names(settings), HARD)
    values = environment_values(settings, passwords, "http://localhost:8000")
    (root / ".env").write_text("")
    set_values(root / ".env", values)
    return values


def config(docker: Docker, root: Path) -> Any:
    done = docker.run("compose", "config", "--format", "json", cwd=root, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


def check_compose(docker: Docker, root: Path, settings: Settings) -> None:
    """Compose reads what is rendered, and publishes each port once, where the override says and nowhere else."""
    ports = {key: 20000 + number for number, key in enumerate(settings.published_ports())}
    write(root, settings, Machine(1000, 1000, ports, bases={"frankenphp": "local/x", "node": "local/y"}))
    parsed = config(docker, root)
    assert parsed["name"] == settings.name
    assert set(parsed["services"]) == {"app", *settings.all_services}
    published = [port for service in parsed["services"].values() for port in service.get("ports", [])]
    assert sorted(int(port["published"]) for port in published) == sorted(ports.values())
    assert {port["host_ip"] for port in published} == {"127.0.0.1"}


def check_caddyfiles(docker: Docker, directory: Path, every: list[Settings]) -> None:
    """One container validates and formats them all; Laravel's files are stand-ins, for they are not run here."""
    for settings in every:
        for path, file in render(settings, CONTEXT).items():
            if path.endswith(("Caddyfile", ".caddyfile")):
                target = directory / settings.name / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(file.text)
    script = """
        mkdir -p /app/public && echo '<?php' | tee /app/public/index.php > /app/public/frankenphp-worker.php
        status=0
        for file in /given/*/docker/*addyfile; do
            frankenphp fmt --diff "$file" > /tmp/said 2>&1 || { echo "fmt $file"; cat /tmp/said; status=1; }
        done
        for file in /given/*/docker/Caddyfile; do
            frankenphp validate --config "$file" > /tmp/said 2>&1 || { echo "validate $file"; cat /tmp/said; status=1; }
        done
        exit $status
    """
    arguments = ["--rm", "--network", "none", "--volume", f"{directory}:/given:ro", "--entrypoint", "sh"]
    done = docker.run("run", *arguments, FRANKENPHP, "-c", script, check=False)
    assert done.returncode == 0, done.stdout.decode()


def test_compose_accepts_every_combination(docker: Docker, tmp_path: Path) -> None:
    for settings in combinations():
        check_compose(docker, tmp_path / settings.name, settings)


def test_frankenphp_accepts_every_caddyfile(docker: Docker, tmp_path: Path) -> None:
    check_caddyfiles(docker, tmp_path, combinations())


# Each example is a handful of stacks for one container. A failure names its files; to make it smaller would start many.
@given(st.lists(all_settings(), min_size=6, max_size=6, unique_by=lambda settings: settings.name))
@bounded(max_examples=4, phases=[Phase.explicit, Phase.reuse, Phase.generate])
def test_compose_and_frankenphp_accept_whatever_settings_accept(
    docker: Docker, tmp_path_factory: pytest.TempPathFactory, every: list[Settings]
) -> None:
    directory = tmp_path_factory.mktemp("generated")
    check_caddyfiles(docker, directory, every)
    for settings in every:
        check_compose(docker, directory / settings.name, settings)
    # The engine looks for an image only under a name that an image can have.
    images = [f"{settings.name}-app:development" for settings in every]
    done = docker.run("image", "inspect", *images, check=False)
    assert b"invalid reference format" not in done.stderr


def test_no_volume_of_a_former_compose_file_is_mounted(docker: Docker, tmp_path: Path) -> None:
    """A server of another version would bring the data up to date, and there is no way back."""
    root = laravel(tmp_path / "vol")
    data = ("mysql-data", "redis-data", "caddy-data", "caddy-config")
    (root / "docker-compose.yml").write_text(
        "services:\n  db: {image: 'mysql:8.0', volumes: ['mysql-data:/var/lib/mysql']}\n"
        "  search: {image: 'opensearchproject/opensearch:2', volumes: ['redis-data:/data']}\n"
        f"volumes: {{{', '.join(f'{name}: {{}}' for name in data)}}}\n"
    )
    before = {volume["name"] for volume in config(docker, root)["volumes"].values()}
    existing = detect(root)
    settings = Settings("vol", existing.database or "sqlite", ("redis",))
    (root / "docker-compose.yml").unlink()
    write(root, settings, Machine(1000, 1000, {}))
    after = {volume["name"] for volume in config(docker, root)["volumes"].values()}
    assert "vol_mysql-data" in before and "vol_devkit-mysql" in after
    assert before & after == set()
    assert any("devkit's mysql starts empty, in a volume of its own (devkit-mysql)" in note for note in existing.notes)


def test_a_password_reaches_a_service_as_it_stands_in_env(docker: Docker, tmp_path: Path) -> None:
    settings = Settings("hard", "mysql", ("redis", "queue"))
    write(tmp_path, settings, Machine(1000, 1000, {}))
    services = config(docker, tmp_path)["services"]
    # `config` doubles each $, so that its output could be read again.
    assert services["mysql"]["environment"]["MYSQL_PASSWORD"].replace("$$", "$") == HARD
    assert services["redis"]["environment"]["REDIS_PASSWORD"].replace("$$", "$") == HARD
    assert "DB_PASSWORD" not in json.dumps([services["app"], services["queue"]])


def test_a_path_with_everything_in_it_is_mounted_as_it_is(docker: Docker, tmp_path: Path) -> None:
    bundle = tmp_path / "a $HOME 'b': é.crt"
    bundle.write_text("")
    trust = MachineTrust({"ca": bundle}, proxies=True)
    write(tmp_path, Settings("paths"), Machine(1000, 1000, {}, trust=trust))
    parsed = config(docker, tmp_path)
    sources = [mount["source"].replace("$$", "$") for mount in parsed["services"]["app"]["volumes"]]
    assert str(bundle) in sources
    assert parsed["secrets"]["ca"]["file"].replace("$$", "$") == str(bundle)


@pytest.mark.parametrize("name", [".dockerignore", "Dockerfile.dockerignore"])
def test_what_a_project_kept_out_of_images_stays_out(docker: Docker, tmp_path: Path, name: str) -> None:
    """BuildKit itself says what of an adopted project reaches a build."""
    root = laravel(tmp_path / "kept-out")
    inside = ("app/User.php", "docker/entrypoint", "composer.lock", "public/frankenphp-worker.php", ".env.example")
    kept_out_by_them = ("secrets/key.pem", "notes.md", "old/docker/x")
    with_secrets = (".env", ".env.previous", ".env.production", ".env.devkit-tmp", ".env~", "..env.swp", "docker/.env")
    outside = (*kept_out_by_them, *with_secrets, "auth.json", ".devkit/x", "storage/logs/x", "vendor/kept/x.php")
    for path in (*inside, *outside):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text("{}")
    former = "# ours\r\nsecrets\r\n*.md\r\n!.env*\r\n!auth.json\n!vendor/kept\ndocker\npublic\nold\n*.lock\n"
    (root / name).write_bytes(former.encode())
    existing = detect(root)
    plan = plan_project(root, Settings("kept-out"), existing)
    make_room(root, in_the_way(root, existing))
    apply_plan(root, plan)
    # Interrupted before devkit.toml was written, and begun again: nothing is said twice.
    assert {file.status for file in plan_project(root, Settings("kept-out"), detect(root))} == {"kept"}
    (root / "Dockerfile").write_text("FROM scratch\nCOPY . /\n")
    docker.run("buildx", "build", f"--output=type=local,dest={tmp_path}/image", ".", cwd=root)
    reached = {str(path.relative_to(tmp_path / "image")) for path in (tmp_path / "image").rglob("*") if path.is_file()}
    assert set(inside) <= reached
    assert reached & set(outside) == set()


@pytest.mark.parametrize("jit", ["off", "function", "tracing"])
def test_php_itself_runs_with_the_jit_mode_of_the_settings(docker: Docker, tmp_path: Path, jit: Jit) -> None:
    files = render(Settings("x", php=PhpSettings(jit=jit)), CONTEXT)
    enabled = ("-d", "zend_extension=opcache", "-d", "opcache.enable_cli=1")
    script = "echo json_encode(opcache_get_status()['jit']['on']), ' ', ini_get('opcache.jit');"
    for stage in ("development", "production"):
        (tmp_path / f"{stage}.ini").write_text(files[f"docker/php/20-{stage}.ini"].text)
        mount = f"{tmp_path}/{stage}.ini:/usr/local/etc/php/conf.d/20-{stage}.ini:ro"
        arguments = ["--rm", "--network", "none", "--volume", mount, "--entrypoint", "php", FRANKENPHP]
        done = docker.run("run", *arguments, *enabled, "-r", script)
        expected = "false disable" if jit == "off" else f"true {jit}"
        assert done.stdout.decode().strip() == expected


@pytest.mark.parametrize("cache", ["redis", "valkey"])
def test_a_cache_asks_for_the_password_of_env(docker: Docker, project_directory: Path, cache: str) -> None:
    settings = Settings(project_name(project_directory), services=(cache,))
    write(project_directory, settings, Machine(1000, 1000, {cache: free_port()}))
    docker.run("compose", "up", "--detach", "--wait", cache, cwd=project_directory)
    client = f"compose exec -T {cache}".split()
    refused = docker.run(*client, f"{cache}-cli", "ping", cwd=project_directory, check=False)
    assert b"NOAUTH" in refused.stdout + refused.stderr
    arguments = docker.run(*client, "cat", "/proc/1/cmdline", cwd=project_directory)
    assert b"HOME" not in arguments.stdout  # no part of the password


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
