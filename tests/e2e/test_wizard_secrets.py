"""Where secrets come from, asked on a real terminal; Doppler's API answers on this machine."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pexpect
import pytest
from fake_doppler import FakeDoppler, nobody_listening
from terminal import answering

from devkit.cli.context import AGENT_VARIABLES

pytestmark = pytest.mark.unit  # needs no engine: every run here ends before one is asked for

DOWN, ENTER, CTRL_C = "\x1b[B", "\r", "\x03"
FLAGS = ("--database", "sqlite", "--with", "queue")


@pytest.fixture
def doppler() -> Iterator[FakeDoppler]:
    with FakeDoppler() as fake:
        for number in range(25):
            fake.add_project(f"project-{number:02}")
        fake.add_config("shop", "dev", {"A": "1"})
        fake.add_config("shop", "dev_ann", {"A": "2"}, environment="dev")
        yield fake


@contextmanager
def wizard(directory: Path, url: str, *flags: str, **variables: str) -> Iterator[pexpect.spawn[str]]:
    hidden = {"CI", "NO_COLOR", *AGENT_VARIABLES}
    environment = {key: value for key, value in os.environ.items() if key not in hidden}
    directory.mkdir()
    child = pexpect.spawn(
        sys.executable,
        ["-m", "devkit.entry", "init", str(directory), "--images", "local", *FLAGS, *flags],
        cwd=str(directory),
        env={
            **environment,
            "TERM": "xterm-256color",
            "LC_ALL": "C.UTF-8",
            "DOPPLER_API_HOST": url,
            "DOPPLER_CONFIG_DIR": str(directory.parent / "no-login"),
            "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent",
            **variables,
        },
        encoding="utf-8",
        timeout=30,
        dimensions=(40, 100),
    )
    try:
        yield answering(child)
    finally:
        child.close(force=True)


def until_end(child: pexpect.spawn[str]) -> str:
    child.expect(pexpect.EOF)
    child.wait()
    return str(child.before)


def test_a_typed_token_is_hidden_and_project_and_config_are_picked_from_all_there_are(
    tmp_path: Path, doppler: FakeDoppler
) -> None:
    token = doppler.personal_token()
    with wizard(tmp_path / "shop", doppler.url) as child:
        child.expect("Secrets from")
        child.send(DOWN + ENTER)
        child.expect("Doppler token")
        child.send("dp.pt.wrong" + ENTER)
        shown = str(child.before)
        child.expect("does not take the token")
        child.expect("And now")
        child.send(DOWN + ENTER)
        child.expect("Doppler token")
        child.send(token + ENTER)
        child.expect("Doppler project")
        shown += str(child.before)
        child.send(ENTER)  # the one that is called as the directory, of the second page
        child.expect("Doppler config")
        child.expect("dev_ann")
        child.send(DOWN + ENTER)
        child.expect("keyring")
        child.send(ENTER)
        child.expect("no keyring")
        child.expect("secrets from Doppler, shop/")
        child.expect("Go on")
        child.send(DOWN + ENTER)
        shown += until_end(child)
    assert token not in shown
    assert "dp.pt.wrong" not in shown
    assert list((tmp_path / "shop").iterdir()) == []


def test_a_service_token_of_the_environment_chooses_for_itself(tmp_path: Path, doppler: FakeDoppler) -> None:
    token = doppler.service_token("shop", "dev")
    with wizard(tmp_path / "shop", doppler.url, "--dry-run", DOPPLER_TOKEN=token) as child:
        child.expect("Secrets from")
        child.send(ENTER)  # the token says that it is Doppler
        child.expect("Doppler's token is that of DOPPLER_TOKEN")
        child.expect("The token is for shop/dev")
        said = until_end(child)
        assert child.exitstatus == 0
    assert "secrets from Doppler, shop/dev" in said
    assert token not in said


def test_where_doppler_cannot_be_reached_it_goes_on_without(tmp_path: Path) -> None:
    with (
        nobody_listening() as nobody,
        wizard(tmp_path / "shop", nobody, "--dry-run", "--doppler", DOPPLER_TOKEN="dp.pt.x") as child,
    ):
        child.expect("cannot be reached")
        child.expect("And now")
        child.send(DOWN + DOWN + ENTER)
        said = until_end(child)
        assert child.exitstatus == 0
    assert "secrets from Doppler" not in said


def test_without_a_token_env_is_made_here_and_pulled_later(tmp_path: Path, doppler: FakeDoppler) -> None:
    with wizard(tmp_path / "shop", doppler.url, "--dry-run", "--doppler") as child:
        child.expect("Doppler token")
        child.send(ENTER)
        said = until_end(child)
        assert child.exitstatus == 0
    assert "later: devkit env pull" in said
    assert not doppler.requests


@pytest.mark.parametrize("prompt", ["Secrets from", "Doppler token", "Doppler project", "Doppler config", "keyring"])
def test_ctrl_c_at_any_of_these_questions_ends_it_and_writes_nothing(
    prompt: str, tmp_path: Path, doppler: FakeDoppler
) -> None:
    answers = {
        "Secrets from": DOWN + ENTER,
        "Doppler token": doppler.personal_token() + ENTER,
        "Doppler project": ENTER,
        "Doppler config": ENTER,
        "keyring": "",
    }
    with wizard(tmp_path / "shop", doppler.url) as child:
        for question, answer in answers.items():
            child.expect(question)
            if question == prompt:
                child.send(CTRL_C)
                break
            child.send(answer)
        until_end(child)
        assert child.exitstatus == 130
    assert list((tmp_path / "shop").iterdir()) == []
