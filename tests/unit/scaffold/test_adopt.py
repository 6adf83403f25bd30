from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from devkit.project.errors import UsageError
from devkit.scaffold.adopt import Existing, detect
from devkit.scaffold.adopt_composer import choose_php, fulfils
from devkit.scaffold.adopt_makefile import parse_makefile
from devkit.scaffold.adopt_ports import local_port, published_ports

pytestmark = pytest.mark.unit

SAIL = """
services:
  laravel.test:
    build: {context: ./vendor/laravel/sail/runtimes/8.3}
    image: sail-8.3/app
    ports: ['${APP_PORT:-80}:80']
    volumes: ['.:/var/www/html']
    networks: [sail]
    depends_on: [mysql, redis, mailpit, search]
  mysql:
    image: 'mysql/mysql-server:8.0'
    ports: ['${FORWARD_DB_PORT:-3306}:3306']
    volumes: ['sail-mysql:/var/lib/mysql']
    networks: [sail]
  redis: {image: 'redis:alpine', networks: [sail]}
  mailpit: {image: 'axllent/mailpit:latest', networks: [sail]}
  worker: {image: sail-8.3/app, command: php artisan queue:work}
  search.node:
    image: opensearchproject/opensearch:2
    ports: ['${SEARCH_PORT:-9200}:9200', '9600']
    volumes: ['search-data:/usr/share/opensearch/data', './conf:/conf:ro']
    networks: [sail]
    depends_on: {mysql: {condition: service_healthy}, laravel.test: {condition: service_started}}
networks: {sail: {driver: bridge}}
volumes: {sail-mysql: {driver: local}, search-data: {driver: local}}
"""


def laravel(root: Path, **extra: Any) -> Path:
    composer = {"require": {"php": "^8.2", "laravel/framework": "^12.0"}, **extra}
    (root / "composer.json").write_text(json.dumps(composer))
    (root / "artisan").write_text("#!/usr/bin/env php\n")
    return root


def said(existing: Existing, text: str) -> bool:
    return any(text in note for note in existing.notes)


def test_a_directory_that_is_missing_or_holds_only_harmless_files_is_empty(tmp_path: Path) -> None:
    assert detect(tmp_path / "new").kind == "empty"
    (tmp_path / ".git").mkdir()
    (tmp_path / "README.md").touch()
    (tmp_path / ".compose.yaml.0a1b2c3d.devkit-tmp").touch()  # a first run was killed in the middle of a write
    assert detect(tmp_path).kind == "empty"


def test_an_interrupted_first_run_counts_as_empty(tmp_path: Path) -> None:
    (tmp_path / "devkit.toml").write_text("schema = 1\n")
    (tmp_path / "composer.json").write_text("{}")
    (tmp_path / "app").mkdir()
    assert detect(tmp_path).kind == "empty"


def test_files_of_the_scaffold_do_not_make_a_directory_foreign(tmp_path: Path) -> None:
    (tmp_path / "docker").mkdir()
    for name in ("compose.yaml", "Dockerfile", "docker/Caddyfile"):
        (tmp_path / name).write_text("# Written by devkit\n")
    assert detect(tmp_path).kind == "empty"


def test_a_persons_file_that_speaks_of_devkit_is_theirs(tmp_path: Path) -> None:
    laravel(tmp_path)
    (tmp_path / "compose.yaml").write_text("name: devkit-shop\nservices:\n  db: {image: 'postgres:16'}\n")
    existing = detect(tmp_path)
    assert (existing.in_the_way, existing.database) == (("compose.yaml",), "pgsql")
    assert said(existing, "Docker Compose ran here: end it")


def test_something_else_is_named(tmp_path: Path) -> None:
    (tmp_path / "main.go").touch()
    (tmp_path / "src").mkdir()
    existing = detect(tmp_path)
    assert (existing.kind, existing.found) == ("other", ("main.go", "src"))


