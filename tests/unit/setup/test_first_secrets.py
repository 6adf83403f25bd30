"""What a first run fetches, once; and that it goes on without, whatever Doppler or a keyring does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from fake_doppler import SECRETS, FakeDoppler, Secret, faults, nobody_listening
from keyring.backends.fail import Keyring as NoKeyring
from memory_keyring import MemoryKeyring, keyring_of_the_machine

from devkit.engine.connection import Endpoint
from devkit.engine.docker import Docker
from devkit.project.env_file import read_env
from devkit.project.paths import MachinePaths, ProjectPaths
from devkit.project.settings import SecretsSettings, Settings
from devkit.secrets.doppler.access import Token
from devkit.secrets.doppler.keyring_store import SERVICE
from devkit.setup.first_secrets import FirstSecrets
from devkit.setup.planned import own_files
from devkit.setup.project import Project
from devkit.setup.stack_steps import StackSteps
from devkit.setup.step import Step

pytestmark = pytest.mark.unit

VALUE = "canary-5d1c"
EXAMPLE = "APP_NAME=Laravel\nAPP_KEY=\n# DB_HOST=127.0.0.1\nMAIL_MAILER=log\n"
SHOP = SecretsSettings(source="doppler", project="shop", config="dev")


@dataclass
class World:
    """A project whose secrets Doppler has, up to the step that writes its .env."""

    doppler: FakeDoppler
    root: Path
    environ: dict[str, str]
    machine: MachinePaths
    settings: Settings = field(default_factory=lambda: Settings("shop", secrets=SHOP))
    keyring: MemoryKeyring = field(default_factory=MemoryKeyring)
    said: list[str] = field(default_factory=list)
    warned: list[str] = field(default_factory=list)

    @property
    def paths(self) -> ProjectPaths:
        return ProjectPaths(self.root)

    @property
    def values(self) -> dict[str, str]:
        return read_env(self.paths.env)

    def step(self, token: Token | None = None, *, keep: bool = False) -> tuple[Step, StackSteps]:
        nowhere = Docker(Path("docker"), Endpoint("unix:///nonexistent.sock", "default"))
        first = FirstSecrets(self.environ, self.said.append, token, keep=keep)
        project = Project(self.paths, self.settings, nowhere)
        stack = StackSteps(project, self.machine, self.warned.append, secrets=first)
        return stack.environment(), stack

    def run(self, token: Token | None = None, *, keep: bool = False) -> bool:
        """Do the step as a first run does, if it is not done; whether .env became another."""
        step, stack = self.step(token, keep=keep)
        if not step.is_done():
            step.run(lambda _text: None)
        return stack.changed[".env"]


@pytest.fixture
def world(tmp_path: Path, machine_paths: MachinePaths) -> Iterator[World]:
    root = tmp_path / "shop"
    root.mkdir()
    (root / ".env.example").write_text(EXAMPLE)
    with FakeDoppler() as doppler:
        doppler.add_config("shop", "dev", {"APP_NAME": "Shop", "STRIPE_SECRET": VALUE, "APP_URL": "https://shop.test"})
        environ = {"DOPPLER_TOKEN": doppler.personal_token(), "DOPPLER_API_HOST": doppler.url, "PATH": "/nonexistent"}
        world = World(doppler, root, environ, machine_paths)
        with keyring_of_the_machine(world.keyring):
            yield world


def test_a_first_run_makes_env_of_the_example_of_doppler_and_of_what_the_stack_needs(world: World) -> None:
    assert world.run()
    assert (world.values["APP_NAME"], world.values["STRIPE_SECRET"]) == ("Shop", VALUE)
    assert world.values["APP_KEY"].startswith("base64:")
    assert world.values["APP_URL"] == "http://localhost:8000"
    assert "# DB_HOST=127.0.0.1" in world.paths.env.read_text()
    assert world.said == ["  .env gets 2 names from Doppler, shop/dev"]
    assert any("APP_URL" in warning for warning in world.warned)
    assert VALUE not in "".join(world.said + world.warned)


def test_a_second_first_run_asks_doppler_no_more(world: World) -> None:
    world.run()
    world.doppler.set_secrets("shop", "dev", {"APP_NAME": "Later"})
    world.doppler.forget_requests()
    assert world.step()[0].is_done()
    assert not world.run()
    assert world.doppler.requests == []
    assert world.values["APP_NAME"] == "Shop"


def test_an_env_that_is_gone_is_fetched_anew(world: World) -> None:
    world.run()
    world.paths.env.unlink()
    assert world.run()
    assert world.values["STRIPE_SECRET"] == VALUE


def test_the_secrets_of_a_local_project_are_not_asked_for(world: World) -> None:
    world.settings = Settings("shop")
    assert world.run()
    assert world.doppler.requests == []
    assert world.said == world.warned == []


@pytest.mark.parametrize("wrong", ["offline", "refused", "no token", "no names", "a bad address"])
def test_whatever_fails_is_a_warning_and_env_is_made_without(wrong: str, world: World) -> None:
    said = {
        "offline": "cannot be reached",
        "refused": "does not take the token from DOPPLER_TOKEN (401)",
        "no token": "there is no Doppler token",
        "no names": "no Doppler project and config are named",
        "a bad address": "DOPPLER_API_HOST",
    }[wrong]
    with nobody_listening() as nobody:
        match wrong:
            case "offline":
                world.environ["DOPPLER_API_HOST"] = nobody
            case "refused":
                world.doppler.fail(faults.Status(401, "Invalid Auth token"), path=SECRETS)
            case "no token":
                del world.environ["DOPPLER_TOKEN"]
            case "no names":
                world.settings = Settings("shop", secrets=SecretsSettings(source="doppler"))
            case "a bad address":
                world.environ["DOPPLER_API_HOST"] = "ftp://doppler"
        assert world.run()
    assert world.values["APP_KEY"].startswith("base64:")
    (warning,) = world.warned
    assert said in warning
    assert warning.startswith("secrets were not fetched, and .env is made without them: ")
    assert warning.endswith("; then: devkit env pull")
    assert not world.step()[0].is_done()  # the next first run tries again


def test_a_typed_token_is_used_before_all_others_and_given_to_no_other_program(world: World, tmp_path: Path) -> None:
    seen = tmp_path / "environment"
    cli = tmp_path / "bin" / "doppler"
    cli.parent.mkdir()
    cli.write_text(f'#!/bin/sh\n/usr/bin/env > {seen}\necho \'{{"enclave.project":"shop","enclave.config":"dev"}}\'\n')
    cli.chmod(0o755)
    typed = Token(world.environ["DOPPLER_TOKEN"], "typed")
    world.environ |= {"DOPPLER_TOKEN": "dp.pt.stale", "PATH": str(cli.parent)}
    world.settings = Settings("shop", secrets=SecretsSettings(source="doppler"))
    world.run(typed)
    assert world.values["STRIPE_SECRET"] == VALUE
    assert typed.value not in seen.read_text()
    assert typed.value not in "".join(world.said + world.warned)
    assert all(typed.value not in path.read_text() for path in world.root.rglob("*") if path.is_file())


def test_a_token_is_kept_where_a_person_agreed_even_if_nothing_is_to_be_fetched(world: World) -> None:
    world.run()
    assert world.keyring.entries == {}
    typed = Token("dp.pt.new", "typed")
    world.run(typed, keep=True)
    assert world.keyring.entries == {(SERVICE, world.doppler.url): "dp.pt.new"}
    assert "the token is kept in this machine's keyring" in world.said[-1]


def test_a_token_that_cannot_be_kept_is_used_all_the_same(world: World) -> None:
    typed = Token(world.environ.pop("DOPPLER_TOKEN"), "typed")
    with keyring_of_the_machine(NoKeyring()):
        world.run(typed, keep=True)
    assert world.values["STRIPE_SECRET"] == VALUE
    assert any("no keyring to keep the token in" in warning for warning in world.warned)


def test_what_a_person_had_in_env_stays_beside_it_and_servers_elsewhere_as_comments(world: World) -> None:
    before = (
        "APP_NAME=Mine\nAPP_KEY=k\nSTRIPE_SECRET=old\nDB_CONNECTION=mysql\nDB_HOST=db.example.com\nDB_DATABASE=live\n"
        "DB_USERNAME=me\nDB_PASSWORD=far\nDB_URL=mysql://me@db.example.com/live\nREDIS_URL=redis://cache.example.com\n"
    )
    world.paths.env.write_text(before)
    world.settings = Settings("shop", database="mysql", services=("redis",), secrets=SHOP)
    world.doppler.set_secrets("shop", "dev", {"DB_PASSWORD": Secret("theirs"), "MAIL_HOST": Secret("smtp.example.com")})
    assert world.run()
    assert (world.root / ".env.previous").read_text() == before
    text = world.paths.env.read_text()
    for line in ("DB_HOST=db.example.com", "DB_PASSWORD=far", "DB_URL=mysql://me@db.example.com/live"):
        assert f"# {line}" in text
    assert (world.values["APP_NAME"], world.values["STRIPE_SECRET"]) == ("Shop", VALUE)
    assert (world.values["DB_HOST"], world.values["MAIL_HOST"]) == ("mysql", "smtp.example.com")
    assert "DB_URL" not in world.values
    assert world.step()[0].is_done()


def test_a_password_from_doppler_is_the_one_that_the_database_is_made_with(world: World) -> None:
    world.settings = Settings("shop", database="pgsql", secrets=SHOP)
    world.doppler.set_secrets("shop", "dev", {"DB_PASSWORD": Secret("theirs"), "APP_KEY": Secret("base64:theirs=")})
    world.run()
    assert (world.values["DB_PASSWORD"], world.values["APP_KEY"]) == ("theirs", "base64:theirs=")


def test_the_plan_says_that_env_will_be_another_while_the_secrets_are_due(world: World) -> None:
    world.settings = Settings("shop")
    world.run()

    def planned() -> str:
        return next(file.status for file in own_files(world.paths, world.settings) if file.path == ".env")

    assert planned() == "kept"
    world.settings = Settings("shop", secrets=SHOP)
    assert planned() == "merged"
    world.run()
    assert planned() == "kept"
    assert len(world.doppler.requests) == 1
