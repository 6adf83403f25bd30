"""Whose token is used, for which project and config, and at which address."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from keyring.errors import KeyringLocked
from memory_keyring import MemoryKeyring, keyring_of_the_machine

from devkit.project.errors import SecretsError, UsageError
from devkit.project.settings import SecretsSettings
from devkit.secrets.doppler.access import API_HOST, Access, Token
from devkit.secrets.doppler.find_access import find_access, find_token
from devkit.secrets.doppler.keyring_store import SERVICE

pytestmark = pytest.mark.unit

NOTHING = SecretsSettings()
SHOP = SecretsSettings(source="doppler", project="shop", config="dev")


class LockedKeyring(MemoryKeyring):
    """One that nobody unlocks."""

    def get_password(self, service: str, username: str) -> str | None:
        raise KeyringLocked("Failed to unlock the collection!")


@pytest.fixture(autouse=True)
def kept() -> Iterator[MemoryKeyring]:
    backend = MemoryKeyring()
    with keyring_of_the_machine(backend):
        yield backend


@pytest.fixture
def cli(tmp_path: Path) -> Path:
    """A directory for the PATH with a Doppler CLI that has a login, and knows a project and a config."""
    program = tmp_path / "bin" / "doppler"
    program.parent.mkdir()
    program.write_text(
        "#!/bin/sh\n"
        '[ "$1 $2" = "configure get" ] || exit 1\n'
        'case "$3" in\n'
        "token) echo dp.ct.login ;;\n"
        """*) echo '{"enclave.config":"dev_me","enclave.project":"shop"}' ;;\n"""
        "esac\n"
    )
    program.chmod(0o755)
    return program.parent


def test_the_environment_names_all_of_it() -> None:
    environ = {
        "DOPPLER_TOKEN": "dp.pt.one\n",
        "DOPPLER_PROJECT": "api",
        "DOPPLER_CONFIG": "stg",
        "DOPPLER_API_HOST": "https://gateway.example/doppler/",
    }
    assert find_access(environ, SHOP, Path("/"), ask_others=False) == Access(
        Token("dp.pt.one", "DOPPLER_TOKEN"), "api", "stg", "https://gateway.example/doppler"
    )


def test_the_settings_name_what_the_environment_does_not() -> None:
    access = find_access({"DOPPLER_TOKEN": "dp.pt.one", "DOPPLER_CONFIG": ""}, SHOP, Path("/"), ask_others=False)
    assert access == Access(Token("dp.pt.one", "DOPPLER_TOKEN"), "shop", "dev", API_HOST)


def test_a_config_that_is_asked_for_stands_above_all() -> None:
    environ = {"DOPPLER_TOKEN": "dp.pt.one", "DOPPLER_CONFIG": "stg"}
    access = find_access(environ, SHOP, Path("/"), config="prd", ask_others=False)
    assert access is not None
    assert access.config == "prd"


@pytest.mark.parametrize("environ", [{}, {"DOPPLER_TOKEN": ""}, {"DOPPLER_TOKEN": " \n"}])
def test_without_a_token_there_is_no_access(environ: dict[str, str]) -> None:
    assert find_access(environ, SHOP, Path("/"), ask_others=False) is None


def test_nobody_else_is_asked_unless_it_is_wanted(kept: MemoryKeyring, cli: Path) -> None:
    kept.entries[SERVICE, API_HOST] = "dp.pt.kept"
    assert find_token({"PATH": str(cli)}, Path("/"), ask_others=False) is None


def test_the_environments_token_comes_first_then_the_keyrings_then_the_clis(kept: MemoryKeyring, cli: Path) -> None:
    kept.entries[SERVICE, API_HOST] = "dp.pt.kept"
    environ = {"DOPPLER_TOKEN": "dp.pt.one", "PATH": str(cli)}
    assert find_token(environ, Path("/"), ask_others=True) == Token("dp.pt.one", "DOPPLER_TOKEN")
    del environ["DOPPLER_TOKEN"]
    assert find_token(environ, Path("/"), ask_others=True) == Token("dp.pt.kept", "keyring")
    kept.entries.clear()
    assert find_token(environ, Path("/"), ask_others=True) == Token("dp.ct.login", "doppler CLI")


def test_a_token_that_is_kept_for_one_address_is_not_sent_to_another(kept: MemoryKeyring, cli: Path) -> None:
    kept.entries[SERVICE, API_HOST] = "dp.pt.kept"
    environ = {"DOPPLER_API_HOST": "http://127.0.0.1:4430", "PATH": ""}
    assert find_token(environ, Path("/"), ask_others=True) is None


def test_a_keyring_that_does_not_open_is_told_of_where_nobody_else_has_a_token(cli: Path) -> None:
    with keyring_of_the_machine(LockedKeyring()):
        assert find_token({"PATH": str(cli)}, Path("/"), ask_others=True) == Token("dp.ct.login", "doppler CLI")
        with pytest.raises(SecretsError, match="it is locked"):
            find_token({"PATH": ""}, Path("/"), ask_others=True)


def test_what_was_chosen_with_the_cli_is_taken_where_nobody_names_anything(cli: Path) -> None:
    access = find_access({"PATH": str(cli)}, NOTHING, Path("/"), ask_others=True)
    assert access == Access(Token("dp.ct.login", "doppler CLI"), "shop", "dev_me")


def test_a_config_that_the_cli_knows_for_another_project_is_not_taken(cli: Path) -> None:
    for project, config in (("shop", "dev_me"), ("api", "")):
        access = find_access({"PATH": str(cli), "DOPPLER_PROJECT": project}, NOTHING, Path("/"), ask_others=True)
        assert access is not None
        assert (access.project, access.config) == (project, config)


def test_a_token_that_a_person_gave_stands_above_all() -> None:
    given = Token("dp.pt.given", "typed")
    access = find_access({"DOPPLER_TOKEN": "dp.pt.stale"}, SHOP, Path(), token=given, ask_others=True)
    assert access == Access(given, "shop", "dev")


def test_a_service_token_needs_no_names_and_nobody_is_asked_for_them(cli: Path) -> None:
    environ = {"DOPPLER_TOKEN": "dp.st.dev.one", "PATH": str(cli)}
    access = find_access(environ, NOTHING, Path("/"), ask_others=True)
    assert access == Access(Token("dp.st.dev.one", "DOPPLER_TOKEN"))
    assert access.names_a_config


@pytest.mark.parametrize(
    ("name", "value"), [("DOPPLER_API_HOST", "api.doppler.com"), ("DOPPLER_PROJECT", "a&b"), ("DOPPLER_CONFIG", "../x")]
)
def test_what_cannot_be_is_a_usage_error(name: str, value: str) -> None:
    with pytest.raises(UsageError):
        find_access({"DOPPLER_TOKEN": "dp.pt.one", name: value}, SHOP, Path("/"), ask_others=False)


def test_a_token_is_in_no_repr() -> None:
    assert "dp.pt.one" not in repr(find_access({"DOPPLER_TOKEN": "dp.pt.one"}, SHOP, Path("/"), ask_others=False))