@pytest.mark.parametrize("text", ['{\n "require": {\n  "php" }', "[]", '{"a":\n\n"\xe9'])
def test_a_broken_composer_json_is_named_with_its_line(tmp_path: Path, text: str) -> None:
    (tmp_path / "composer.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(UsageError, match=r"composer\.json cannot be read: line \d"):
        detect(tmp_path)


def test_a_broken_compose_file_and_a_broken_env_are_named_with_their_line(tmp_path: Path) -> None:
    laravel(tmp_path)
    (tmp_path / "compose.yaml").write_text("services:\n  a: [1\n  b: }\n")
    with pytest.raises(UsageError, match=r"compose\.yaml cannot be read: line 3"):
        detect(tmp_path)
    (tmp_path / "compose.yaml").unlink()
    (tmp_path / ".env").write_text('A=1\n\nB="open secret\n')
    with pytest.raises(UsageError, match="line 3") as caught:
        detect(tmp_path)
    assert "secret" not in str(caught.value)


def test_an_example_of_env_that_is_not_utf8_is_refused_before_it_is_copied(tmp_path: Path) -> None:
    laravel(tmp_path)
    (tmp_path / ".env").unlink(missing_ok=True)
    (tmp_path / ".env.example").write_bytes(b"APP_NAME=x\nDB_HOST=caf\xe9\n")
    with pytest.raises(UsageError, match=r"\.env\.example cannot be read: line 2"):
        detect(tmp_path)


def test_a_file_in_place_of_a_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="is a file"):
        detect(tmp_path / "file")


def test_an_outer_git_repository_is_noted_and_no_error(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    inside = tmp_path / "apps" / "one"
    inside.mkdir(parents=True)
    existing = detect(inside)
    assert said(existing, f"inside the git repository {tmp_path}: ")


def test_sails_set_up_is_read_into_settings(tmp_path: Path) -> None:
    laravel(tmp_path)
    (tmp_path / "docker-compose.yml").write_text(SAIL)
    (tmp_path / ".env").write_text("DB_CONNECTION=mysql\nDB_HOST=mysql\nCACHE_STORE=redis\n")
    existing = detect(tmp_path)
    assert existing.kind == "laravel"
    assert said(existing, "Sail ran here: end it")
    assert not said(existing, "Docker Compose ran here")
    assert existing.database == "mysql"
    assert existing.services == ("redis", "mailpit", "queue")
    assert said(existing, "devkit's app takes the place of laravel.test")
    assert said(existing, "kept as they are: search.node")
    assert existing.in_the_way == ("docker-compose.yml",)
    assert existing.php_version == "8.4"
    assert any("--php 8.3 keeps it" in note for note in existing.notes)


def test_a_foreign_service_is_carried_over_with_what_it_names(tmp_path: Path) -> None:
    laravel(tmp_path)
    (tmp_path / "docker-compose.yml").write_text(SAIL)
    text = detect(tmp_path).adopted_compose
    assert text is not None and "Written by devkit" in text.splitlines()[0]
    document = yaml.safe_load(text)
    service = document["services"]["search-node"]
    assert service["ports"] == ["127.0.0.1:${SEARCH_PORT:-9200}:9200", "127.0.0.1::9600"]
    assert service["depends_on"] == {"mysql": {"condition": "service_healthy"}}
    assert "networks" not in service
    assert service["volumes"] == ["search-data:/usr/share/opensearch/data", "../conf:/conf:ro"]
    assert document["volumes"] == {"search-data": {"driver": "local"}}


def test_what_does_not_come_along_is_said_without_a_value(tmp_path: Path) -> None:
    laravel(tmp_path)
    (tmp_path / "docker-compose.yml").write_text(
        """
include: [infra/compose.yaml, {path: [a.yaml, b.yaml]}]
services:
  laravel.test:
    build: {context: ./vendor/laravel/sail/runtimes/8.4}
    environment: {WWWUSER: 1000, STRIPE_KEY: sk_secret, XDEBUG_MODE: off}
    env_file: [.env, extra.env]
    ports: ['${APP_PORT:-80}:80', '${VITE_PORT:-5173}:${VITE_PORT:-5173}', '6001:6001', {target: 443, published: 8443}]
    volumes: ['.:/var/www/html', '/srv/photos:/photos']
  nginx:
    image: nginx:1
    ports: ['127.0.0.1:8000:80/tcp']
    volumes: ['./:/app', {type: bind, source: ./nginx.conf, target: /etc/nginx/nginx.conf}]
  mysql:
    image: mysql:8.0
    volumes: ['data:/var/lib/mysql', './init.sql:/docker-entrypoint-initdb.d/1.sql', './vendor/laravel/sail/x.sh:/x']
  worker: {image: sail-8.4/app, command: php artisan queue:work, volumes: ['.:/var/www/html']}
volumes: {data: {}}
"""
    )
    notes = [note.removeprefix("docker-compose.yml: ") for note in detect(tmp_path).notes]
    assert notes[2:] == [
        "data in the volumes of docker-compose.yml stays there; devkit's mysql starts empty, in a volume of its own "
        "(devkit-mysql)",
        "include is not carried over: infra/compose.yaml, a.yaml, b.yaml; add it to compose.yaml if it is still wanted",
        "devkit's app takes the place of laravel.test; not carried over: environment (STRIPE_KEY), "
        "env_file (extra.env), volumes (/srv/photos:/photos), ports (6001:6001)",
        "devkit's app takes the place of nginx; not carried over: volumes (./nginx.conf:/etc/nginx/nginx.conf)",
        "devkit's mysql takes the place of mysql; not carried over: "
        "volumes (./init.sql:/docker-entrypoint-initdb.d/1.sql)",
    ]
    assert notes[1].startswith("Sail ran here: end it before devkit starts (./vendor/bin/sail down)")
    assert not any("sk_secret" in note for note in notes)


def test_composes_own_tags_and_overrides_are_read(tmp_path: Path) -> None:
    laravel(tmp_path)
    (tmp_path / "compose.yaml").write_text("services:\n  db: {image: 'postgres:16', ports: !reset []}\n")
    (tmp_path / "compose.override.yaml").write_text("services: {cache: {image: 'valkey/valkey:8'}}\n")
    existing = detect(tmp_path)
    assert (existing.database, existing.services) == ("pgsql", ("valkey",))


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("services: 5\n", "services is no mapping"),
        ("services: {a: [1]}\n", "services.a is no mapping"),
        ("services: {a: {image: x, ports: 5}}\n", "services.a.ports is no list"),
        ("services: {a: {image: x, ports: [[1]]}}\n", "services.a.ports[0] is no text or number or mapping"),
        ("services: {a: {image: [1]}}\n", "services.a.image is no text"),
        ("services: {a: {depends_on: true}}\n", "services.a.depends_on is no list or mapping"),
        ("services: {a: {volumes: [7]}}\n", "services.a.volumes[0] is no text or mapping"),
        ("x: &a [*a]\nservices: {}\n", "x[0] holds itself"),
        ("services: &s {a: {environment: {S: *s}}}\n", "services.a.environment.S holds itself"),
        ("include: yes-please\n", "include is no list"),
    ],
)
def test_what_is_no_compose_file_is_named_with_its_place(tmp_path: Path, text: str, place: str) -> None:
    laravel(tmp_path)
    (tmp_path / "compose.yaml").write_text(text)
    with pytest.raises(UsageError) as caught:
        detect(tmp_path)
    assert caught.value.message == f"compose.yaml cannot be used: {place}"


