from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from laravel_application import SAIL, laravel

from devkit.project.errors import UsageError
from devkit.scaffold.adopt import detect

pytestmark = pytest.mark.unit


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
