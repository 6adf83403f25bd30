"""The fake is held to what Doppler's own SDK and CLI expect of the real API."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from dopplersdk import DopplerSDK
from dopplersdk.models import SecretsUpdateRequest
from fake_doppler import DOWNLOAD, PROJECTS, SECRETS, WATCH, FakeDoppler, Secret, cli_environment, cli_program
from http_exceptions import HTTPException
from http_exceptions.client_exceptions import (
    BadRequestException,
    ForbiddenException,
    NotFoundException,
    UnauthorizedException,
)

pytestmark = pytest.mark.unit

DOPPLER = str(cli_program())
PATIENCE = 30.0
HELD = {
    "APP_NAME": 'Shop "é" $5',
    "HOST": "example.org",
    "URL": "https://${HOST}/${NOTHING}",
    "PEM": "-----BEGIN\nkey\\\n-----END",
}
OWN = {"DOPPLER_PROJECT": "shop", "DOPPLER_ENVIRONMENT": "dev", "DOPPLER_CONFIG": "dev_ada"}
VALUES = {**HELD, "URL": "https://example.org/${NOTHING}"}
LINES = {
    "json": '"APP_NAME":"Shop \\"é\\" $5"',
    "dotnet-json": '"AppName":"Shop \\"é\\" $5"',
    "env": 'APP_NAME="Shop \\"é\\" $5"',
    "env-no-quotes": 'APP_NAME=Shop "é" $5',
    "docker": "PEM=-----BEGIN\\nkey\\\\n-----END",
    "yaml": 'APP_NAME: "Shop \\"é\\" $5"',
}
"""Something of what each format has."""

Cli = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def doppler() -> Iterator[FakeDoppler]:
    with FakeDoppler() as running:
        running.add_config("shop", "dev_ada", HELD)
        yield running


@pytest.fixture
def connect(doppler: FakeDoppler, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], DopplerSDK]:
    """The SDK with a token, kept from the proxies and the ~/.netrc of this machine."""
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setenv("NETRC", str(tmp_path / "none"))

    def made(token: str) -> DopplerSDK:
        sdk = DopplerSDK(access_token=token)
        sdk.set_base_url(doppler.url)
        return sdk

    return made


@pytest.fixture
def cli(doppler: FakeDoppler, tmp_path: Path) -> Cli:
    """Run the real CLI with a token of its own, or with the one that is given."""
    environment = {"PATH": os.environ["PATH"], **cli_environment(tmp_path / "doppler", doppler.url)}
    token = doppler.cli_token()

    def run(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        environ = {**environment, "DOPPLER_TOKEN": token, **more}
        command = [DOPPLER, *arguments]
        return subprocess.run(command, env=environ, cwd=tmp_path, capture_output=True, text=True, timeout=PATIENCE)

    return run


@contextmanager
def refused(kind: type[HTTPException], text: str) -> Iterator[None]:
    """Doppler says so, in its JSON."""
    with pytest.raises(kind) as caught:
        yield
    assert json.loads(caught.value.message) == {"messages": [text], "success": False}


def names(items: list[dict[str, Any]], key: str = "name") -> list[str]:
    return [item[key] for item in items]


def test_the_sdk_learns_whose_token_it_is(doppler: FakeDoppler, connect: Callable[[str], DopplerSDK]) -> None:
    for token, kind in (
        (doppler.personal_token(), "personal"),
        (doppler.cli_token(), "cli"),
        (doppler.service_token("shop", "dev_ada"), "service_token"),
        (doppler.service_account_token(), "service_account"),
    ):
        me = connect(token).auth.me()
        assert (me.type_, me.workplace["name"]) == (kind, "Test Workplace")
        assert me.token_preview.endswith(token[-6:])
        assert token not in repr(doppler.requests)


def test_the_sdk_gets_projects_page_by_page(doppler: FakeDoppler, connect: Callable[[str], DopplerSDK]) -> None:
    for number in range(24):
        doppler.add_project(f"project-{number}")
    projects = connect(doppler.personal_token()).projects
    first, second, third = (projects.list(page=page) for page in (None, 2, 3))
    assert (len(first.projects), len(second.projects), third.projects) == (20, 5, [])
    assert len({*names(first.projects, "slug"), *names(second.projects, "slug")}) == 25
    assert len(projects.list(per_page=100).projects) == 25
    doppler.most_per_page = 10
    assert len(projects.list(per_page=100).projects) == 10


def test_the_sdk_gets_environments_and_configs(doppler: FakeDoppler, connect: Callable[[str], DopplerSDK]) -> None:
    sdk = connect(doppler.personal_token())
    assert names(sdk.environments.list(project="shop").environments, "id") == ["dev", "stg", "prd"]
    assert names(sdk.configs.list(project="shop").configs) == ["dev", "stg", "prd", "dev_ada"]
    assert names(sdk.configs.list(project="shop", environment="dev", per_page=1, page=2).configs) == ["dev_ada"]
    config = sdk.configs.get(config="dev_ada", project="shop").config
    assert (config["environment"], config["root"]) == ("dev", False)


def test_the_sdk_gets_secrets_raw_and_computed(doppler: FakeDoppler, connect: Callable[[str], DopplerSDK]) -> None:
    secrets = connect(doppler.personal_token()).secrets
    found = secrets.list(config="dev_ada", project="shop").secrets
    assert {name: secret["computed"] for name, secret in found.items()} == VALUES | OWN
    assert {name: secret["raw"] for name, secret in found.items()} == HELD | OWN
    assert secrets.names(config="dev_ada", project="shop").names == sorted(VALUES | OWN)
    one = secrets.get(name="URL", config="dev_ada", project="shop")
    assert (one.name, one.value["raw"], one.value["computed"]) == ("URL", HELD["URL"], VALUES["URL"])
    assert list(secrets.list(config="dev_ada", project="shop", secrets="HOST,URL").secrets) == ["HOST", "URL"]


def test_references_reach_other_configs_and_projects_and_never_turn_in_circles(
    doppler: FakeDoppler, connect: Callable[[str], DopplerSDK]
) -> None:
    doppler.add_config("shop", "prd", {"A": "${dev_ada.HOST}", "SELF": "${SELF}", "X": "1${Y}", "Y": "2${X}"})
    doppler.add_config("other", "stg", {"B": "${shop.prd.A} in ${DOPPLER_CONFIG}"})
    secrets = connect(doppler.personal_token()).secrets
    found = secrets.list(config="prd", project="shop").secrets
    computed = {name: found[name]["computed"] for name in ("A", "SELF", "X")}
    assert computed == {"A": "example.org", "SELF": "${SELF}", "X": "12${X}"}
    assert secrets.get(name="B", config="stg", project="other").value["computed"] == "example.org in stg"


def test_restricted_values_are_for_programs_and_not_for_people(
    doppler: FakeDoppler, connect: Callable[[str], DopplerSDK]
) -> None:
    doppler.add_config("shop", "prd", {"KEY": Secret("k", "restricted"), "URL": "x:${KEY}"})
    for token, expected in (
        (doppler.personal_token(), {"KEY": (None, None), "URL": ("x:${KEY}", None)}),
        (doppler.cli_token(), {"KEY": (None, None), "URL": ("x:${KEY}", None)}),
        (doppler.service_token("shop", "prd"), {"KEY": ("k", "k"), "URL": ("x:${KEY}", "x:k")}),
    ):
        found = connect(token).secrets.list(config="prd", project="shop", secrets="KEY,URL").secrets
        assert {name: (secret["raw"], secret["computed"]) for name, secret in found.items()} == expected
        assert found["URL"]["computedVisibility"] == "restricted"


def test_the_sdk_writes_and_takes_away(doppler: FakeDoppler, connect: Callable[[str], DopplerSDK]) -> None:
    secrets = connect(doppler.personal_token()).secrets
    changed = {"HOST": "example.com", "NEW": "${HOST}!"}
    answer = secrets.update(SecretsUpdateRequest(config="dev_ada", project="shop", secrets=changed))
    assert answer.secrets["NEW"]["computed"] == "example.com!"
    assert answer.secrets["URL"]["computed"] == "https://example.com/${NOTHING}"
    assert doppler.secrets("shop", "dev_ada") == HELD | changed
    secrets.update(SecretsUpdateRequest(config="dev_ada", project="shop", secrets={"NEW": None}))
    assert doppler.secrets("shop", "dev_ada") == HELD | {"HOST": "example.com"}


def test_a_service_token_opens_its_config_alone(doppler: FakeDoppler, connect: Callable[[str], DopplerSDK]) -> None:
    sdk = connect(doppler.service_token("shop", "dev_ada"))
    won = sdk.secrets.list(config="prd", project="other").secrets
    assert (won["DOPPLER_PROJECT"]["computed"], won["DOPPLER_CONFIG"]["computed"]) == ("shop", "dev_ada")
    assert names(sdk.projects.list().projects, "slug") == ["shop"]
    assert names(sdk.configs.list(project="shop").configs) == ["dev_ada"]
    with refused(ForbiddenException, "This token does not have write access"):
        sdk.secrets.update(SecretsUpdateRequest(config="dev_ada", project="shop", secrets={"A": "1"}))
    with pytest.raises(ForbiddenException):
        sdk.workplace.get()
    doppler.service_tokens_win = False
    with refused(BadRequestException, "This token does not have access to requested config 'prd'"):
        sdk.secrets.list(config="prd", project="shop")
    writer = connect(doppler.service_token("shop", "dev_ada", can_write=True)).secrets
    writer.update(SecretsUpdateRequest(config="dev_ada", project="shop", secrets={"A": "1"}))
    assert doppler.secrets("shop", "dev_ada")["A"] == "1"


def test_the_sdk_is_refused_as_doppler_refuses(doppler: FakeDoppler, connect: Callable[[str], DopplerSDK]) -> None:
    sdk = connect(doppler.personal_token())
    with refused(NotFoundException, "Could not find requested project 'nowhere'"):
        sdk.secrets.list(config="dev", project="nowhere")
    with refused(NotFoundException, "Could not find requested config 'nothing'"):
        sdk.secrets.list(config="nothing", project="shop")
    name = 'Secret name "lower" may only contain uppercase letters, numbers, and underscores.'
    with refused(BadRequestException, name):
        sdk.secrets.update(SecretsUpdateRequest(config="dev", project="shop", secrets={"lower": "1"}))
    for token in ("dp.pt.unknown", ""):
        with refused(UnauthorizedException, "Invalid Auth token"):
            connect(token).auth.me()
    revoked = doppler.personal_token()
    doppler.revoke(revoked)
    with refused(UnauthorizedException, "Invalid Auth token"):
        connect(revoked).auth.me()
    assert [seen.authorized for seen in doppler.requests[-4:]] == [True, False, False, False]


def test_the_cli_lists_what_there_is(doppler: FakeDoppler, cli: Cli) -> None:
    def listed(*arguments: str) -> Any:
        return json.loads(cli(*arguments, "--json").stdout)

    assert listed("me")["type"] == "cli"
    assert names(listed("projects"), "id") == ["shop"]
    assert names(listed("configs", "-p", "shop")) == ["dev", "stg", "prd", "dev_ada"]
    assert names(listed("environments", "-p", "shop"), "id") == ["dev", "stg", "prd"]
    secrets = listed("secrets", "-p", "shop", "-c", "dev_ada")
    assert {name: secret["computed"] for name, secret in secrets.items()} == VALUES | OWN
    assert all(seen.authorized for seen in doppler.requests)


def test_the_cli_gets_sets_and_deletes_one_secret(doppler: FakeDoppler, cli: Cli) -> None:
    place = ("-p", "shop", "-c", "dev_ada")
    assert cli("secrets", "get", "PEM", "--plain", *place).stdout == f"{HELD['PEM']}\n"
    missing = cli("secrets", "get", "NOTHING", "--plain", *place)
    assert (missing.returncode, missing.stdout) == (1, "")
    assert "Could not find requested secret: NOTHING" in missing.stderr
    assert cli("secrets", "set", "HOST=h", "NEW=a=b", "--visibility", "restricted", *place).returncode == 0
    assert cli("secrets", "delete", "URL", "--yes", *place).returncode == 0
    now = doppler.workplace.projects["shop"].configs["dev_ada"].secrets
    assert (now["NEW"], now["HOST"]) == (Secret("a=b", "restricted"), Secret("h", "restricted"))
    assert "URL" not in now


@pytest.mark.parametrize("kind", LINES)
def test_the_cli_downloads_every_format(doppler: FakeDoppler, cli: Cli, kind: str) -> None:
    command = ("secrets", "download", "--no-file", "--no-fallback", "--format", kind)
    assert LINES[kind] in cli(*command, DOPPLER_TOKEN=doppler.service_token("shop", "dev_ada")).stdout
    query = doppler.requests_for(DOWNLOAD)[0].query
    assert (query["project"], query["config"], query["format"]) == ("", "", kind)


def test_the_cli_runs_a_command_with_the_computed_values(doppler: FakeDoppler, cli: Cli) -> None:
    doppler.set_secrets("shop", "dev_ada", {"HIDDEN": Secret("h", "restricted")})
    place = {"DOPPLER_PROJECT": "shop", "DOPPLER_CONFIG": "dev_ada"}
    printed = cli("run", "--no-fallback", "--", "printenv", "-0", **place).stdout
    environment = dict(line.split("=", 1) for line in printed.split("\0") if line)
    assert environment.items() >= (VALUES | OWN).items()
    assert "HIDDEN" not in environment


def test_the_cli_sets_itself_up_without_asking(doppler: FakeDoppler, cli: Cli, tmp_path: Path) -> None:
    settled = cli("setup", "--no-interactive", "--config", "dev_ada", "--json")
    assert settled.returncode == 0, settled.stderr
    assert [seen.path for seen in doppler.requests] == [PROJECTS]  # the one project there is
    saved = (tmp_path / "doppler/.doppler.yaml").read_text()
    assert "enclave.project: shop" in saved
    assert "enclave.config: dev_ada" in saved


def test_the_cli_keeps_its_copy_until_something_changes(
    doppler: FakeDoppler, cli: Cli, connect: Callable[[str], DopplerSDK]
) -> None:
    command = ("secrets", "download", "--no-file", "-p", "shop", "-c", "dev_ada")
    first, again = cli(*command).stdout, cli(*command).stdout
    assert json.loads(first) == json.loads(again) == VALUES | OWN
    tag = doppler.requests_for(DOWNLOAD)[1].headers["if-none-match"]
    service = connect(doppler.personal_token()).secrets
    headers = service._add_required_headers({"If-None-Match": tag})
    unchanged = service._http.get(f"{doppler.url}{DOWNLOAD}?project=shop&config=dev_ada", headers, False)
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    doppler.set_secrets("shop", "dev_ada", {"HOST": "moved"})
    assert json.loads(cli(*command).stdout)["HOST"] == "moved"


def test_the_cli_says_what_doppler_says(doppler: FakeDoppler, cli: Cli) -> None:
    def error(*arguments: str, **more: str) -> str:
        ended = cli(*arguments, "--json", **more)
        assert (ended.returncode, ended.stdout) == (1, "")
        return str(json.loads(ended.stderr.splitlines()[-1])["error"])

    assert error("me", DOPPLER_TOKEN="dp.ct.unknown") == "Invalid Auth token"
    assert error("secrets", "-p", "nowhere", "-c", "dev") == "Could not find requested project 'nowhere'"
    assert error("secrets", "-p", "shop", "-c", "nothing") == "Could not find requested config 'nothing'"


def test_the_cli_asks_below_a_path_and_over_tls(tmp_path: Path) -> None:
    with FakeDoppler(prefix="/behind/proxy", tls=True) as doppler:
        environment = {"PATH": os.environ["PATH"], **cli_environment(tmp_path, doppler.url)}
        environment["DOPPLER_TOKEN"] = doppler.cli_token()

        def me(**more: str) -> subprocess.CompletedProcess[str]:
            command = [DOPPLER, "me", "--json"]
            return subprocess.run(command, env=environment | more, capture_output=True, text=True, timeout=PATIENCE)

        assert "certificate" in me().stderr
        assert doppler.requests == []
        assert json.loads(me(SSL_CERT_FILE=str(doppler.certificate)).stdout)["type"] == "cli"
        assert [seen.path for seen in doppler.requests] == ["/v3/me"]


def test_the_cli_restarts_what_it_runs_when_a_secret_changes(doppler: FakeDoppler, tmp_path: Path) -> None:
    environment = {"PATH": os.environ["PATH"], **cli_environment(tmp_path, doppler.url)}
    environment["DOPPLER_TOKEN"] = doppler.service_token("shop", "dev_ada")
    command = [DOPPLER, "run", "--watch", "--no-fallback", "--debug", "--", "sh", "-c", 'echo "$HOST"; exec cat']
    with subprocess.Popen(
        command,
        env=environment,
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    ) as process:
        late = threading.Timer(PATIENCE, os.killpg, (process.pid, signal.SIGKILL))
        late.start()
        try:
            said = iter(process.stdout or ())
            # It takes what it reads at once for one event, so the next one waits until this one was read. The command
            # and the stream begin at the same time: either may be heard of first.
            begun = {"example.org\n", "Connected to secrets stream"}
            while begun:
                line = next(said)
                begun = {one for one in begun if one not in line}
            doppler.set_secrets("shop", "prd", {"HOST": "another config"})
            doppler.set_secrets("shop", "dev_ada", {"HOST": "changed"})
            assert "changed\n" in said
        finally:
            process.terminate()
            process.wait()
            late.cancel()
    assert [seen.path for seen in doppler.requests] == [DOWNLOAD, WATCH, DOWNLOAD]
    doppler.wait_for_watchers(0)


def test_what_is_asked_can_be_told_apart(doppler: FakeDoppler, connect: Callable[[str], DopplerSDK]) -> None:
    secrets = connect(doppler.personal_token()).secrets
    secrets.list(config="dev_ada", project="shop")
    [seen] = doppler.wait_for_requests(1, SECRETS)
    assert (seen.method, seen.query, seen.authorized) == ("GET", {"project": "shop", "config": "dev_ada"}, True)
    assert seen.headers["user-agent"].startswith("DopplerSDK/1.3.0")
    assert "authorization" not in seen.headers
    doppler.forget_requests()
    with pytest.raises(TimeoutError, match=f"1 requests for {SECRETS}"):
        doppler.wait_for_requests(1, SECRETS, seconds=0)
