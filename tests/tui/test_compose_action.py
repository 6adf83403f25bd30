"""The plain commands of what is done to services."""

from __future__ import annotations

import pytest
from sample_services import service

from devkit.tui import compose_action

pytestmark = pytest.mark.unit


def test_what_runs_is_stopped_and_what_has_ended_is_started() -> None:
    assert compose_action.start_or_stop(service("app")).words == ("stop", "app")
    ended = compose_action.start_or_stop(service("app", "exited"))
    assert ended.plain == "docker compose up --detach --no-recreate app"


def test_of_several_those_that_run_are_stopped_with_one_command() -> None:
    action = compose_action.start_or_stop(service("app"), service("redis", "exited"), service("queue", "paused"))
    assert action.plain == "docker compose stop app queue"


def test_a_scaled_service_keeps_its_number_of_containers() -> None:
    scaled = service("queue", "exited", containers=3)
    assert compose_action.start(scaled).plain == "docker compose up --detach --no-recreate --scale queue=3 queue"
    assert "--scale queue=3" in compose_action.rebuild(scaled).plain
    assert "--scale queue=3" in compose_action.recreate(scaled).plain
    assert compose_action.up(service("app"), scaled).plain == "docker compose up --detach --scale queue=3"


def test_what_has_no_container_is_started_by_a_restart() -> None:
    assert compose_action.restart(service("app", "missing")).words[0] == "up"
    assert compose_action.restart(service("app", "missing"), service("redis")).words == ("restart", "redis")


def test_a_services_profile_is_named() -> None:
    debug = service("debug", "missing", profiles=("tools", "more"))
    assert compose_action.start(debug).plain == "docker compose --profile tools up --detach --no-recreate debug"
    assert compose_action.profile("more", [debug], off=False).words[:3] == ("--profile", "more", "up")
    assert compose_action.profile("more", [debug], off=True).plain == "docker compose --profile more stop debug"


def test_all_are_removed_with_those_of_profiles_that_run() -> None:
    assert compose_action.down(service("app")).plain == "docker compose down"
    running = service("debug", profiles=("tools",))
    assert compose_action.down(service("app"), running).plain == "docker compose --profile '*' down"


def test_a_command_of_docker_itself_is_said_as_one() -> None:
    assert compose_action.Action("removing", ("volume", "rm", "a b"), compose=False).plain == "docker volume rm 'a b'"


def test_many_services_are_counted() -> None:
    assert compose_action.named([service("a"), service("b")]) == "a, b"
    assert compose_action.named([service(name) for name in "abcd"]) == "4 services"


def test_paused_services_go_on() -> None:
    assert compose_action.pause(service("app")).words == ("pause", "app")
    assert compose_action.pause(service("app", "paused")).words == ("unpause", "app")
