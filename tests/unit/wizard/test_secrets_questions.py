"""What is asked about secrets, what is not asked because something says it, and what comes of each answer.

The prompts are the real ones, fed by keys; the terminal itself is tried in tests/e2e/test_wizard_secrets.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from fake_doppler import PROJECTS, FakeDoppler, faults, nobody_listening
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as NoKeyring
from memory_keyring import MemoryKeyring, keyring_of_the_machine
from prompt_toolkit.application import create_app_session
from prompt_toolkit.input import create_pipe_input

from devkit.project.errors import FailedError
from devkit.project.paths import ProjectPaths
from devkit.project.settings import SecretsSettings, Settings
from devkit.project.settings_file import write_settings
from devkit.setup.answers import Answers
from devkit.setup.pulled import Pulled, remember_pull
from devkit.wizard.secrets import SecretsQuestions

pytestmark = pytest.mark.unit

DOWN, UP, ENTER, CTRL_C = "\x1b[B", "\x1b[A", "\r", "\x03"
DOPPLER = DOWN + ENTER
"""The answer to the first question."""


@dataclass
class World:
    doppler: FakeDoppler
    root: Path
    environ: dict[str, str]
    capsys: pytest.CaptureFixture[str]

    @property
    def answers(self) -> Answers:
        return Answers(self.root)

    def ask(
        self, *keys: str, answers: Answers | None = None, again: bool = False, keyring: KeyringBackend | None = None
    ) -> Answers:
        """Press the keys, and then Ctrl-C: nothing more may be asked."""
        questions = SecretsQuestions(self.environ)
        asked = questions.ask_again if again else questions.ask
        with (
            keyring_of_the_machine(keyring or NoKeyring()),
            create_pipe_input() as pressed,
            create_app_session(input=pressed),
        ):
            pressed.send_text("".join(keys) + CTRL_C)
            return asked(answers or self.answers)

    @property
    def said(self) -> str:
        return self.capsys.readouterr().err

    def paths(self) -> list[str]:
        return [seen.path for seen in self.doppler.requests]


@pytest.fixture
def world(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[World]:
    root = tmp_path / "shop"
    root.mkdir()
    with FakeDoppler() as doppler:
        for name in ("blog", "shop"):
            doppler.add_project(name)
        doppler.add_config("shop", "dev_ann")
        yield World(doppler, root, {"DOPPLER_API_HOST": doppler.url, "PATH": "/nonexistent"}, capsys)


def test_local_is_the_default_and_asks_nothing_more(world: World) -> None:
    assert world.ask(ENTER) == replace(world.answers, doppler=False)
    assert world.doppler.requests == []


@pytest.mark.parametrize("clue", ["DOPPLER_TOKEN", "doppler.yaml", "doppler-template.yaml"])
def test_doppler_is_the_default_where_something_speaks_for_it(clue: str, world: World) -> None:
    if clue == "DOPPLER_TOKEN":
        world.environ[clue] = "dp.pt.wrong"
        with pytest.raises(FailedError):
            world.ask(ENTER, UP, ENTER)
    else:
        (world.root / clue).write_text("")
        assert world.ask(ENTER, ENTER).doppler


@pytest.mark.parametrize("doppler", [True, False])
def test_a_flag_answers_the_question(doppler: bool, world: World) -> None:
    keys = [ENTER] if doppler else []  # the token's question, left empty
    assert world.ask(*keys, answers=replace(world.answers, doppler=doppler)).doppler is doppler


def test_a_found_token_is_named_by_where_it_comes_from_and_project_and_config_are_picked(world: World) -> None:
    world.environ["DOPPLER_TOKEN"] = token = world.doppler.personal_token()
    chosen = world.ask(ENTER, ENTER, DOWN, ENTER)
    assert (chosen.doppler_project, chosen.doppler_config) == ("shop", "stg")
    assert not chosen.keep_token
    said = world.said
    assert "Doppler's token is that of DOPPLER_TOKEN" in said
    assert token not in said


def test_a_typed_token_is_carried_hidden_and_kept_where_that_is_agreed_to(world: World) -> None:
    token = world.doppler.personal_token()
    chosen = world.ask(DOPPLER, f" {token} ", ENTER, ENTER, ENTER, ENTER, keyring=(memory := MemoryKeyring()))
    assert chosen.token is not None
    assert (chosen.token.value, chosen.token.origin, chosen.keep_token) == (token, "typed", True)
    assert memory.entries == {}  # nothing is done yet
    assert token not in repr(chosen) + world.said
    refused = world.ask(DOPPLER, token, ENTER, ENTER, ENTER, "n", keyring=memory)
    assert not refused.keep_token


def test_where_there_is_no_keyring_it_is_said_and_not_asked(world: World) -> None:
    token = world.doppler.personal_token()
    assert not world.ask(DOPPLER, token, ENTER, ENTER, ENTER).keep_token
    assert "no keyring" in world.said


def test_without_a_token_nothing_is_asked_of_doppler(world: World) -> None:
    chosen = world.ask(DOPPLER, ENTER)
    assert chosen == replace(world.answers, doppler=True)
    assert "devkit env pull" in world.said
    assert world.doppler.requests == []


def test_all_pages_are_offered_and_searched_by_typing(world: World) -> None:
    world.doppler.most_per_page = 10
    for number in range(35):
        world.doppler.add_project(f"team-{number:02}")
    world.environ["DOPPLER_TOKEN"] = world.doppler.personal_token()
    assert world.ask(ENTER, "m-34", ENTER, ENTER).doppler_project == "team-34"
    assert world.ask(ENTER, ENTER, ENTER).doppler_project == "shop"


def test_the_only_one_is_said_and_not_asked(world: World) -> None:
    del world.doppler.workplace.projects["blog"]
    world.environ["DOPPLER_TOKEN"] = world.doppler.personal_token()
    assert world.ask(ENTER, ENTER).doppler_project == "shop"
    assert "Doppler project: shop, the only one" in world.said


def test_what_variables_and_flags_name_is_not_asked(world: World) -> None:
    world.environ |= {"DOPPLER_TOKEN": world.doppler.personal_token(), "DOPPLER_PROJECT": "blog"}
    flags = replace(world.answers, sets={"secrets.config": "stg"})
    chosen = world.ask(ENTER, answers=flags)
    assert (chosen.doppler_project, chosen.doppler_config) == ("", "")  # they are said elsewhere already
    said = world.said
    assert "Doppler project: blog, as DOPPLER_PROJECT says" in said
    assert "Doppler config: stg" in said


def test_what_is_named_and_not_there_is_a_failure_that_says_so(world: World) -> None:
    world.environ |= {"DOPPLER_TOKEN": world.doppler.personal_token(), "DOPPLER_CONFIG": "gone"}
    with pytest.raises(FailedError, match="nothing was written"):
        world.ask(ENTER, ENTER, UP, ENTER)
    assert "Doppler has no config gone that the token may see (unset DOPPLER_CONFIG)" in world.said


def test_doppler_yaml_is_where_picking_begins(world: World) -> None:
    (world.root / "doppler.yaml").write_text("setup:\n  - {project: shop, config: dev_ann, path: ./}\n")
    world.environ["DOPPLER_TOKEN"] = world.doppler.personal_token()
    assert world.ask(ENTER, ENTER, ENTER).doppler_config == "dev_ann"
    assert world.ask(ENTER, UP, ENTER, ENTER).doppler_config == "dev"  # of another project


def test_a_service_token_names_its_config_and_its_secrets_are_not_fetched(world: World) -> None:
    world.environ["DOPPLER_TOKEN"] = world.doppler.service_token("shop", "dev")
    chosen = world.ask(ENTER)
    assert (chosen.doppler_project, chosen.doppler_config) == ("shop", "dev")
    (seen,) = world.doppler.requests
    assert seen.query["secrets"] == "DOPPLER_PROJECT,DOPPLER_CONFIG"
    with pytest.raises(FailedError):
        world.ask(ENTER, UP, ENTER, answers=replace(world.answers, sets={"secrets.config": "prd"}))
    assert "opens shop/dev alone, not prd" in world.said


def test_a_wrong_token_is_said_and_another_one_typed(world: World) -> None:
    world.environ["DOPPLER_TOKEN"] = "dp.pt.stale"
    token = world.doppler.personal_token()
    chosen = world.ask(ENTER, DOWN, ENTER, token, ENTER, ENTER, ENTER)
    assert chosen.token is not None
    assert chosen.token.value == token
    said = world.said
    assert "does not take the token from DOPPLER_TOKEN (401)" in said
    assert "DOPPLER_TOKEN stands above this token" in said


def test_what_was_picked_stays_picked_when_it_is_tried_again(world: World) -> None:
    world.environ["DOPPLER_TOKEN"] = world.doppler.personal_token()
    world.doppler.fail(faults.Status(403, "No"), path="/v3/configs", times=1)
    chosen = world.ask(ENTER, UP, ENTER, ENTER, ENTER)
    assert (chosen.doppler_project, chosen.doppler_config) == ("blog", "dev")
    assert world.paths().count("/v3/configs") >= 2


def test_where_doppler_cannot_be_reached_it_goes_on_without(world: World) -> None:
    world.environ["DOPPLER_TOKEN"] = "dp.pt.x"
    with nobody_listening() as nobody:
        world.environ["DOPPLER_API_HOST"] = nobody
        assert world.ask(ENTER, DOWN, DOWN, ENTER) == replace(world.answers, doppler=False)
    assert "Doppler cannot be reached" in world.said


def test_an_address_that_is_none_is_a_failure_like_others(world: World) -> None:
    world.environ |= {"DOPPLER_TOKEN": "dp.pt.x", "DOPPLER_API_HOST": "ftp://doppler"}
    assert world.ask(ENTER, DOWN, DOWN, ENTER).doppler is False
    assert "DOPPLER_API_HOST" in world.said


@pytest.mark.parametrize("number", range(6))
def test_ctrl_c_ends_it_at_any_question(number: int, world: World) -> None:
    token = world.doppler.personal_token()
    world.doppler.fail(faults.Status(401), path=PROJECTS, times=1)
    keys = [DOPPLER, token + ENTER, ENTER, ENTER, ENTER, "y"]  # source, token, and now?, project, config, keyring
    with pytest.raises(KeyboardInterrupt):
        world.ask(*keys[:number], keyring=MemoryKeyring())


@pytest.fixture
def clone(world: World) -> World:
    """A project of a team whose settings say Doppler."""
    secrets = SecretsSettings(source="doppler", project="shop", config="dev")
    write_settings(world.root / "devkit.toml", Settings("shop", secrets=secrets))
    return world


def test_a_clone_is_asked_for_the_token_that_nobody_has(clone: World) -> None:
    token = clone.doppler.personal_token()
    chosen = clone.ask(token, ENTER, again=True)
    assert chosen.token is not None
    assert (chosen.token.value, chosen.doppler_project, chosen.doppler_config) == (token, "", "")


def test_a_clone_that_goes_on_without_keeps_its_settings(clone: World) -> None:
    clone.environ["DOPPLER_TOKEN"] = "dp.pt.stale"
    assert clone.ask(DOWN, DOWN, ENTER, again=True) == clone.answers


def test_a_project_whose_secrets_were_fetched_is_asked_nothing_but_what_a_flag_wants(clone: World) -> None:
    paths = ProjectPaths(clone.root)
    paths.env.write_text("A=1\n")
    remember_pull(paths, Pulled("shop", "dev", 1.0, frozenset("A")))
    assert clone.ask(again=True) == clone.answers
    token = clone.doppler.personal_token()
    wanted = replace(clone.answers, doppler=True)
    chosen = clone.ask(token, ENTER, ENTER, again=True, answers=wanted, keyring=MemoryKeyring())
    assert chosen.keep_token
    local = replace(clone.answers, doppler=False)
    assert clone.ask(again=True, answers=local) == local
