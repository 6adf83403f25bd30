import json
from pathlib import Path

import pytest

from devkit.engine.private_packages import (
    composer_auth,
    composer_config,
    known_hosts,
    npm_variables,
    project_npmrc,
    user_npmrc,
)
from devkit.project.errors import UsageError

pytestmark = pytest.mark.unit


def basic(host: str, user: str) -> dict[str, object]:
    return {"http-basic": {host: {"username": user, "password": "word"}}}


def test_credentials_come_together_and_the_nearer_one_counts(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home/auth.json").write_text(json.dumps({**basic("a.example", "home"), "bearer": {"b.example": "t"}}))
    (tmp_path / "auth.json").write_text(json.dumps({"http-basic": {**basic("a.example", "project")["http-basic"]}}))  # type: ignore[dict-item]
    environment = {"COMPOSER_HOME": str(tmp_path / "home"), "COMPOSER_AUTH": json.dumps(basic("c.example", "ci"))}
    merged = json.loads(composer_auth(tmp_path, environment) or "")
    assert {host: entry["username"] for host, entry in merged["http-basic"].items()} == {
        "a.example": "project",
        "c.example": "ci",
    }
    assert merged["bearer"] == {"b.example": "t"}
    environment["COMPOSER_AUTH"] = json.dumps(basic("a.example", "ci"))
    assert '"ci"' in (composer_auth(tmp_path, environment) or "")


def test_a_persons_credentials_are_found_in_composers_homes(tmp_path: Path) -> None:
    assert composer_auth(tmp_path, {}, tmp_path) is None
    (tmp_path / ".composer").mkdir()
    (tmp_path / ".composer/auth.json").write_text('{"bearer": {"b.example": "t"}}')
    assert "b.example" in (composer_auth(tmp_path, {}, tmp_path) or "")


@pytest.mark.parametrize("text", ["{secret", '["secret"]'])
def test_broken_credentials_are_an_error_that_says_where_and_not_what(tmp_path: Path, text: str) -> None:
    with pytest.raises(UsageError, match="COMPOSER_AUTH") as error:
        composer_auth(tmp_path, {"COMPOSER_AUTH": text}, tmp_path)
    assert "secret" not in str(error.value)
    (tmp_path / "auth.json").write_text(text)
    with pytest.raises(UsageError, match=r"auth\.json"):
        composer_auth(tmp_path, {}, tmp_path)


@pytest.mark.parametrize("named", [True, False])
def test_mirrors_that_composer_is_set_to_are_handed_on_and_directories_of_this_machine_are_not(
    tmp_path: Path, named: bool
) -> None:
    environment = {"COMPOSER_HOME": str(tmp_path)}
    assert composer_config(environment) is None
    mirror, local = {"type": "composer", "url": "http://mirror.example"}, {"type": "path", "url": "/home/me/packages"}
    repositories = {"packagist": mirror, "mine": local} if named else [mirror, local]
    written = {"repositories": repositories, "config": {"secure-http": False, "cache-dir": "/home/me/cache"}}
    (tmp_path / "config.json").write_text(json.dumps(written))
    assert json.loads(composer_config(environment) or "") == {
        "repositories": {"packagist": mirror} if named else [mirror],
        "config": {"secure-http": False},
    }
    (tmp_path / "config.json").write_text(json.dumps({"repositories": [local]}))
    assert composer_config(environment) is None


def test_npms_settings_bring_the_values_that_they_take_from_the_environment(tmp_path: Path) -> None:
    assert (user_npmrc({}, tmp_path), project_npmrc(tmp_path, {})) == (None, None)
    (tmp_path / ".npmrc").write_text("//npm.example/:_authToken=${TOKEN}\nother=${MISSING}\nfund=false\n")
    environment = {"TOKEN": "word"}
    for text in (user_npmrc(environment, tmp_path), project_npmrc(tmp_path, environment)):
        assert text == "//npm.example/:_authToken=word\nother=${MISSING}\nfund=false\n"
    assert npm_variables(tmp_path, environment) == ("TOKEN",)


def test_npms_registry_of_the_environment_comes_before_the_files(tmp_path: Path) -> None:
    (tmp_path / ".npmrc").write_text("registry=https://npm.example/")
    text = user_npmrc({"NPM_CONFIG_REGISTRY": "https://other.example"}, tmp_path) or ""
    assert text.splitlines() == ["registry=https://npm.example/", "registry=https://other.example"]
    assert user_npmrc({"npm_config_registry": "https://a.example"}, tmp_path / "none") == "registry=https://a.example\n"


def test_no_host_is_known_unless_a_person_has_accepted_it(tmp_path: Path) -> None:
    before = known_hosts(tmp_path)
    (tmp_path / ".ssh").mkdir()
    (tmp_path / ".ssh/known_hosts").write_text("git.example ssh-ed25519 AAAA")
    assert known_hosts(tmp_path) == "git.example ssh-ed25519 AAAA\n" + (before or "")
