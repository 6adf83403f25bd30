"""The production image where Doppler's own CLI fetches the secrets at start, from a fake of Doppler on this machine."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest
from fake_doppler import FakeDoppler
from image_contents import contents
from production import RESTRICTED, VARIABLES, Container, Production, docker, gateway

from devkit.engine.images.catalogue import base_image

pytestmark = pytest.mark.e2e

READ_ONLY = ("--read-only", "--tmpfs", "/tmp", "--volume", "/app/storage")
HARD = "$1 $APP_KEY 'c' \"d\" \\e\n#é"


@dataclass(frozen=True)
class Served:
    """A container that was given a token and no secrets, with which variables, and the Doppler that it asked."""

    fake: FakeDoppler
    container: Container
    variables: Mapping[str, str]


@pytest.fixture(scope="module")
def served(production: Production) -> Iterator[Served]:
    values = {"APP_KEY": VARIABLES["APP_KEY"], "APP_NAME": "Doppler's", "POSTMARK_TOKEN": production.canary + HARD}
    with FakeDoppler(address=(gateway(), 0)) as fake:
        fake.add_config("shop", "prd", values)
        of_doppler = {"DOPPLER_TOKEN": fake.service_token("shop", "prd"), "DOPPLER_API_HOST": fake.url}
        variables = {**VARIABLES, "APP_NAME": "the container's", **of_doppler}
        del variables["APP_KEY"]
        with production.container(*READ_ONLY, variables=variables) as container:
            yield Served(fake, container, variables)


def test_the_application_has_what_doppler_says_and_what_only_the_container_says(
    production: Production, served: Served
) -> None:
    status, told = served.container.get("/told")
    assert (status, json.loads(told)) == (200, [production.canary + HARD, "Doppler's", "array"])


def test_the_token_ends_where_the_secrets_begin(served: Served) -> None:
    assert served.container.shell("cat /proc/1/comm") == "doppler"
    for_each = "for one in /proc/[0-9]*; do if grep -qx {} $one/comm; then tr '\\0' '\\n' < $one/{}; fi; done"
    environment = served.container.shell(for_each.format("frankenphp", "environ")).splitlines()
    assert "APP_NAME=Doppler's" in environment
    assert not [line for line in environment if "TOKEN" in line.partition("=")[0] and "POSTMARK" not in line]
    assert served.variables["DOPPLER_TOKEN"] not in served.container.shell(for_each.format("doppler", "cmdline"))


def test_a_command_by_way_of_the_entrypoint_has_the_secrets_and_asks_once_too(served: Served) -> None:
    before = len(served.fake.requests)
    said = served.container.shell("app-entrypoint app-entrypoint php -r 'echo getenv(\"APP_NAME\");'")
    assert said.splitlines()[-1] == "Doppler's"
    assert len(served.fake.requests) == before + 1


def test_a_stop_lets_the_server_answer_what_is_under_way(production: Production, served: Served) -> None:
    with (
        production.container(*READ_ONLY, variables=served.variables) as container,
        ThreadPoolExecutor(1) as requests,
    ):
        answer = requests.submit(container.get, "/slow")
        container.shell("until test -e /tmp/asked; do sleep 0.1; done")
        docker("stop", "--time", "25", container.name)
        assert answer.result() == (200, "to the end")
        assert container.inspect("{{.State.ExitCode}} {{.State.OOMKilled}}") == "0 false"


@pytest.mark.parametrize(
    ("variables", "said"),
    [({"DOPPLER_TOKEN": "dp.st.prd.another"}, "Invalid"), ({"DOPPLER_API_HOST": "http://127.0.0.1:9"}, "refused")],
    ids=["a token that is none", "no answer"],
)
def test_without_an_answer_of_doppler_nothing_starts(
    production: Production, served: Served, variables: Mapping[str, str], said: str
) -> None:
    given = {**VARIABLES, **served.variables, "DOPPLER_RUN_OPTIONS": "--attempts=1", **variables}
    flags = [flag for name, value in given.items() for flag in ("--env", f"{name}={value}")]
    command = ["docker", "run", "--rm", *RESTRICTED, *flags, production.image, "echo", "started"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert "Doppler Error: " in done.stderr and said in done.stderr
    assert production.canary not in done.stderr


def test_a_release_with_another_checksum_is_refused_in_one_line(production: Production) -> None:
    compose = (production.project.directory / "compose.yaml").read_text()
    try:
        checksum = re.compile(r"(DOPPLER_SHA256_\w+\W+)[0-9a-f]{64}")
        production.project.write("compose.yaml", checksum.sub(rf"\g<1>{'0' * 64}", compose))
        done = production.project.devkit("build", "doppler", "--json")
    finally:
        production.project.write("compose.yaml", compose)
    assert done.status == 1
    message = done.json["error"]["message"]
    assert re.search(r"Doppler's CLI: the SHA-256 of .* is [0-9a-f]{64}, and not 0{64}$", message), message


def test_no_secret_that_was_there_is_in_a_layer_or_in_the_history(production: Production) -> None:
    canary = production.canary.encode()
    base = base_image("frankenphp").reference
    assert [name for name, content in contents(production.image, without=base) if canary in content] == [
        "app/resources/told.txt"  # the search finds what is there
    ]
    assert production.canary not in docker("history", "--no-trunc", production.image)
    assert production.canary not in docker("image", "inspect", production.image)
