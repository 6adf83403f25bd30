"""Secrets on a running stack: pulled and followed from Doppler, taken up by the workers, and found nowhere else."""

from __future__ import annotations

import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from fake_doppler import SECRETS, FakeDoppler, Secret, faults
from support import Finished, Project, devkit, running

from devkit.project.env_file import read_env

pytestmark = pytest.mark.e2e

CANARIES = {
    "STRIPE_SECRET": "canary-stripe-0b7d1",
    "HOSTILE": 'canary-hostile-4c"9\'$HOME ${APP_NAME}\n#="',
    "PEM": "-----BEGIN-----\ncanary-pem-55aa\n-----END-----\n",
    "VITE_PUSHER_KEY": "canary-public-77",
}
FIRST = "canary-stripe-first"
_MARK = re.compile(rb"canary-(?:stripe|hostile|pem|local|token)")
"""What may be found nowhere but in .env; what Vite is given is for browsers."""


@dataclass
class Secrets:
    project: Project
    doppler: FakeDoppler
    environment: Mapping[str, str]
    state: Path

    def env(self, *words: str) -> Finished:
        return devkit(*words, directory=self.project.directory, env=self.environment)

    def answered(self) -> str:
        return self.project.get("/secret")[1]


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secrets]:
    directory, state = tmp_path_factory.mktemp("e2e") / "secret shop", tmp_path_factory.mktemp("state")
    with pytest.MonkeyPatch.context() as patch, FakeDoppler() as doppler:
        patch.setenv("XDG_STATE_HOME", str(state))
        doppler.add_config("shop", "dev", {"STRIPE_SECRET": FIRST})
        environment = {
            "DOPPLER_TOKEN": doppler.personal_token(),
            "DOPPLER_PROJECT": "shop",
            "DOPPLER_CONFIG": "dev",
            "DOPPLER_API_HOST": doppler.url,
        }
        for name, value in environment.items():
            patch.setenv(name, value)
        with running(directory, "--with", "queue", "--doppler") as project:
            for name in environment:
                patch.delenv(name)
            project.write(
                "routes/web.php",
                "<?php\nuse Illuminate\\Support\\Facades\\Route;\n"
                "Route::get('/', fn () => 'front');\n"
                "Route::get('/secret', fn () => hash('sha256', (string) env('STRIPE_SECRET')));\n",
            )
            yield Secrets(project, doppler, environment, state)


