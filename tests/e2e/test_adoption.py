"""An existing Laravel application with Sail's files is taken over, and no line of it is lost."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from support import Finished, Project, as_before_devkit, devkit, remove

from devkit.engine.images.catalogue import base_image

pytestmark = pytest.mark.e2e

FOREIGN_IMAGE = base_image("frankenphp").reference
"""Any image that is there will do for a service that devkit knows nothing of."""

SAIL = f"""\
# Our stack; the comment of a person.
services:
    laravel.test:
        build:
            context: './vendor/laravel/sail/runtimes/8.4'
            dockerfile: Dockerfile
            args:
                WWWGROUP: '${{WWWGROUP}}'
        image: 'sail-8.4/app'
        extra_hosts:
            - 'host.docker.internal:host-gateway'
        ports:
            - '${{APP_PORT:-80}}:80'
            - '${{VITE_PORT:-5173}}:${{VITE_PORT:-5173}}'
        environment:
            WWWUSER: '${{WWWUSER}}'
            LARAVEL_SAIL: 1
        volumes:
            - '.:/var/www/html'
        networks:
            - sail
        depends_on:
            - mysql
            - redis
            - mailpit
    mysql:
        image: 'mysql/mysql-server:8.0'
        ports:
            - '${{FORWARD_DB_PORT:-3306}}:3306'
        environment:
            MYSQL_ROOT_PASSWORD: '${{DB_PASSWORD}}'
            MYSQL_DATABASE: '${{DB_DATABASE}}'
        volumes:
            - 'sail-mysql:/var/lib/mysql'
        networks:
            - sail
        healthcheck:
            test: ["CMD", "mysqladmin", "ping", "-p${{DB_PASSWORD}}"]
    redis:
        image: 'redis:alpine'
        ports:
            - '${{FORWARD_REDIS_PORT:-6379}}:6379'
        volumes:
            - 'sail-redis:/data'
        networks:
            - sail
    mailpit:
        image: 'axllent/mailpit:latest'
        ports:
            - '${{FORWARD_MAILPIT_PORT:-1025}}:1025'
        networks:
            - sail
    legacy-importer:
        image: '{FOREIGN_IMAGE}'
        entrypoint: ['sleep', 'infinity']
        init: true
        environment:
            TARGET: 'mysql'
        volumes:
            - './storage:/data'
            - 'importer:/state'
        networks:
            - sail
        depends_on:
            - mysql
networks:
    sail:
        driver: bridge
volumes:
    sail-mysql:
        driver: local
    sail-redis:
        driver: local
    importer:
        driver: local
"""
DOCKERFILE = "# Ours, for production\nFROM php:8.4-apache\nCOPY . /var/www/html\n"
DOCKERIGNORE = "# ours\nsecret-notes\n"
MAKEFILE = "up:\n\t./vendor/bin/sail up -d\n\ntest:\n\t./vendor/bin/sail test\n\ndeploy:\n\t./deploy.sh\n"
ENV = """\
# The shop's settings
APP_NAME="The Shop"
APP_ENV=local
APP_KEY=base64:aGVyZSBhcmUgdGhpcnR5LXR3byBieXRlcyBvayE5OTk=
APP_DEBUG=true
APP_URL=http://localhost

DB_CONNECTION=mysql
DB_HOST=mysql
DB_PORT=3306
DB_DATABASE=shop
DB_USERNAME=sail
DB_PASSWORD=password

# sessions are kept long, ask Anna
SESSION_DRIVER=redis
SESSION_LIFETIME=1200   # minutes
CACHE_STORE=redis
QUEUE_CONNECTION=redis
REDIS_HOST=redis
REDIS_PASSWORD=null
REDIS_PORT=6379

MAIL_MAILER=smtp
MAIL_HOST=mailpit
MAIL_PORT=1025

PAYMENT_KEY='sk_test_$ecret#1'
   EXPORT_DIR="/data/with space"
