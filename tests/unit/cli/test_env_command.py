"""`devkit env` as a script calls it, against Doppler's API on this machine."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from command_line import devkit, devkit_here, plain_environment
from fake_doppler import DOWNLOAD, SECRETS, FakeDoppler, Secret, faults, nobody_listening

from devkit.project.env_file import read_env

pytestmark = pytest.mark.unit

CANARY = "canary-7f3a"
THERE = {
    "APP_NAME": "Shop",
    "STRIPE_SECRET": f"sk_{CANARY}'\"$X",
    "PEM": f"-----BEGIN-----\n{CANARY}\n",
    "DB_HOST": "127.0.0.1",
}
LOCAL = "# the shop\nAPP_NAME=Laravel # ours\nAPP_KEY=k\nMINE=1\n"


@dataclass
class World:
    doppler: FakeDoppler
    project: Path
    environment: dict[str, str]

    def env(self, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
        return devkit_here("env", *words, cwd=self.project, **{**self.environment, **more})

    @property
    def values(self) -> dict[str, str]:
        return read_env(self.project / ".env")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    project = tmp_path / "shop"
    project.mkdir()
    (project / "devkit.toml").write_text('[project]\nname = "shop"\n')
    (project / ".env").write_text(LOCAL)
    with FakeDoppler() as doppler:
        doppler.add_config("shop", "dev", THERE)
        doppler.add_config("shop", "stg", {"APP_NAME": "Staging", "ONLY_STAGING": "1"})
        environment = {
            "DOPPLER_TOKEN": doppler.personal_token(),
            "DOPPLER_PROJECT": "shop",
            "DOPPLER_CONFIG": "dev",
            "DOPPLER_API_HOST": doppler.url,
        }
        yield World(doppler, project, environment)


def test_a_pull_takes_over_what_is_there_and_keeps_what_is_here(world: World) -> None:
    done = world.env("pull", "--json")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert (said["source"], said["project"], said["config"], said["written"]) == ("doppler", "shop", "dev", True)
    assert (said["added"], said["changed"]) == (["DB_HOST", "PEM", "STRIPE_SECRET"], ["APP_NAME"])
    assert world.values.items() >= {**THERE, "MINE": "1", "APP_KEY": "k"}.items()
    text = (world.project / ".env").read_text()
    assert text.startswith("# the shop\nAPP_NAME=Shop # ours\n")
    assert "DOPPLER_" not in text
    assert (world.project / ".env").stat().st_mode & 0o777 == 0o600
    assert (world.project / ".env.previous").read_text() == LOCAL
    again = world.env("pull", "--json")
    assert not json.loads(again.stdout)["written"]
    assert CANARY not in done.stdout + done.stderr + again.stdout + again.stderr


def test_what_is_gone_at_doppler_goes_here_and_what_never_was_there_stays(world: World) -> None:
    world.env("pull")
    world.doppler.set_secrets("shop", "dev", {"PEM": None})
    assert json.loads(world.env("diff", "--json").stdout)["removed"] == ["PEM"]
    world.env("pull")
    assert "PEM" not in world.values
    assert world.values["MINE"] == "1"


def test_a_difference_is_told_by_names_and_its_age(world: World) -> None:
    said = json.loads(world.env("diff", "--json").stdout)
    assert said["added"] == ["DB_HOST", "PEM", "STRIPE_SECRET"]
    assert (said["changed"], said["removed"], said["local_only"]) == (["APP_NAME"], [], ["APP_KEY", "MINE"])
    assert isinstance(said["age_seconds"], int)
    assert world.env("diff", "--exit-code").returncode == 1
    shown = world.env("diff").stdout
    assert "~ APP_NAME" in shown
    assert CANARY not in shown
    world.env("pull")
    assert world.env("diff", "--exit-code").returncode == 0


def test_another_config_is_compared_and_written_by_its_name(world: World) -> None:
    world.env("pull")
    said = json.loads(world.env("diff", "--json", "--config", "stg").stdout)
    assert (said["config"], said["added"], said["removed"]) == ("stg", ["ONLY_STAGING"], [])
    assert world.env("--yes", "push", "MINE", "--config", "stg").returncode == 0
    assert world.doppler.secrets("shop", "stg")["MINE"] == "1"
    assert "MINE" not in world.doppler.secrets("shop", "dev")
    assert world.env("pull", "--config", "stg").returncode == 2
    world.doppler.add_config("shop", "run", {"A": "1"})
    assert json.loads(world.env("diff", "--json", "--config", "run").stdout)["config"] == "run"  # and no action


def test_what_a_token_may_not_read_keeps_its_local_value_and_is_told(world: World) -> None:
    world.doppler.set_secrets("shop", "dev", {"MINE": Secret("theirs", visibility="restricted")})
    done = world.env("pull", "--json")
    assert world.values["MINE"] == "1"
    assert json.loads(done.stdout)["restricted"] == ["MINE"]
    assert "MINE" in done.stderr


def test_a_service_token_needs_no_project_and_no_config(world: World) -> None:
    token = world.doppler.service_token("shop", "dev")
    done = world.env("pull", DOPPLER_TOKEN=token, DOPPLER_PROJECT="", DOPPLER_CONFIG="")
    assert done.returncode == 0, done.stderr
    assert "shop/dev" in done.stderr
    assert world.values["STRIPE_SECRET"] == THERE["STRIPE_SECRET"]
    assert world.doppler.requests_for(DOWNLOAD)


def test_the_address_may_have_a_path(world: World) -> None:
    with FakeDoppler(prefix="/doppler/api") as behind:
        behind.add_config("shop", "dev", {"APP_NAME": "Behind"})
        done = world.env("pull", DOPPLER_API_HOST=f"{behind.url}/", DOPPLER_TOKEN=behind.personal_token())
    assert done.returncode == 0, done.stderr
    assert world.values["APP_NAME"] == "Behind"


def test_secrets_are_given_to_doppler_only_when_somebody_agrees(world: World) -> None:
    refused = world.env("push", "MINE")
    assert (refused.returncode, "MINE" in world.doppler.secrets("shop", "dev")) == (5, False)
    done = world.env("--yes", "--json", "push", "MINE", "APP_NAME")
    said = json.loads(done.stdout)
    assert (said["added"], said["changed"], said["read_otherwise"]) == (["MINE"], ["APP_NAME"], [])
    assert world.doppler.secrets("shop", "dev").items() >= {"MINE": "1", "APP_NAME": "Laravel"}.items()
    assert json.loads(world.env("--yes", "--json", "push", "MINE").stdout)["same"] == ["MINE"]


def test_a_value_that_doppler_reads_as_a_reference_is_told(world: World) -> None:
    (world.project / ".env").write_text("GREETING='hello ${APP_NAME}'\n")
    done = world.env("--yes", "--json", "push", "GREETING")
    assert json.loads(done.stdout)["read_otherwise"] == ["GREETING"]


@pytest.mark.parametrize(
    ("words", "status", "message"),
    [
        (("push", "NOTHING"), 2, ".env has no NOTHING"),
        (("push",), 2, "was given 0 words"),
        (("show", "NOTHING"), 2, ".env has no NOTHING"),
        (("show", "MINE"), 5, "Nobody is here"),
        (("diff", "--config", "no such"), 2, "no such"),
        (("diff", "--config", "nowhere"), 1, "nowhere"),
        (("run",), 2, "was given 0 words"),
        (("pulls",), 2, "pulls"),
    ],
)
def test_a_mistake_is_one_line_with_a_hint(world: World, words: tuple[str, ...], status: int, message: str) -> None:
    done = world.env(*words)
    first, second = done.stderr.splitlines()
    assert (done.returncode, done.stdout) == (status, "")
    assert message in first
    assert second.startswith("  ->")
    assert (world.project / ".env").read_text() == LOCAL


@pytest.mark.parametrize("fault", [faults.Status(503), faults.Page(), faults.TruncatedJson(), faults.Reset()])
def test_a_failure_leaves_everything_as_it_was_and_says_how_old_that_is(world: World, fault: faults.Fault) -> None:
    world.env("pull")
    before = (world.project / ".env").read_bytes(), (world.project / ".env.previous").read_bytes()
    world.doppler.set_secrets("shop", "dev", {"APP_NAME": "Newer"})
    world.doppler.fail(fault, path=SECRETS)
    done = world.env("pull", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["error"]["code"] == "secrets"
    assert ".env stays as it is, pulled less than a minute ago" in done.stderr
    assert ((world.project / ".env").read_bytes(), (world.project / ".env.previous").read_bytes()) == before


def test_without_a_network_nothing_is_lost(world: World) -> None:
    with nobody_listening() as nobody:
        done = world.env("pull", DOPPLER_API_HOST=nobody)
    assert done.returncode == 1
    assert "written" in done.stderr
    assert (world.project / ".env").read_text() == LOCAL


def test_where_secrets_are_local_the_example_says_what_is_missing(world: World) -> None:
    (world.project / ".env.example").write_text("APP_NAME=\nNEW_KEY=\n")
    done = world.env("diff", "--json", DOPPLER_TOKEN="")
    said = json.loads(done.stdout)
    assert (said["source"], said["added"], said["local_only"]) == ("local", ["NEW_KEY"], ["APP_KEY", "MINE"])
    refused = world.env("pull", DOPPLER_TOKEN="")
    assert refused.returncode == 1
    assert "the secrets of this project are local" in refused.stderr
    assert not world.doppler.requests


def test_names_that_the_application_reads_and_env_lacks_are_found(world: World) -> None:
    (world.project / ".env.example").write_text("APP_NAME=\nNEW_KEY=\n")
    (world.project / "config").mkdir()
    (world.project / "config/services.php").write_text(
        "<?php return ['a' => env('NO_DEFAULT'), 'b' => env('HAS_DEFAULT', 'x'), 'c' => env('NEW_KEY')];"
    )
    done = world.env("check", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["missing"] == [
        {"name": "NEW_KEY", "read_by": ["config/services.php:1"], "has_default": False, "in_example": True},
        {"name": "NO_DEFAULT", "read_by": ["config/services.php:1"], "has_default": False, "in_example": False},
    ]
    with (world.project / ".env").open("a") as env:
        env.write("NEW_KEY=1\n")
    assert world.env("check").returncode == 0


def test_one_value_is_shown_when_somebody_agrees(world: World) -> None:
    done = world.env("--yes", "show", "APP_NAME")
    assert (done.returncode, done.stdout) == (0, "Laravel\n")


SHOW = "import os; print(os.environ['STRIPE_SECRET'], os.environ.get('MINE'), 'DOPPLER_CONFIG' in os.environ)"


def test_a_command_gets_the_secrets_in_its_environment_and_its_own_arguments_and_status(world: World) -> None:
    command = [sys.executable, "-c", f"import sys; {SHOW}; print(sys.argv[1:]); sys.exit(42)", "--json", "--", ""]
    done = devkit("env", "run", "--", *command, cwd=world.project, **world.environment)
    assert done.returncode == 42, done.stderr
    assert done.stdout == f"{THERE['STRIPE_SECRET']} None True\n['--json', '--', '']\n"
    assert (world.project / ".env").read_text() == LOCAL
    assert not (world.project / ".devkit").exists()


def test_a_command_that_is_not_there_ends_as_in_a_shell(world: World) -> None:
    (world.project / "plain").write_text("")
    for word, status in (("no-such-command", 127), ("./plain", 126)):
        done = devkit("env", "run", word, cwd=world.project, **world.environment)
        assert (done.returncode, word in done.stderr) == (status, True)


def test_a_command_that_runs_gets_the_signals_and_a_closed_pipe_ends_it(world: World) -> None:
    done = subprocess.run(
        f"'{sys.executable}' -m devkit.entry env run -- yes | head -n 1; echo ${{PIPESTATUS[0]}}",
        shell=True,
        executable="/bin/bash",
        cwd=world.project,
        env=plain_environment(**world.environment),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.stdout, done.stderr) == ("y\n141\n", "")


def test_the_help_says_what_each_action_does_with_examples(tmp_path: Path) -> None:
    said = devkit_here("env", "--help", cwd=tmp_path).stdout
    for action in ("pull", "diff", "push NAME", "show NAME", "check", "watch", "run -- CMD"):
        assert f"\n  {action}" in said
    assert "examples:" in said
