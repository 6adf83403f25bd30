"""devkit.toml is read strictly and written without touching what a person wrote."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devkit.project.errors import UsageError
from devkit.project.services import SERVICES, Kind
from devkit.project.settings import DATABASES, PhpSettings, SecretsSettings, Settings
from devkit.project.settings_file import read_settings, write_settings

pytestmark = pytest.mark.unit

NO_DATABASE = [name for name in SERVICES if SERVICES[name].kind is not Kind.DATABASE and name != "valkey"]


@given(
    database=st.sampled_from(DATABASES),
    services=st.lists(st.sampled_from(NO_DATABASE)),
    workers=st.integers(1, 128),
    https=st.booleans(),
    port=st.integers(1, 65535),
)
def test_what_is_written_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, database: str, services: list[str], workers: int, https: bool, port: int
) -> None:
    path = tmp_path_factory.mktemp("toml") / "devkit.toml"
    settings = Settings(
        "shop",
        database=database,
        services=tuple(services),
        php=PhpSettings(workers=workers, extensions=("gd",)),
        secrets=SecretsSettings(source="doppler", project="shop", config="dev_ann") if https else SecretsSettings(),
        https=https,
        ports={"app": port},
        hooks={"after-up": ("echo up",)},
        commands={"lint": "vendor/bin/pint"},
    )
    assert write_settings(path, settings)
    assert read_settings(path) == settings
    assert not write_settings(path, settings)


def test_a_database_among_the_services_is_the_database(tmp_path: Path) -> None:
    path = tmp_path / "devkit.toml"
    path.write_text('[project]\nname = "shop"\n[services]\nwith = ["mysql", "redis"]\n')
    assert read_settings(path) == Settings("shop", "mysql", ("redis",))
    path.write_text('[project]\nname = "shop"\n[services]\nwith = ["mysql", "pgsql"]\n')
    with pytest.raises(UsageError, match="two databases: mysql and pgsql"):
        read_settings(path)


def test_comments_and_order_survive_a_change(tmp_path: Path) -> None:
    path = tmp_path / "devkit.toml"
    text = '# ours\nschema = 1\n\n[services]\ndatabase = "mysql" # since 2024\n\n[project]\nname = "shop"\n'
    path.write_text(text)
    settings = read_settings(path)
    assert write_settings(path, settings.with_(database="pgsql"))
    written = path.read_text()
    assert "# ours" in written
    assert 'database = "pgsql" # since 2024' in written
    assert written.index("[services]") < written.index("[project]")


def test_a_cluster_of_ones_own_and_contexts_stay_as_they_were_written(tmp_path: Path) -> None:
    path = tmp_path / "devkit.toml"
    text = (
        '[project]\nname = "a"\n\n[deploy]\nload = "ctr images import -" # the lab\n\n[deploy.contexts]\nlive = "eu"\n'
    )
    path.write_text(text)
    settings = read_settings(path)
    assert (settings.deploy.load, dict(settings.deploy.contexts)) == ("ctr images import -", {"live": "eu"})
    assert write_settings(path, settings.with_(database="pgsql"))
    assert 'load = "ctr images import -" # the lab' in path.read_text()
    assert read_settings(path).deploy == settings.deploy


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("schema = 1\n[project\n", "line 2"),
        ("[project]\n", "project.name is missing"),
        ('[project]\nname = "a"\ncolour = "red"\n', "project.colour"),
        ('[project]\nname = "a"\n[monitoring]\n', "[monitoring]"),
        ('[project]\nname = "a"\n[deploy]\nload = 1\n', "deploy.load"),
        ('[project]\nname = "a"\n[deploy]\nload = "ctr \'"\n', "deploy.load"),
        ('[project]\nname = "a"\n[deploy]\ncontexts = ["a"]\n', "deploy.contexts"),
        ('[project]\nname = "a"\n[deploy.contexts]\nlive = ""\n', "deploy.contexts.live"),
        ('schema = 2\n[project]\nname = "a"\n', "schema 2"),
        ("[project]\nname = 3\n", "project.name is 3"),
        ('[project]\nname = "a"\n[services]\nwith = "redis"\n', "services.with"),
        ('[project]\nname = "a"\n[services]\nwith = ["redis", "mangodb"]\n', "mangodb"),
        ('[project]\nname = "a"\n[php]\nworkers = true\n', "php.workers"),
        ('[project]\nname = "a"\n[ports]\napp = "80"\n', "port '80'"),
        ('[project]\nname = "a"\n[hooks]\nbefore-up = 1\n', "hooks.before-up"),
        ('project = "a"\n', "not a table"),
        ("\xff", "cannot be read"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "devkit.toml"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(UsageError) as caught:
        read_settings(path)
    assert said in caught.value.message
    assert caught.value.hint


def test_secrets_are_named_once_somebody_chose_their_source_and_names_go_with_it(tmp_path: Path) -> None:
    path = tmp_path / "devkit.toml"
    write_settings(path, Settings("shop"))
    assert "secrets" not in path.read_text()
    chosen = Settings("shop", secrets=SecretsSettings(source="doppler", project="shop", config="dev"))
    write_settings(path, chosen)
    assert 'source = "doppler"' in path.read_text()
    write_settings(path, Settings("shop"))
    assert read_settings(path) == Settings("shop")
    assert 'source = "local"' in path.read_text()
    assert "dev" not in path.read_text().partition("[secrets]")[2]


@pytest.mark.parametrize(
    "line", ['source = "vault"', 'project = "two words"', 'config = "a&b"', 'runtime = "yes"', 'token = "dp.st.x"']
)
def test_secrets_that_cannot_be_are_refused(tmp_path: Path, line: str) -> None:
    path = tmp_path / "devkit.toml"
    path.write_text(f'[project]\nname = "shop"\n[secrets]\n{line}\n')
    with pytest.raises(UsageError, match="secrets"):
        read_settings(path)