@pytest.mark.parametrize(
    "text", ["", "services:\n", "services: {a: }\n", "services: {a: {image: , ports: , build: .}}\n"]
)
def test_what_is_empty_in_a_compose_file_is_no_fault(tmp_path: Path, text: str) -> None:
    laravel(tmp_path)
    (tmp_path / "compose.yaml").write_text(text)
    assert detect(tmp_path).kind == "laravel"


def test_ports_that_services_publish_are_read_with_the_values_of_env() -> None:
    entries = ["8080:80", 9600, "${SEARCH:-9200}:9200", "0.0.0.0:53:53/udp", "3000-3002:3000-3002"]
    entries += [{"target": 1, "published": "7000"}, {"target": 2}, "${NONE}:3", "x:4"]  # type: ignore[list-item]
    assert published_ports(entries, {"SEARCH": "9201"}) == {8080, 9201, 53, 3000, 3001, 3002, 7000}


@pytest.mark.parametrize(
    ("entry", "local"),
    [
        ("8080:80", "127.0.0.1:8080:80"),
        (9000, "127.0.0.1::9000"),
        ("0.0.0.0:53:53/udp", "127.0.0.1:53:53/udp"),
        ("192.168.1.5:80:80", "192.168.1.5:80:80"),
        ("[::1]:80:80", "[::1]:80:80"),
        ("[::]:80:80", "127.0.0.1:80:80"),
        ("${A:-1}:${B:-2}", "127.0.0.1:${A:-1}:${B:-2}"),
        ({"target": 80, "published": 8080}, {"target": 80, "published": 8080, "host_ip": "127.0.0.1"}),
    ],
)
def test_ports_are_published_on_this_machine_only(entry: object, local: object) -> None:
    assert local_port(entry) == local


def test_an_address_that_would_win_over_the_stacks_services_is_noted(tmp_path: Path) -> None:
    laravel(tmp_path)
    (tmp_path / ".env").write_text("DB_CONNECTION=mysql\nDB_URL=mysql://u:secret@db.example.com/shop\nREDIS_URL=\n")
    (note,) = [note for note in detect(tmp_path).notes if "would win" in note]
    assert note.startswith("DB_URL in .env") and "secret" not in note


