"""The service images that a compose stack uses, as the compose files of this world use them."""

from __future__ import annotations

import gzip
import json
import lzma
import secrets
import smtplib
import time
import urllib.request
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import yaml
from support import nobody_else_provides

from devkit.engine.docker import Docker
from devkit.engine.images.catalogue import base_image
from devkit.engine.images.provide import provide
from devkit.project.errors import CommandError
from devkit.project.paths import machine_paths as paths_of_this_machine

pytestmark = pytest.mark.engine

KEYS = ("mysql", "mariadb", "postgres", "redis", "valkey", "mailpit", "node")
PASSWORD = 'it\'s a "pass\\word" $HOME `x`'

SERVICES: dict[str, dict[str, Any]] = {
    "mysql": {
        "environment": {
            "MYSQL_ROOT_PASSWORD_FILE": "/run/secrets/password",
            "MYSQL_DATABASE": "my_app",
            "MYSQL_USER": "laravel",
            "MYSQL_PASSWORD_FILE": "/run/secrets/password",
        },
        "test": ["CMD", "mysqladmin", "ping", "--host=127.0.0.1", "--silent"],
        "volume": "/var/lib/mysql",
    },
    "mariadb": {
        "environment": {
            "MARIADB_ROOT_PASSWORD_FILE": "/run/secrets/password",
            "MYSQL_DATABASE": "my_app",
            "MARIADB_USER": "laravel",
            "MYSQL_PASSWORD_FILE": "/run/secrets/password",
        },
        "test": ["CMD", "healthcheck.sh", "--connect", "--innodb_initialized"],
        "volume": "/var/lib/mysql",
    },
    "postgres": {
        "environment": {
            "POSTGRES_USER": "laravel",
            "POSTGRES_DB": "my_app",
            "POSTGRES_PASSWORD_FILE": "/run/secrets/password",
        },
        "test": ["CMD", "pg_isready", "--quiet", "--host=127.0.0.1", "--dbname=my_app", "--username=laravel"],
        "volume": "/var/lib/postgresql",
    },
    "redis": {
        "command": ["redis-server", "--appendonly", "yes"],
        "test": ["CMD", "redis-cli", "ping"],
        "volume": "/data",
    },
    "valkey": {
        "command": ["--save", "60 1"],
        "environment": {"VALKEY_EXTRA_FLAGS": "--appendonly yes"},
        "test": ["CMD", "valkey-cli", "ping"],
        "volume": "/data",
    },
    "mailpit": {
        "environment": {"MP_DATABASE": "/data/mailpit.db"},
        "test": ["CMD", "/mailpit", "readyz"],
        "volume": "/data",
        "ports": ["127.0.0.1::1025", "127.0.0.1::8025"],
    },
}
USERS = {"mysql": 999, "mariadb": 999, "postgres": 999, "redis": 999, "valkey": 999, "mailpit": 65534}
CONNECT = {
    "mysql": 'MYSQL_PWD="$(cat /run/secrets/password)" exec mysql -h mysql -u laravel -N my_app -e "$0"',
    "mariadb": 'MYSQL_PWD="$(cat /run/secrets/password)" exec mariadb -h mariadb -u laravel -N my_app -e "$0"',
    "postgres": 'PGPASSWORD="$(cat /run/secrets/password)" exec psql -h postgres -U laravel -At my_app -c "$0"',
    "redis": "exec redis-cli -h redis $0",
    "valkey": "exec redis-cli -h valkey $0",
}
WRITE = {
    **dict.fromkeys(
        ("mysql", "mariadb", "postgres"), "create table kept (word varchar(9)); insert into kept values ('kept')"
    ),
    **dict.fromkeys(("redis", "valkey"), "set word kept"),
}
READ = {
    **dict.fromkeys(("mysql", "mariadb", "postgres"), "select word from kept"),
    **dict.fromkeys(("redis", "valkey"), "get word"),
}


