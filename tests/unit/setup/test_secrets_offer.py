"""What names a project's secrets before anybody is asked."""

from __future__ import annotations

from pathlib import Path

import pytest
from fake_doppler import FakeDoppler, faults

from devkit.project.errors import SecretsError
from devkit.project.settings import SecretsSettings
from devkit.secrets.doppler.access import Token
from devkit.setup.secrets_offer import (
    Doppler,
    Named,
    above_settings,
    doppler_is_likely,
    likely_config,
    likely_project,
    suggested,
    typed_token,
    with_names,
)

pytestmark = pytest.mark.unit

LOCAL = SecretsSettings()
NO_CLI = {"PATH": "/nonexistent"}


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("setup:\n  project: shop\n  config: dev\n", Named("shop", "dev")),
        (
            "setup:\n  - {project: api, config: dev, path: api/}\n  - {project: shop, config: prd, path: ./}\n",
            Named("shop", "prd"),
        ),
        ("setup:\n  - {project: shop, config: dev}\n", Named("shop", "dev")),
        ("setup:\n  - {project: api, config: dev, path: api/}\n", Named()),
        ("setup: {project: no name, config: 7}\n", Named()),
        ("setup: {project: shop, config: ../x}\n", Named("shop", "")),
        ("setup: {project: shop}\n", Named("shop", "")),
        ("setup:\n", Named()),
        ("[broken", Named()),
        ("", Named()),
    ],
)
def test_what_doppler_yaml_names_is_found(text: str, named: Named, tmp_path: Path) -> None:
    (tmp_path / "doppler.yaml").write_text(text)
    assert suggested(tmp_path, NO_CLI) == named
    assert doppler_is_likely(tmp_path, {})
    settings = with_names(LOCAL, tmp_path, {})
    assert Named(settings.project, settings.config) == named


def test_where_no_file_says_it_the_cli_is_asked(tmp_path: Path) -> None:
    program = tmp_path / "doppler"
    program.write_text('#!/bin/sh\necho \'{"enclave.project":"shop","enclave.config":"stg"}\'\n')
    program.chmod(0o755)
    assert suggested(tmp_path, {"PATH": str(tmp_path)}) == Named("shop", "stg")


def test_settings_come_before_variables_and_those_before_the_file(tmp_path: Path) -> None:
    (tmp_path / "doppler.yaml").write_text("setup: {project: of-file, config: of-file}\n")
    settings = SecretsSettings(source="doppler", project="of-settings")
    named = with_names(settings, tmp_path, {"DOPPLER_CONFIG": "of-variable"})
    assert (named.project, named.config) == ("of-settings", "of-variable")
    chosen = with_names(LOCAL, tmp_path, {}, config="chosen")
    assert chosen == SecretsSettings(source="doppler", project="of-file", config="chosen")


def test_a_config_of_another_project_is_not_taken(tmp_path: Path) -> None:
    (tmp_path / "doppler.yaml").write_text("setup: {project: of-file, config: of-file}\n")
    for named in (
        with_names(LOCAL, tmp_path, {"DOPPLER_PROJECT": "other"}),
        with_names(LOCAL, tmp_path, {}, project="other"),
    ):
        assert (named.project, named.config) == ("other", "")


def test_variables_that_stand_above_the_settings_are_told() -> None:
    variables = {"DOPPLER_PROJECT": "shop", "DOPPLER_CONFIG": "ci"}
    settings = SecretsSettings(source="doppler", project="shop", config="dev")
    (said,) = above_settings(settings, variables)
    assert "DOPPLER_CONFIG names ci, and stands above the dev of devkit.toml" in said
    assert above_settings(settings, {}) == []
    assert above_settings(SecretsSettings(project="a", config="b"), variables) == []


def test_what_speaks_for_doppler_is_seen_without_asking_anybody(tmp_path: Path) -> None:
    assert not doppler_is_likely(tmp_path, {})
    assert doppler_is_likely(tmp_path, {"DOPPLER_TOKEN": "dp.st.x"})
    (tmp_path / "doppler-template.yaml").touch()
    assert doppler_is_likely(tmp_path, {})


def test_what_is_likely_is_what_is_named_then_what_is_called_alike() -> None:
    assert likely_project(["a", "shop"], Named("a"), "shop") == "a"
    assert likely_project(["a", "shop"], Named("gone"), "shop") == "shop"
    assert likely_project(["a", "b"], Named(), "shop") == "a"
    assert likely_config(["ci", "dev"], "shop", Named()) == "dev"
    assert likely_config(["ci", "prd"], "shop", Named("shop", "prd")) == "prd"
    assert likely_config(["ci", "prd"], "shop", Named("other", "prd")) == "ci"


def test_a_service_token_names_its_config_and_a_token_that_sees_nothing_is_told() -> None:
    with FakeDoppler() as fake:
        empty = Doppler(Token(fake.personal_token(), "typed"), {"DOPPLER_API_HOST": fake.url})
        assert empty.own_config(Named()) is None
        with pytest.raises(SecretsError, match="sees no project"):
            empty.projects()
        fake.add_config("shop", "dev", {"SECRET": "canary"})
        token = Token(fake.service_token("shop", "dev"), "typed")
        opened = Doppler(token, {"DOPPLER_API_HOST": fake.url})
        assert opened.own_config(Named()) == opened.own_config(Named("shop")) == Named("shop", "dev")
        with pytest.raises(SecretsError, match="opens shop/dev alone, not shop/prd"):
            opened.own_config(Named("shop", "prd"))
        fake.fail(faults.Says(b"{}"), times=1)
        assert opened.own_config(Named("other")) == Named()  # it does not say; the token is good


def test_nothing_typed_is_no_token() -> None:
    assert typed_token(" \n") is None
    assert typed_token(" dp.pt.x ") == Token("dp.pt.x", "typed")