APP = """<?php
return Application::configure(basePath: dirname(__DIR__))
    ->withRouting(
        web: __DIR__.'/../routes/web.php',
        HEALTH
    )->create();
"""


@pytest.mark.parametrize(
    ("bootstrap", "routes", "path"),
    [
        ("health: '/up',", "", "/up"),
        ('health: "status/live",', "", "/status/live"),
        ("// health: '/up',", "", "/healthz"),
        ("", "Route::get('/up', fn () => 'ok');", "/up"),
        ("", "Route::view('up', 'up');", "/up"),
        ("", "# Route::get('/up', fn () => 'ok');\nRoute::get('/upload', fn () => '');", "/healthz"),
    ],
)
def test_the_health_route_is_found_else_the_servers_own_is_asked(
    tmp_path: Path, bootstrap: str, routes: str, path: str
) -> None:
    laravel(tmp_path)
    for name, text in (("bootstrap/app.php", APP.replace("HEALTH", bootstrap)), ("routes/api.php", f"<?php\n{routes}")):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(text)
    existing = detect(tmp_path)
    assert existing.health_path == path
    assert any("no health route" in note for note in existing.notes) == (path == "/healthz")


def test_ddev_and_lando_are_read(tmp_path: Path) -> None:
    laravel(tmp_path)
    (tmp_path / ".ddev").mkdir()
    (tmp_path / ".ddev" / "config.yaml").write_text(
        "type: laravel\nphp_version: '8.3'\nnodejs_version: '20'\ndatabase: {type: postgres, version: '16'}\n"
        "web_extra_daemons: [{name: q, command: 'php artisan queue:work', directory: /var/www/html}]\n"
    )
    (tmp_path / ".ddev" / "docker-compose.redis.yaml").write_text("services: {}\n")
    existing = detect(tmp_path)
    assert (existing.database, existing.node_version) == ("pgsql", "20")
    assert said(existing, "DDEV ran here: end it")
    assert existing.services == ("redis", "queue")
    (tmp_path / ".ddev" / "config.yaml").unlink()
    (tmp_path / ".lando.yml").write_text(
        "recipe: laravel\nconfig: {php: '8.3', database: mariadb, cache: redis}\n"
        "services: {node: {type: 'node:20'}, solr: {type: 'solr:8'}}\n"
    )
    (tmp_path / "package.json").write_text("{}")
    existing = detect(tmp_path)
    assert (existing.database, existing.node_version) == ("mariadb", "20")
    assert said(existing, "Lando ran here: end it")
    assert any("solr (lando)" in note for note in existing.notes)


def test_extensions_come_from_composer_json_and_the_lock_file(tmp_path: Path) -> None:
    laravel(tmp_path, require={"laravel/framework": "*", "ext-intl": "*", "ext-json": "*", "ext-zend-opcache": "*"})
    (tmp_path / "composer.lock").write_text(
        json.dumps(
            {
                "packages": [
                    {"name": "laravel/octane", "require": {"ext-PDO_mysql": "*", "php": "^8.1"}},
                    {"name": "laravel/reverb"},
                ],
                "packages-dev": [],
                "platform": {"ext-gd": "*"},
                "platform-dev": [],
            }
        )
    )
    existing = detect(tmp_path)
    assert existing.php_extensions == ("gd", "intl", "opcache", "pdo_mysql")
    assert existing.packages >= {"laravel/octane", "laravel/reverb"}


@pytest.mark.parametrize(
    ("constraint", "version"),
    [
        (None, "8.4"),
        ("^8.2", "8.4"),
        ("^8.5", "8.5"),
        (">=8.2 <8.4", "8.3"),
        ("~8.3.0", "8.3"),
        ("~8.2", "8.4"),
        ("8.2.*", "8.2"),
        ("8.3", "8.3"),
        ("7.4 - 8.3", "8.3"),
        ("^7.4 || ^8.0", "8.4"),
        ("^7.4|~8.2.0", "8.2"),
        (">= 8.3, < 8.6", "8.4"),
        ("^7.4", None),
        ("dev-main", "8.4"),
    ],
)
def test_the_php_version_is_the_best_that_the_constraint_allows(constraint: str | None, version: str | None) -> None:
    assert choose_php(constraint) == version


def test_packages_can_narrow_the_php_version_but_not_rule_out_every_one() -> None:
    assert choose_php("^8.2", ["~8.3.0"]) == "8.3"
    assert choose_php("^8.2", ["^7.4"]) == "8.4"
    assert fulfils("8.3", ">8.2")