"""
OURS = ("APP_URL", "DB_", "CACHE_STORE", "SESSION_DRIVER", "QUEUE_CONNECTION", "REDIS_", "MAIL_", "OCTANE_")
"""Names in .env whose values the stack decides."""


@dataclass(frozen=True)
class Adopted:
    project: Project
    before: dict[str, bytes]
    run: Finished


@pytest.fixture(scope="module")
def adopted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Adopted]:
    directory = tmp_path_factory.mktemp("adopt") / "the-shop"
    try:
        made = devkit("init", str(directory), "--yes", "--json", "--no-start", directory=directory.parent)
        assert made.status == 0, made.stderr[-3000:]
        files = {
            "compose.yaml": SAIL,
            "Dockerfile": DOCKERFILE,
            ".dockerignore": DOCKERIGNORE,
            "Makefile": MAKEFILE,
            ".env": ENV,
            ".gitignore": "/vendor\n.env\n# ours\n/secret-notes\n",
        }
        as_before_devkit(directory, files)
        before = sources(directory)
        done = devkit("init", str(directory), "--yes", "--json", "--port", "21410", directory=directory.parent)
        assert done.status == 0, done.stderr[-4000:]
        yield Adopted(Project(directory, int(done.json["url"].rpartition(":")[2]), done.json), before, done)
    finally:
        remove(directory)


def sources(directory: Path) -> dict[str, bytes]:
    """Every file that a person may have written."""
    left_out = ("vendor", "storage", ".devkit")
    return {
        str(path.relative_to(directory)): path.read_bytes()
        for path in directory.rglob("*")
        if path.is_file() and path.relative_to(directory).parts[0] not in left_out and "cache" not in path.parts
    }


def test_the_adopted_application_answers(adopted: Adopted) -> None:
    assert adopted.project.get("/up")[0] == 200
    assert adopted.project.get("/")[0] == 200


def test_every_file_is_there_as_it_was_or_beside_its_successor(adopted: Adopted) -> None:
    directory = adopted.project.directory
    for name, content in adopted.before.items():
        if name in (".env", ".gitignore", ".dockerignore", "composer.json", "composer.lock"):
            continue
        kept = [directory / name, directory / f"{name}.before-devkit"]
        assert content in [path.read_bytes() for path in kept if path.exists()], name
    for name in ("compose.yaml", "Dockerfile"):
        assert (directory / f"{name}.before-devkit").read_bytes() == adopted.before[name]
    assert (directory / "Makefile").read_text(encoding="utf-8") == MAKEFILE
    for name in (".gitignore", ".dockerignore"):
        assert set(adopted.before[name].splitlines()) <= set((directory / name).read_bytes().splitlines())


def test_composer_json_only_gains_octane(adopted: Adopted) -> None:
    before = json.loads(adopted.before["composer.json"])
    after = json.loads((adopted.project.directory / "composer.json").read_text(encoding="utf-8"))
    assert {**before["require"], "laravel/octane": after["require"]["laravel/octane"]} == after["require"]
    assert {key: value for key, value in before.items() if key != "require"} == {
        key: value for key, value in after.items() if key != "require"
    }


def test_every_line_of_env_is_there(adopted: Adopted) -> None:
    lines = (adopted.project.directory / ".env").read_text(encoding="utf-8").splitlines()
    for line in ENV.splitlines():
        if line.startswith(OURS):
            name = line.partition("=")[0]
            assert any(kept.startswith(f"{name}=") for kept in lines), name
        else:
            assert line in lines
    for line in ("DB_DATABASE=shop", "DB_USERNAME=sail", "DB_PASSWORD=password", "QUEUE_CONNECTION=redis"):
        assert line in lines
    assert (adopted.project.directory / ".env.previous").read_text(encoding="utf-8") == ENV


def test_the_services_of_sail_are_found_and_run(adopted: Adopted) -> None:
    services = adopted.project.devkit("status", "--json").json["services"]
    states = {service["name"]: service["state"] for service in services}
    assert states == dict.fromkeys(("app", "mysql", "redis", "mailpit", "queue", "legacy-importer"), "running")


def test_what_takes_the_place_of_a_file_is_shown_as_a_difference(adopted: Adopted) -> None:
    shown = adopted.run.stderr
    assert "-# Our stack; the comment of a person." in shown
    assert "-# Ours, for production" in shown
    assert "+.git\n" in shown  # devkit's lines join those of .dockerignore
    assert {file["path"]: file["status"] for file in adopted.project.result["files"]}["compose.yaml"] == "written"


def test_a_second_run_changes_nothing(adopted: Adopted) -> None:
    before = sources(adopted.project.directory)
    done = adopted.project.devkit("init", "--yes", "--json")
    assert done.status == 0, done.stderr
    assert sources(adopted.project.directory) == before