class Stack:
    """One compose project with the service images."""

    def __init__(self, docker: Docker, directory: Path, *, as_numbers: bool = False) -> None:
        self.docker = docker
        self.project = f"devkit-test-{secrets.token_hex(4)}"
        self.file = directory / "compose.yaml"
        (directory / "password").write_text(PASSWORD)
        services: dict[str, Any] = {}
        for key, wanted in SERVICES.items():
            services[key] = {
                "image": base_image(key).reference,
                "pull_policy": "never",
                "environment": wanted.get("environment", {}),
                "secrets": ["password"],
                "ports": wanted.get("ports", []),
                "volumes": [f"{key}:{wanted['volume']}"],
                "healthcheck": {"test": wanted["test"], "interval": "1s", "timeout": "3s", "retries": 90},
            }
            if "command" in wanted:
                services[key]["command"] = wanted["command"]
            if as_numbers:
                services[key] |= {
                    "user": f"{USERS[key]}:{USERS[key]}",
                    "cap_drop": ["ALL"],
                    "security_opt": ["no-new-privileges:true"],
                }
        document = {
            "services": services,
            "volumes": {key: {} for key in SERVICES},
            "secrets": {"password": {"file": "./password"}},
        }
        self.file.write_text(yaml.safe_dump(document))

    def compose(self, *args: str, timeout: float = 180) -> str:
        arguments = ("compose", "-f", str(self.file), "-p", self.project, *args)
        return self.docker.run(*arguments, timeout=timeout).stdout.decode()

    def ask(self, key: str, statement: str) -> str:
        """What the service answers to a client with a password, over the network."""
        return self.compose("exec", "-T", key, "sh", "-c", CONNECT[key], statement).strip()

    def address(self, key: str, port: int) -> tuple[str, int]:
        host, _, number = self.compose("port", key, str(port)).strip().rpartition(":")
        return host, int(number)

    def remove(self) -> None:
        self.compose("down", "--volumes", "--timeout", "5")


@pytest.fixture(scope="module")
def images(docker: Docker) -> None:
    with nobody_else_provides("valkey"):
        provide(docker, KEYS, paths=paths_of_this_machine(), on_progress=lambda progress: print(progress))


@pytest.fixture(scope="module")
def stack(docker: Docker, images: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    stack = Stack(docker, tmp_path_factory.mktemp("services"))
    try:
        stack.compose("up", "--detach", "--wait")
        yield stack
    finally:
        stack.remove()


def get(stack: Stack, path: str) -> Any:
    host, port = stack.address("mailpit", 8025)
    with urllib.request.urlopen(f"http://{host}:{port}{path}", timeout=10) as answer:
        body = answer.read()
        return json.loads(body) if answer.headers.get_content_type() == "application/json" else body.decode()


def send(stack: Stack, subject: str, html: str = "") -> None:
    message = EmailMessage()
    message["From"] = "Shop <shop@example.com>"
    message["To"] = "Zoë <zoe@example.com>"
    message["Subject"] = subject
    message.set_content(f"{subject} as text")
    if html:
        message.add_alternative(html, subtype="html")
    message.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="invoice.pdf")
    with smtplib.SMTP(*stack.address("mailpit", 1025), timeout=10) as smtp:
        smtp.send_message(message, to_addrs=["zoe@example.com", "hidden@example.com"])


def test_accounts_and_data_survive_down_and_up_and_no_service_runs_as_root(stack: Stack) -> None:
    for key, statement in WRITE.items():
        stack.ask(key, statement)
    send(stack, "kept")
    stack.compose("down", "--timeout", "20")
    stack.compose("up", "--detach", "--wait")
    assert {key: stack.ask(key, statement) for key, statement in READ.items()} == dict.fromkeys(READ, "kept")
    assert get(stack, "/api/v1/message/latest")["Subject"] == "kept"
    users = {key: int(stack.compose("exec", "-T", key, "stat", "-c", "%u", "/proc/1").strip()) for key in SERVICES}
    assert users == USERS


def test_the_services_run_as_their_own_numbers_without_any_capability(
    docker: Docker, images: None, tmp_path: Path
) -> None:
    stack = Stack(docker, tmp_path, as_numbers=True)
    try:
        stack.compose("up", "--detach", "--wait")
        for key, statement in WRITE.items():
            stack.ask(key, statement)
        assert {key: stack.ask(key, statement) for key, statement in READ.items()} == dict.fromkeys(READ, "kept")
    finally:
        stack.remove()


