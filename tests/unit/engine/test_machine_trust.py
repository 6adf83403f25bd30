import stat
from pathlib import Path

import pytest

from devkit.engine import machine_trust
from devkit.engine.machine_trust import (
    Secret,
    apt_config,
    apt_sources,
    ca_bundle,
    composer_auth,
    go_proxy,
    machine_files,
    npm_registry,
    pip_index,
    proxy_environment,
)
from devkit.project.errors import FailedError
from devkit.project.paths import MachinePaths

pytestmark = pytest.mark.unit

DUMP = """\
Acquire "";
Acquire::AllowInsecureRepositories "true";
Acquire::Check-Valid-Until "false";
Acquire::Check-Date "";
Acquire::http::Proxy "http://cache.example:3142";
Acquire::http::Proxy::mirror.example "DIRECT";
Acquire::https::CAInfo "/etc/company.pem";
Acquire::https::SslKey "/etc/private.key";
Acquire::GzipIndexes "true";
"""


def test_only_what_the_machine_was_told_about_reaching_out_is_carried_over() -> None:
    assert apt_config(DUMP) == (
        'Acquire::Check-Valid-Until "false";\n'
        'Acquire::http::Proxy "http://cache.example:3142";\n'
        'Acquire::http::Proxy::mirror.example "DIRECT";\n'
    )


def test_an_apt_that_was_told_nothing_gives_nothing() -> None:
    assert apt_config('Acquire "";\nAcquire::Languages "none";\n') == ""


def test_sources_name_the_suite_the_mirror_and_debians_keys() -> None:
    text = apt_sources("trixie", deb_src=True, address="http://mirror.example/debian")
    assert text.splitlines() == [
        "Types: deb-src",
        "URIs: http://mirror.example/debian",
        "Suites: trixie",
        "Components: main",
        "Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg",
    ]


def test_the_mirror_of_a_machine_that_is_no_debian_is_an_error_that_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(machine_trust, "distribution", lambda: None)
    with pytest.raises(FailedError, match="this machine is no Debian") as error:
        apt_sources("forky")
    assert "registry" in error.value.hint


def test_the_bundle_that_the_environment_names_comes_first(tmp_path: Path) -> None:
    bundle = tmp_path / "company.pem"
    bundle.write_text("-----BEGIN CERTIFICATE-----")
    assert ca_bundle({"SSL_CERT_FILE": str(bundle)}) == bundle
    assert ca_bundle({"SSL_CERT_FILE": str(tmp_path / "missing.pem")}) != tmp_path / "missing.pem"


def test_proxies_keep_the_spelling_they_are_set_under() -> None:
    environment = {"https_proxy": "http://p:1", "NO_PROXY": "x", "HTTP_PROXY": "", "PATH": "/bin"}
    assert proxy_environment(environment) == {"https_proxy": "http://p:1", "NO_PROXY": "x"}


def test_npms_registry_is_the_environments_or_the_persons(tmp_path: Path) -> None:
    assert npm_registry({}, tmp_path) is None
    (tmp_path / ".npmrc").write_text("fund=false\nregistry = https://npm.example/\n")
    assert npm_registry({}, tmp_path) == "https://npm.example/"
    assert npm_registry({"NPM_CONFIG_REGISTRY": "https://other.example"}, tmp_path) == "https://other.example"


def test_gos_settings_come_from_the_environment_before_its_own_file(tmp_path: Path) -> None:
    (tmp_path / ".config/go").mkdir(parents=True)
    (tmp_path / ".config/go/env").write_text("GOPROXY=https://go.example\nGOSUMDB=off\n")
    assert go_proxy({}, tmp_path) == {"GOPROXY": "https://go.example", "GOSUMDB": "off"}
    assert go_proxy({"GOPROXY": "direct"}, tmp_path)["GOPROXY"] == "direct"


def test_pips_index_is_read_where_pip_reads_it(tmp_path: Path) -> None:
    (tmp_path / ".config/pip").mkdir(parents=True)
    (tmp_path / ".config/pip/pip.conf").write_text("[global]\nindex-url = https://pip.example/simple\n")
    assert pip_index({}, tmp_path) == "https://pip.example/simple"
    assert pip_index({"PIP_INDEX_URL": "https://other.example"}, tmp_path) == "https://other.example"


def test_composers_credentials_are_found_in_its_home(tmp_path: Path) -> None:
    assert composer_auth({}, tmp_path) is None
    (tmp_path / "auth.json").write_text("{}")
    assert composer_auth({"COMPOSER_HOME": str(tmp_path)}, tmp_path) == tmp_path / "auth.json"


def test_files_for_the_override_are_for_this_user_alone(
    machine_paths: MachinePaths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine_trust, "debian_mirror", lambda: "http://mirror.example/debian")
    files = machine_files(machine_paths, home=tmp_path)
    sources = files["secrets"]["apt_sources"]
    assert "http://mirror.example/debian" in sources.read_text()
    assert stat.S_IMODE(sources.stat().st_mode) == 0o600
    assert stat.S_IMODE(sources.parent.stat().st_mode) == 0o700
    assert files["npmrc"] is None
    before = sources.stat().st_mtime_ns
    machine_files(machine_paths, home=tmp_path)
    assert sources.stat().st_mtime_ns == before


def test_a_secret_whose_path_would_be_read_as_options_is_refused() -> None:
    assert Secret("ca", Path("/a b/c")).option == "id=ca,src=/a b/c"
    with pytest.raises(FailedError):
        _ = Secret("ca", Path("/a,b")).option
