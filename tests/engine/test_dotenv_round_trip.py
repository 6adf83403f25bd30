"""What devkit writes into .env is what Laravel, Compose, a container and devkit read there, whatever the values are."""

from __future__ import annotations

import base64
import itertools
import json
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from dotenv_examples import REFERENCES, REFERENCES_IN_LARAVEL

from devkit.engine.docker import Docker
from devkit.engine.images.catalogue import BASES, base_image
from devkit.laravel.env_names import env_reads
from devkit.project.env_file import read_env, resolve_env
from devkit.project.paths import project_name
from devkit.project.settings import Settings
from devkit.scaffold.context import Machine, RenderContext
from devkit.scaffold.environment import environment_values, password_names
from devkit.scaffold.override import machine_override
from devkit.scaffold.plan import apply_plan, plan_files
from devkit.scaffold.render import render
from devkit.secrets.dotenv import set_values
from devkit.secrets.readings import other_readings

pytestmark = pytest.mark.engine

FRANKENPHP = base_image("frankenphp").reference
COUNT = 4000

PARTS = [
    *("'", '"', "`", "$", "$$", "${", "}", "$X", "${X}", "${V0001_SECRET}", "$V0001_SECRET", "${X:-d}", "$(id)", "\\"),
    *(
        "\\\\",
        "\\n",
        "\\'",
        '\\"',
        "\\$",
        "\n",
        "\r\n",
        "\r",
        "\t",
        " ",
        "  ",
        "#",
        " # x",
        "=",
        '="',
        "='",
        "#{",
        "%s",
    ),
    *("\u00a0", "\u2028", "\ufeff", "\x01", "\x0b", "\x0c", "\x1b[31m", "\x7f", "\x85", "é", "e\u0301", "😀", "日本"),
    *("true", "null", "(empty)", "export A=1", "word", "~", "*", "[", "{{ x }}", '<a href="x">', "a:b", ",", ";", "|"),
]
WHOLE = [
    '{"a": "b\\n", "c": [1, null, "it\'s $5"], "d": "${X}"}',
    "-----BEGIN PRIVATE KEY-----\n" + "MIIEvQIBADANBgkqhkiG9w0BAQ+/=\n" * 40 + "-----END PRIVATE KEY-----\n",
    "C:\\Program Files\\devkit\\",
    "postgres://user:p%40ss'w\"o$rd@db:5432/x?sslmode=require#top",
    "0" * 65536,
    "it's $5 \\ " * 700,
]

READ_BY_LARAVEL = r"""<?php
require __DIR__.'/vendor/autoload.php';

use Illuminate\Support\Env;

$read = Dotenv\Dotenv::create(Env::getRepository(), '/given', '.env')->load();
$references = Dotenv\Dotenv::createArrayBacked('/given', 'references.env')->load();
$names = [];
foreach (glob(__DIR__.'/vendor/laravel/framework/config/*.php') as $path) {
    $source = file_get_contents($path);
    $tokens = array_values(array_filter(PhpToken::tokenize($source), fn ($token) => ! $token->isIgnorable()));
    $found = [];
    foreach ($tokens as $at => $token) {
        if ($token->is(T_STRING) && $token->text === 'env' && $tokens[$at + 1]->is('(')) {
            $found[] = [trim($tokens[$at + 2]->text, "'"), $token->line, ! $tokens[$at + 3]->is(')')];
        }
    }
    $names[] = [$source, $found];
}
$cast = array_map(Env::get(...), array_combine(array_keys($read), array_keys($read)));
echo json_encode([$read, $cast, $references, $names], JSON_THROW_ON_ERROR);
"""
INSTALL = """
cd /tmp && mkdir read && cd read && export COMPOSER_ALLOW_SUPERUSER=1
install-php-extensions @composer && composer require --no-interaction --no-scripts laravel/framework
"""