ROOT_PASSWORD = {"mysql": "MYSQL_ROOT_PASSWORD", "mariadb": "MARIADB_ROOT_PASSWORD", "postgres": "POSTGRES_PASSWORD"}
ROOT_ASKS = {
    "mysql": 'MYSQL_PWD=secret exec mysql -h 127.0.0.1 -u root -N -e "$0"',
    "mariadb": 'MYSQL_PWD=secret exec mariadb -h 127.0.0.1 -u root -N -e "$0"',
    "postgres": 'PGPASSWORD=secret exec psql -h 127.0.0.1 -U postgres -At -c "$0"',
}


def wait_for_answer(docker: Docker, container: str, key: str) -> None:
    """Until a database lets root in over TCP: no event says it, a probe does."""
    deadline = time.monotonic() + 90
    while docker.run("exec", container, "sh", "-c", ROOT_ASKS[key], "select 1", check=False).returncode != 0:
        assert time.monotonic() < deadline, docker.run("logs", container).stderr.decode()[-2000:]
        time.sleep(0.5)


class SaidError(Exception):
    """Ends the reading of a log at the line that was waited for."""


def stop_at_here(line: str) -> None:
    if line == "here":
        raise SaidError


@pytest.mark.parametrize("moment", ["while files are made", "while scripts run"])
@pytest.mark.parametrize("key", ["mysql", "mariadb", "postgres"])
def test_a_first_start_that_was_killed_begins_anew(
    docker: Docker, images: None, key: str, moment: str, tmp_path: Path
) -> None:
    volume = f"devkit-test-{secrets.token_hex(4)}"
    mount, password = f"{volume}:{SERVICES[key]['volume']}", f"{ROOT_PASSWORD[key]}=secret"
    options = ("--detach", "--network", "none", "--volume", mount, "--env", password)
    (tmp_path / "1.sh").write_text("#!/bin/sh\necho here\nexec sleep 600\n")
    (tmp_path / "1.sh").chmod(0o755)
    script = ("--volume", f"{tmp_path / '1.sh'}:/docker-entrypoint-initdb.d/1.sh:ro")
    containers = []
    try:
        started = docker.run("run", *options, *script, base_image(key).reference).stdout.decode().strip()
        containers.append(started)
        if moment == "while scripts run":
            with pytest.raises(SaidError):
                docker.stream("logs", "--follow", started, on_line=stop_at_here)
        else:
            time.sleep(1.5)  # amid the initialization: it has no moment that could be waited for
        docker.run("kill", "--signal", "KILL", started, check=False)
        again = docker.run("run", *options, base_image(key).reference).stdout.decode().strip()
        containers.append(again)
        wait_for_answer(docker, again, key)
    finally:
        docker.run("rm", "--force", "--volumes", *containers)
        docker.run("volume", "rm", volume)


@pytest.mark.parametrize("key", ["mysql", "mariadb", "postgres"])
def test_files_for_the_first_start_are_run_in_their_order_packed_or_not(
    docker: Docker, images: None, key: str, tmp_path: Path
) -> None:
    given = tmp_path / "initdb.d"
    given.mkdir(mode=0o755)
    (given / "1.sql").write_text("create table said (word varchar(9));")
    (given / "2.sql.gz").write_bytes(gzip.compress(b"insert into said values ('gz');"))
    (given / "3.sql.xz").write_bytes(lzma.compress(b"insert into said values ('xz');"))
    (given / "4.sh").write_text("#!/bin/sh\necho run >> /tmp/said\n")
    (given / "4.sh").chmod(0o755)
    (given / "5.sh").write_text("echo sourced >> /tmp/said\n")
    (given / "6.txt").write_text("nothing")
    names = {"mysql": "MYSQL_DATABASE", "mariadb": "MARIADB_DATABASE", "postgres": "POSTGRES_DB"}
    started = docker.run(
        "run", "--detach", "--network", "none", "--volume", f"{given}:/docker-entrypoint-initdb.d:ro",
        "--env", f"{ROOT_PASSWORD[key]}=secret", "--env", f"{names[key]}=shop", base_image(key).reference,
    ).stdout.decode().strip()  # fmt: skip
    try:
        wait_for_answer(docker, started, key)
        schema = "" if key == "postgres" else "shop."
        database = "PGDATABASE=shop " if key == "postgres" else ""
        words = docker.run("exec", started, "sh", "-c", database + ROOT_ASKS[key], f"select word from {schema}said")
        assert words.stdout.split() == [b"gz", b"xz"]
        assert docker.run("exec", started, "cat", "/tmp/said").stdout.split() == [b"run", b"sourced"]
        logs = docker.run("logs", started)
        assert b"ignoring /docker-entrypoint-initdb.d/6.txt" in logs.stdout + logs.stderr
    finally:
        docker.run("rm", "--force", "--volumes", started)


