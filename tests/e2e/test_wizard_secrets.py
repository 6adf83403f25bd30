"""Where secrets come from, asked on a real terminal; Doppler's API answers on this machine.

What is asked when, and Ctrl-C at every question, is in tests/unit/wizard/test_secrets_questions.py.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pexpect
import pytest
from fake_doppler import FakeDoppler, nobody_listening
from terminal import answering, shown

from devkit.cli.context import AGENT_VARIABLES

pytestmark = pytest.mark.unit  # needs no engine: every run here ends before one is asked for

UP, DOWN, ENTER, CTRL_C = "\x1b[A", "\x1b[B", "\r", "\x03"
FLAGS = ("--database", "sqlite", "--with", "queue")


TESTS = Path(__file__).resolve().parents[1]


@pytest.fixture
def doppler() -> Iterator[FakeDoppler]:
    with FakeDoppler() as fake:
        for number in range(125):
            fake.add_project(f"project-{number:03}")
        fake.add_config("shop", "dev_ann", {"A": "2"}, environment="dev")
        fake.add_project("the-last-one")
        yield fake


@contextmanager
def wizard(
    directory: Path, url: str, *flags: str, size: tuple[int, int] = (40, 100), **variables: str
) -> Iterator[pexpect.spawn[str]]:
    hidden = {"CI", "NO_COLOR", *AGENT_VARIABLES}
    environment = {key: value for key, value in os.environ.items() if key not in hidden}
    directory.mkdir(exist_ok=True)
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
            "PYTHON_KEYRING_BACKEND": "memory_keyring.MemoryKeyring",
            "PYTHONPATH": os.pathsep.join(filter(None, [str(TESTS), environment.get("PYTHONPATH")])),
            **variables,
        },
        encoding="utf-8",
        timeout=30,
        dimensions=size,
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
        child.expect("does not take the token from your input")
        child.expect("And now")
        child.send(DOWN + ENTER)
        child.expect("Doppler token")
        child.send(token + ENTER)
        child.expect("Doppler project")
        child.send(ENTER)  # the one that is called as the directory, of the second page
        child.expect("Doppler config")
        child.expect("dev_ann")
        child.send(DOWN + ENTER)
        child.expect("keyring")
        child.send(ENTER)
        child.expect("Delivery files")
        child.send(ENTER)
        child.expect("secrets from Doppler, shop/stg")
        child.expect("Go on")
        child.send(UP + ENTER)
        until_end(child)
        assert child.exitstatus == 1
        assert token not in shown(child)
        assert "dp.pt.wrong" not in shown(child)
    assert list((tmp_path / "shop").iterdir()) == []


def test_a_long_list_is_searched_on_a_narrow_and_low_terminal(tmp_path: Path, doppler: FakeDoppler) -> None:
    variables = {"DOPPLER_TOKEN": doppler.personal_token(), "DOPPLER_CONFIG": "prd"}
    with wizard(tmp_path / "x", doppler.url, "--dry-run", size=(10, 30), **variables) as child:
        child.expect("Secrets from")
        child.send(ENTER)  # the token says that it is Doppler
        child.expect("Doppler project")
        child.expect("project-000")
        child.send("last" + ENTER)
        child.expect("Delivery files")
        child.send(ENTER)
        said = until_end(child)
        assert child.exitstatus == 0
    assert "secrets from Doppler, the-last-one/prd" in " ".join(said.split())


def test_a_clone_can_go_on_where_doppler_cannot_be_reached(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    toml = 'schema = 1\n[project]\nname = "shop"\n[secrets]\nsource = "doppler"\nproject = "shop"\nconfig = "dev"\n'
    (tmp_path / "shop" / "devkit.toml").write_text(toml)
    with (
        nobody_listening() as nobody,
        wizard(tmp_path / "shop", nobody, "--dry-run", DOPPLER_TOKEN="dp.pt.x") as child,
    ):
        child.expect("that of DOPPLER_TOKEN")
        child.expect("cannot be reached")
        child.expect("And now")
        child.send(DOWN + DOWN + ENTER)
        said = until_end(child)
        assert child.exitstatus == 0
    assert "secrets from Doppler, shop/dev" in said


@pytest.mark.parametrize("prompt", ["Doppler token", "Doppler project", "keyring"])
def test_ctrl_c_at_each_kind_of_prompt_ends_it_and_writes_nothing(
    prompt: str, tmp_path: Path, doppler: FakeDoppler
) -> None:
    answers = {
        "Doppler token": doppler.personal_token() + ENTER,
        "Doppler project": ENTER,
        "Doppler config": ENTER,
        "keyring": "",
    }
    with wizard(tmp_path / "shop", doppler.url, "--doppler") as child:
        for question, answer in answers.items():
            child.expect(question)
            if question == prompt:
                child.send(CTRL_C)
                break
            child.send(answer)
        assert "Traceback" not in until_end(child)
        assert child.exitstatus == 130
    assert list((tmp_path / "shop").iterdir()) == []