def hostile_values() -> dict[str, str]:
    """Every part, many pairs of them, and more of them at random: the same in every run."""
    chosen = random.Random(7)
    values = ["", *PARTS, *WHOLE, *map("".join, chosen.sample([*itertools.product(PARTS, repeat=2)], COUNT // 2))]
    while len(values) < COUNT:
        values.append("".join(chosen.choices(PARTS, k=chosen.randint(3, 12))))
    return {f"V{number:04}_SECRET": value for number, value in enumerate(values)}


def write_stack(root: Path, name: str) -> None:
    """What a first run writes for many services, without what belongs to Laravel."""
    settings = Settings(name, database="mysql", services=("redis", "mailpit", "meilisearch", "s3", "reverb", "queue"))
    context = RenderContext({key: base_image(key).reference for key in BASES})
    apply_plan(root, plan_files(root, render(settings, context)))
    ports = {key: 20000 + number for number, key in enumerate(settings.published_ports())}
    (root / "compose.override.yaml").write_text(machine_override(settings, Machine(1000, 1000, ports)))
    passwords = dict.fromkeys(password_names(settings), 'it\'s "$5" \\ ${X}')
    set_values(root / ".env", environment_values(settings, passwords, "http://localhost:8000"))


def configuration(docker: Docker, root: Path) -> Any:
    done = docker.run("compose", "config", "--format", "json", cwd=root)
    assert not done.stderr
    return json.loads(done.stdout)


def differences(values: Mapping[str, str], found: Mapping[str, object]) -> list[str]:
    return [name for name, value in values.items() if found.get(name) != value]


@pytest.fixture(scope="module")
def values() -> dict[str, str]:
    return hostile_values()


def test_laravel_reads_what_was_written(docker: Docker, tmp_path: Path, values: dict[str, str]) -> None:
    set_values(tmp_path / ".env", values)
    (tmp_path / "references.env").write_text(REFERENCES)
    (tmp_path / "read.php").write_text(READ_BY_LARAVEL)
    script = f"({INSTALL}) >&2 && cp /given/read.php /tmp/read/ && php /tmp/read/read.php"
    done = docker.run(
        *("run", "--rm", "--network", "host", "--tmpfs", "/tmp", "--volume", f"{tmp_path}:/given:ro"),
        *("--entrypoint", "sh", FRANKENPHP, "-c", script),
    )
    read, cast, references, config = json.loads(done.stdout)
    assert references == REFERENCES_IN_LARAVEL
    assert differences(values, read) == []
    warned = [reading.name for reading in other_readings(values)]
    assert warned
    assert differences(values, cast) == warned
    assert sum(len(found) for _, found in config) > 100
    for source, found in config:
        assert [[read.name, read.line] for read in env_reads(source)] == [entry[:2] for entry in found]


def test_compose_containers_and_devkit_read_what_was_written(
    docker: Docker, project_directory: Path, values: dict[str, str]
) -> None:
    set_values(project_directory / ".env", values)
    assert differences(values, read_env(project_directory / ".env")) == []
    assert differences(values, resolve_env(project_directory / ".env")) == []
    compose = {
        "x-interpolated": {name: f"${{{name}}}" for name in values},
        "services": {
            "reader": {
                "image": FRANKENPHP,
                "entrypoint": ["base64", "/proc/self/environ"],
                "env_file": ".env",
                "network_mode": "none",
            }
        },
    }
    (project_directory / "compose.yaml").write_text(json.dumps(compose))
    said = configuration(docker, project_directory)
    assert differences(values, undoubled(said["services"]["reader"]["environment"])) == []
    assert differences(values, undoubled(said["x-interpolated"])) == []
    docker.run("compose", "up", "--detach", cwd=project_directory)
    (container,) = docker.run("compose", "ps", "--all", "--quiet", cwd=project_directory).stdout.decode().split()
    inspected = docker.json("container", "inspect", "--format", "{{json .Config.Env}}", container)
    assert differences(values, dict(entry.split("=", 1) for entry in inspected)) == []
    docker.run("container", "wait", container)
    environment = base64.b64decode(docker.run("logs", container).stdout).decode().split("\0")
    assert differences(values, dict(entry.split("=", 1) for entry in environment if entry)) == []


def test_the_stack_is_the_same_whatever_stands_in_env(
    docker: Docker, project_directory: Path, values: dict[str, str]
) -> None:
    write_stack(project_directory, project_name(project_directory))
    before = configuration(docker, project_directory)
    assert set_values(project_directory / ".env", values)
    assert configuration(docker, project_directory) == before


def undoubled(environment: Mapping[str, str]) -> dict[str, str]:
    """`docker compose config` writes $ as $$, so that what it prints can be given to it again."""
    return {name: value.replace("$$", "$") for name, value in environment.items()}