@pytest.mark.parametrize("key", ["mysql", "mariadb", "postgres"])
def test_a_database_without_a_password_is_refused_with_the_reason(docker: Docker, images: None, key: str) -> None:
    done = docker.run("run", "--rm", "--network", "none", base_image(key).reference, check=False)
    assert done.returncode == 1
    assert b"password" in done.stderr


@pytest.mark.parametrize("key", ["mysql", "mariadb", "postgres"])
def test_nobody_gets_in_without_the_password(stack: Stack, key: str) -> None:
    # From the container's own 127.0.0.1 PostgreSQL lets everybody in, as the official image does.
    client = "psql -w -h postgres -U laravel my_app -c" if key == "postgres" else f"{key} -h 127.0.0.1 -u root -e"
    with pytest.raises(CommandError):
        stack.compose("exec", "-T", key, *client.split(), "select 1")


def test_mail_is_read_back_searched_and_deleted_over_the_api(stack: Stack) -> None:
    send(stack, "Order 7", "<p>Thanks, <b>Zoë</b></p>")
    found = get(stack, "/api/v1/search?query=subject:%22order%207%22+to:zoe")
    assert found["messages_count"] == 1
    summary = found["messages"][0]
    assert summary["From"] == {"Name": "Shop", "Address": "shop@example.com"}
    assert summary["Bcc"] == [{"Name": "", "Address": "hidden@example.com"}]
    assert (summary["Attachments"], summary["Read"]) == (1, False)
    message = get(stack, f"/api/v1/message/{summary['ID']}")
    assert "<b>Zoë</b>" in message["HTML"]
    assert message["Attachments"][0]["FileName"] == "invoice.pdf"
    assert get(stack, "/api/v1/search?query=subject:7+is:unread")["messages_count"] == 0
    host, port = stack.address("mailpit", 8025)
    request = urllib.request.Request(
        f"http://{host}:{port}/api/v1/messages",
        data=json.dumps({"IDs": [summary["ID"]]}).encode(),
        method="DELETE",
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.status == 200
    assert summary["ID"] not in [one["ID"] for one in get(stack, "/api/v1/messages")["messages"]]


def test_the_mail_page_escapes_what_mails_hold(stack: Stack) -> None:
    send(stack, "<script>alert(1)</script>", "<script>alert(2)</script>")
    assert "&lt;script&gt;alert(1)" in get(stack, "/")
    page = get(stack, "/view/latest.html")
    assert "<script>" not in page
    assert "<iframe sandbox" in page


def test_node_runs_scripts_and_commands_as_the_official_image_does(docker: Docker, images: None) -> None:
    reference = base_image("node").reference
    run = ("run", "--rm", "--network", "none", "--user", "node", reference)
    assert docker.run(*run, "-p", "process.getuid()").stdout.strip() == b"1000"
    assert docker.run(*run, "npm", "--version").stdout.startswith(b"1")
    assert docker.run(*run, "node", "--version").stdout.startswith(b"v24.")


def test_every_stand_in_says_that_it_is_one(docker: Docker, images: None) -> None:
    references = [base_image(key).reference for key in KEYS]
    descriptions = docker.json("image", "inspect", *references)
    labels = [one["Config"]["Labels"] for one in descriptions if not one["RepoDigests"]]
    assert all(label["org.devkit.stand-in"] and label["org.devkit.stand-in.versions"] for label in labels)