def digest_of(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()


def test_a_first_run_fetches_the_secrets_and_the_application_has_them(secrets: Secrets) -> None:
    assert secrets.project.until(lambda: secrets.answered() == digest_of(FIRST))  # the route was just written
    values = read_env(secrets.project.directory / ".env")
    assert (values["STRIPE_SECRET"], values["DB_CONNECTION"]) == (FIRST, "sqlite")
    written = (secrets.project.directory / "devkit.toml").read_text()
    assert all(line in written for line in ('source = "doppler"', 'project = "shop"', 'config = "dev"'))
    assert secrets.environment["DOPPLER_TOKEN"] not in written


def test_a_clone_without_env_gets_the_secrets_with_its_first_start_and_starts_without_doppler_too(
    secrets: Secrets,
) -> None:
    env = secrets.project.directory / ".env"
    kept = env.read_bytes()
    for environment, known in ((secrets.environment, True), ({"DOPPLER_TOKEN": "dp.pt.revoked"}, False)):
        env.unlink()
        done = devkit("up", directory=secrets.project.directory, env={**secrets.environment, **environment})
        assert done.status == 0, done.stderr
        assert (read_env(env).get("STRIPE_SECRET") == FIRST) is known
        assert ("secrets were not fetched" in done.stderr) is not known
    env.write_bytes(kept)
    assert secrets.project.until(lambda: secrets.answered() == digest_of(FIRST))


def test_a_pull_is_taken_up_by_the_workers_and_the_team_hook_runs(secrets: Secrets) -> None:
    settings = secrets.project.directory / "devkit.toml"
    settings.write_text(settings.read_text() + '\n[hooks]\nafter-pull = ["touch hook-ran"]\n')
    secrets.doppler.set_secrets("shop", "dev", {name: Secret(value) for name, value in CANARIES.items()})
    done = secrets.env("env", "pull", "--json")
    assert done.status == 0, done.stderr
    assert {*done.json["added"], *done.json["changed"]} == set(CANARIES)
    assert secrets.answered() == digest_of(CANARIES["STRIPE_SECRET"])
    assert (secrets.project.directory / "hook-ran").exists()
    assert "new code answered 200" in done.stderr
    assert "queue" in done.stderr  # it had the former .env


def test_a_secret_breaks_neither_devkit_nor_plain_compose(secrets: Secrets) -> None:
    plain = subprocess.run(
        ["docker", "compose", "config", "--quiet"], cwd=secrets.project.directory, capture_output=True, check=False
    )
    assert (plain.returncode, plain.stdout, plain.stderr) == (0, b"", b"")
    before = secrets.project.devkit("--json", "status").json["services"]
    up = subprocess.run(
        ["docker", "compose", "up", "--detach", "--no-build"],
        cwd=secrets.project.directory,
        capture_output=True,
        text=True,
        check=False,
    )
    assert up.returncode == 0, up.stderr
    assert "Recreate" not in up.stderr
    assert secrets.project.devkit("--json", "status").json["services"] == before


def test_a_change_at_doppler_is_followed_until_ctrl_c(secrets: Secrets) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "devkit.entry", "env", "watch", "--json"],
        cwd=secrets.project.directory,
        env={**os.environ, **secrets.environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as watching:
        assert watching.stdout is not None
        first = json.loads(watching.stdout.readline())
        assert not first["written"]
        secrets.doppler.wait_for_watchers(1)
        secrets.doppler.set_secrets("shop", "dev", {"STRIPE_SECRET": "canary-stripe-rolled"})
        second = json.loads(watching.stdout.readline())
        assert second["changed"] == ["STRIPE_SECRET"]
        assert secrets.project.until(lambda: secrets.answered() == digest_of("canary-stripe-rolled"))
        watching.send_signal(signal.SIGINT)
        _, said = watching.communicate(timeout=20)
    assert watching.returncode == 130
    assert not _MARK.search(said.encode())
    secrets.doppler.wait_for_watchers(0)
    secrets.doppler.set_secrets("shop", "dev", {"STRIPE_SECRET": Secret(CANARIES["STRIPE_SECRET"])})


@contextmanager
def command_lines() -> Iterator[set[bytes]]:
    """Every command line of this machine, and the files of every process's arguments, seen meanwhile."""
    seen: set[bytes] = set()
    over = threading.Event()

    def look() -> None:
        while not over.is_set():
            for process in Path("/proc").iterdir():
                if process.name.isdigit():
                    try:
                        seen.add((process / "cmdline").read_bytes())
                    except OSError:
                        continue

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()


def test_no_value_is_found_anywhere_but_in_env_itself(secrets: Secrets) -> None:
    """Commands that go well and that fail, with all that they say, write and start.

    The production image's layers are searched in test_production_under_doppler.py, the screen in tests/tui.
    """
    directory = secrets.project.directory
    with (directory / ".env").open("a") as env:
        env.write("LOCAL_SECRET='canary-local-e1'\n")
    said: list[str] = []
    with command_lines() as lines:
        for words in (
            ("env", "pull"),
            ("env", "diff"),
            ("env", "check"),
            ("--yes", "env", "push", "LOCAL_SECRET"),
            ("--debug", "up"),
            ("report",),
            ("doctor",),
            ("config",),
        ):
            done = secrets.env(*words)
            assert done.status in (0, 1), (words, done.stderr)
            said += [done.stdout, done.stderr]
        for fault in (faults.Status(401), faults.Page(), faults.TruncatedJson(), faults.Status(503, retry_after=60)):
            secrets.doppler.fail(fault, path=SECRETS)
            for words in (("--debug", "env", "pull"), ("--debug", "--yes", "env", "push", "LOCAL_SECRET")):
                done = secrets.env(*words)
                assert done.status == 1
                said += [done.stdout, done.stderr]
            secrets.doppler.heal()
        secrets.env("env", "run", "--", "true")
    token = secrets.environment["DOPPLER_TOKEN"].encode()
    for text in (*said, *(line.decode(errors="replace") for line in lines)):
        assert not _MARK.search(text.encode()), text[-2000:]
        assert token not in text.encode()
    written = [
        path
        for place in (directory / ".devkit", secrets.state, directory / "docker", directory / "storage" / "logs")
        for path in place.rglob("*")
        if path.is_file()
    ]
    written += [path for path in directory.iterdir() if path.is_file() and not path.name.startswith(".env")]
    assert len(written) > 10
    for path in written:
        content = path.read_bytes()
        assert not _MARK.search(content), path
        assert token not in content, path
    for command in (
        ("docker", "history", "--no-trunc", "secret-shop-app:development"),
        ("docker", "image", "inspect", "secret-shop-app:development"),
        ("docker", "inspect", "secret-shop-app-1"),
        ("docker", "compose", "logs", "--no-color"),
    ):
        shown = subprocess.run(command, cwd=directory, capture_output=True, check=True)
        assert not _MARK.search(shown.stdout + shown.stderr), command
    assert _MARK.findall((directory / ".env").read_bytes())
    assert read_env(directory / ".env")["STRIPE_SECRET"] == CANARIES["STRIPE_SECRET"]
