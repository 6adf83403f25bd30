"""What names a project's secrets before anybody is asked."""

from __future__ import annotations

from pathlib import Path

import pytest
from fake_doppler import FakeDoppler

from devkit.project.errors import SecretsError
from devkit.project.settings import SecretsSettings
from devkit.setup.secrets_offer import (
    Doppler,
    Named,
    doppler_is_likely,
    likely_config,
    likely_project,
    named_config,
    typed_token,
    with_names,
)

pytestmark = pytest.mark.unit

LOCAL = SecretsSettings()


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("setup:\n  project: shop\n  config: dev\n", Named("shop", "dev")),
        ("setup:\n  - project: shop\n    config: dev\n    path: a/\n  - project: other\n", Named("shop", "dev")),
        ("setup: {project: shop}\n", Named("shop", "")),
        ("setup:\n", Named()),
        ("[broken", Named()),
        ("", Named()),
    ],
)
def test_what_doppler_yaml_names_is_found(text: str, named: Named, tmp_path: Path) -> None:
    (tmp_path / "doppler.yaml").write_text(text)
    assert named_config(tmp_path, {}, LOCAL) == named
    assert doppler_is_likely(tmp_path, {})


def test_variables_come_before_settings_and_settings_before_the_file(tmp_path: Path) -> None:
    (tmp_path / "doppler.yaml").write_text("setup: {project: of-file, config: of-file}\n")
    settings = SecretsSettings(source="doppler", project="of-settings")
    assert named_config(tmp_path, {"DOPPLER_CONFIG": "of-variable"}, settings) == Named("of-settings", "of-variable")
    chosen = with_names(LOCAL, tmp_path, {}, config="chosen")
    assert chosen == SecretsSettings(source="doppler", project="of-file", config="chosen")


def test_a_token_in_the_environment_makes_doppler_likely(tmp_path: Path) -> None:
    assert not doppler_is_likely(tmp_path, {})
    assert doppler_is_likely(tmp_path, {"DOPPLER_TOKEN": "dp.st.x"})


def test_what_is_likely_is_what_is_named_then_what_is_called_alike(tmp_path: Path) -> None:
    assert likely_project(["a", "shop"], Named("a"), "shop") == "a"
    assert likely_project(["a", "shop"], Named("gone"), "shop") == "shop"
    assert likely_project(["a", "b"], Named(), "shop") == "a"
    assert likely_config(["ci", "dev"], Named()) == "dev"
    assert likely_config(["ci", "prd"], Named(config="prd")) == "prd"


def test_a_service_token_names_its_config_and_a_token_that_sees_nothing_is_told() -> None:
    with FakeDoppler() as fake:
        empty = Doppler(typed_token(fake.personal_token()), {"DOPPLER_API_HOST": fake.url})
        assert empty.own_config() is None
        with pytest.raises(SecretsError, match="sees no project"):
            empty.projects()
        fake.add_config("shop", "dev", {})
        token = typed_token(fake.service_token("shop", "dev"))
        assert Doppler(token, {"DOPPLER_API_HOST": fake.url}).own_config() == Named("shop", "dev")
