from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from devkit.engine.machine_trust import MachineTrust
from devkit.project.settings import Settings
from devkit.scaffold.context import Machine
from devkit.scaffold.override import machine_override

pytestmark = pytest.mark.unit


class Loader(yaml.SafeLoader):
    """Reads `!override` as the plain list that it marks."""


Loader.add_constructor("!override", lambda loader, node: loader.construct_sequence(node))


def override(settings: Settings, **changes: Any) -> Any:
    return yaml.load(text(settings, **changes), Loader)


def text(settings: Settings, **changes: Any) -> str:
    known = {
        name: changes.pop(name) for name in ("secrets", "ssh_agent", "proxies", "npm_variables") if name in changes
    }
    machine = {"uid": 1000, "gid": 1001, "ports": {"app": 8001}, "trust": MachineTrust(**known), **changes}
    return machine_override(settings, Machine(**machine))


def test_a_chosen_port_takes_the_place_of_the_default() -> None:
    written = text(Settings("x"))
    assert "ports: !override" in written
    assert yaml.load(written, Loader)["services"]["app"]["ports"] == ["127.0.0.1:8001:8080"]


def test_files_belong_to_the_projects_owner_in_every_container_of_the_application() -> None:
    services = override(Settings("x", services=("queue", "scheduler", "reverb", "vite")))["services"]
    assert {service["user"] for service in services.values()} == {"1000:1001"}
    assert services["app"]["build"]["args"] == {"USER_ID": "1000", "GROUP_ID": "1001"}


def test_a_local_base_is_a_build_argument_and_a_services_image() -> None:
    bases = {"frankenphp": "local/franken@sha256:1", "redis": "redis@sha256:2"}
    services = override(Settings("x", services=("redis",)), bases=bases)["services"]
    assert services["app"]["build"]["args"]["FRANKENPHP_IMAGE"] == "local/franken@sha256:1"
    assert services["redis"]["image"] == "redis@sha256:2"


def test_vite_listens_on_the_port_that_browsers_ask() -> None:
    vite = override(Settings("x", services=("vite",)), ports={"vite": 5199})["services"]["vite"]
    assert vite["ports"] == ["127.0.0.1:5199:5199"]
    assert vite["environment"]["VITE_PORT"] == "5199"


def test_polling_is_for_mounts_without_events_only() -> None:
    settings = Settings("x", services=("vite",))
    assert "CHOKIDAR_USEPOLLING" not in text(settings)
    assert override(settings, polling=True)["services"]["vite"]["environment"]["CHOKIDAR_USEPOLLING"] == "true"


def test_the_machines_ca_reaches_builds_as_a_secret_and_containers_read_only() -> None:
    document = override(Settings("x"), secrets={"ca": Path("/c a/b$c.crt")})
    app = document["services"]["app"]
    assert app["build"]["secrets"] == ["ca"]
    assert document["secrets"]["ca"]["file"] == "/c a/b$$c.crt"
    assert [(mount["source"], mount["read_only"]) for mount in app["volumes"]] == [("/c a/b$$c.crt", True)]
    assert app["environment"]["NODE_EXTRA_CA_CERTS"] == "/etc/ssl/certs/ca-certificates.crt"


def test_proxies_are_named_without_their_values(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://person:secret@proxy")
    app = override(Settings("x"), proxies=True)["services"]["app"]
    assert app["build"]["args"]["HTTP_PROXY"] is None
    assert app["environment"]["HTTPS_PROXY"] is None
    assert "secret" not in text(Settings("x"), proxies=True)


@pytest.mark.parametrize("name", ["NO_PROXY", "no_proxy"])
def test_the_stacks_own_services_are_reached_without_a_proxy(name: str) -> None:
    services = override(Settings("x", "mysql", ("queue",)), proxies=True)["services"]
    for service in ("app", "queue"):
        near, _, rest = services[service]["environment"][name].partition("$")
        assert {"localhost", "127.0.0.1", "app", "mysql"} <= set(near.split(","))
        assert rest == "{NO_PROXY:+,$NO_PROXY}${no_proxy:+,$no_proxy}"


def test_containers_have_what_private_packages_ask_for_where_their_programs_look() -> None:
    names = ("composer_auth", "known_hosts", "npmrc", "project_npmrc")
    secrets = {name: Path(f"/state/{name}") for name in names}
    document = override(
        Settings("x", services=("queue", "vite")), secrets=secrets, ssh_agent=True, npm_variables=("TOKEN",)
    )
    services = document["services"]
    for name in ("app", "queue"):
        mounts = {mount["source"]: mount["target"] for mount in services[name]["volumes"] if isinstance(mount, dict)}
        assert mounts == {
            "/state/composer_auth": "/config/composer/auth.json",
            "/state/known_hosts": "/etc/ssh/ssh_known_hosts",
        }
        assert services[name]["environment"]["SSH_AUTH_SOCK"] == "/run/ssh-agent.sock"
    assert [(mount["source"], mount["target"]) for mount in services["vite"]["volumes"]] == [
        ("/state/npmrc", "/tmp/.npmrc")
    ]
    assert services["vite"]["environment"] == {"TOKEN": None}
    assert services["app"]["build"]["secrets"] == list(names)
    assert services["app"]["build"]["ssh"] == ["default"]


def test_breakpoints_are_on_in_every_php_container_of_the_application_and_nowhere_else() -> None:
    settings = Settings("x", services=("queue", "vite", "redis"))
    on = override(settings, xdebug=True)["services"]
    assert {name for name, service in on.items() if "XDEBUG_MODE" in service.get("environment", {})} == {"app", "queue"}
    assert "XDEBUG_MODE" not in text(settings)