@pytest.mark.parametrize(
    ("files", "manager", "version"),
    [
        ({"package.json": "{}"}, "npm", None),
        ({"package.json": "{}", "pnpm-lock.yaml": "", ".nvmrc": "v20.11.1\n"}, "pnpm", "20"),
        ({"package.json": "{}", "yarn.lock": "", ".nvmrc": "lts/*", ".node-version": "22"}, "yarn", "22"),
        ({"package.json": '{"engines": {"node": ">=18"}}', "bun.lock": ""}, "bun", "24"),
        ({"package.json": '{"engines": {"node": "^18 || ^20.1"}}', "package-lock.json": "{}"}, "npm", "20"),
        ({"package.json": '{"engines": {"node": ">=18 <23"}}'}, "npm", "22"),
        ({"package.json": '{"packageManager": "pnpm@9.1.0"}', "package-lock.json": "{}"}, "pnpm", None),
        ({}, None, None),
    ],
)
def test_the_package_manager_and_nodes_version_are_found(
    tmp_path: Path, files: dict[str, str], manager: str | None, version: str | None
) -> None:
    laravel(tmp_path)
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    existing = detect(tmp_path)
    assert (existing.package_manager, existing.node_version) == (manager, version)


@pytest.mark.parametrize(
    ("constraint", "version"),
    [
        ("*", "24"),
        (">=18", "24"),
        (">= 18.0.0", "24"),
        (">=18 <23", "22"),
        (">=18 <=22", "22"),
        (">=18.0.0 <22.12.0", "22"),
        ("<=20", "20"),
        ("<20", "18"),
        (">18", "24"),
        ("18 - 22", "22"),
        ("^18.18.0 || ^20.9.0 || >=21.1.0", "24"),
        ("^18 || ^20.1", "20"),
        ("~20.1", "20"),
        ("20.x", "20"),
        ("20", "20"),
        ("v22.1", "22"),
        ("19.x", "19"),
        (">=25", "25"),
        ("lts/*", "24"),
    ],
)
def test_node_is_the_newest_long_term_release_that_engines_admits(
    tmp_path: Path, constraint: str, version: str
) -> None:
    laravel(tmp_path)
    (tmp_path / "package.json").write_text(json.dumps({"engines": {"node": constraint}}))
    assert detect(tmp_path).node_version == version


def test_each_target_of_a_makefile_is_listed_beside_its_devkit_command() -> None:
    targets = parse_makefile(
        "DC = docker compose\n.PHONY: up\nup: ## start it\n\t@$(DC) up -d\n"
        "## all tests\ntest:\n\tdocker compose exec -T app php artisan test --parallel\n"
        "sh:\n\tdocker-compose exec -u sail app bash\n"
        "pkg: ; ./vendor/bin/sail composer install\n"
        "fresh:\n\t$(DC) exec app php artisan migrate:fresh --seed\n"
        "deploy: build\n\trsync -a . host: && \\\n\t  ssh host 'echo \"hi\"'\n\t@echo done\n"
        "help:\n\t@grep x Makefile\nnpm:\n"
    )
    assert {target.name: target.command for target in targets} == {
        "up": "devkit up",
        "test": "devkit test --parallel",
        "sh": "devkit shell",
        "pkg": "devkit composer install",
        "fresh": "devkit artisan migrate:fresh --seed",
        "deploy": None,
        "npm": "devkit npm",
    }
    by_name = {target.name: target for target in targets}
    assert by_name["up"].help == "start it"
    assert by_name["test"].help == "all tests"
    assert by_name["deploy"].suggestion == 'deploy = "rsync -a . host: && ssh host \'echo \\"hi\\"\'"'


def test_values_of_env_are_not_in_the_representation(tmp_path: Path) -> None:
    laravel(tmp_path)
    (tmp_path / ".env").write_text("DB_PASSWORD=top-secret\n")
    existing = detect(tmp_path)
    assert isinstance(existing, Existing)
    assert existing.env["DB_PASSWORD"] == "top-secret"
    assert "top-secret" not in repr(existing)


def test_detecting_writes_nothing(tmp_path: Path) -> None:
    laravel(tmp_path)
    (tmp_path / "docker-compose.yml").write_text(SAIL)
    before = {entry.name: entry.stat() for entry in os.scandir(tmp_path)}
    detect(tmp_path)
    assert {name: status.st_mtime_ns for name, status in before.items()} == {
        entry.name: entry.stat().st_mtime_ns for entry in os.scandir(tmp_path)
    }
