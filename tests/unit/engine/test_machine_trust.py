import socket
import stat
from pathlib import Path

import pytest

from devkit.engine import machine_trust
from devkit.engine.install.machine import Distribution
from devkit.engine.machine_trust import (
    Secret,
    apt_config,
    apt_sources,
    debian_mirror,
    forget_trust,
    go_proxy,
    project_sources,
    proxy_environment,
    trust_for,
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


def test_the_mirror_of_a_machine_that_is_no_debian_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "os-release").write_text("ID=fedora\nPRETTY_NAME='Fedora Linux 43'\n")
    with pytest.raises(FailedError, match="this machine is no Debian") as error:
        debian_mirror(tmp_path / "os-release")
    assert "registry" in error.value.hint


UBUNTU = """\
PRETTY_NAME="Ubuntu 24.04.3 LTS"
NAME="Ubuntu"
VERSION_CODENAME=noble
ID=ubuntu
ID_LIKE=debian
UBUNTU_CODENAME=noble
"""
UBUNTU_SOURCES = """\
Types: deb
URIs: http://ubuntu.example/ubuntu/
Suites: noble noble-updates
Components: main universe
"""


def test_ubuntu_is_told_that_stand_ins_need_debians_packages(tmp_path: Path) -> None:
    (tmp_path / "os-release").write_text(UBUNTU)
    with pytest.raises(FailedError) as error:
        debian_mirror(tmp_path / "os-release")
    assert error.value.message == (
        "stand-ins for the official images are made of Debian's packages, and this machine is Ubuntu 24.04.3 LTS"
    )
    assert error.value.hint.startswith("make an image registry reachable")


def test_sources_of_another_system_are_no_mirror_of_debian(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "os-release").write_text("ID=debian\nVERSION_CODENAME=bookworm\nPRETTY_NAME='Debian 12'\n")
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources/ubuntu.sources").write_text(UBUNTU_SOURCES)
    (tmp_path / "apt.conf").write_text(
        f'Dir::Etc::SourceList "/dev/null";\nDir::Etc::SourceParts "{tmp_path}/sources";\n'
    )
    monkeypatch.setenv("APT_CONFIG", str(tmp_path / "apt.conf"))
    with pytest.raises(FailedError, match="apt's sources name no mirror of Debian") as error:
        debian_mirror(tmp_path / "os-release")
    assert "bookworm" in error.value.hint


def test_proxies_keep_the_spelling_they_are_set_under() -> None:
    environment = {"https_proxy": "http://p:1", "NO_PROXY": "x", "HTTP_PROXY": "", "PATH": "/bin"}
    assert proxy_environment(environment) == {"https_proxy": "http://p:1", "NO_PROXY": "x"}


def test_gos_settings_come_from_the_environment_before_its_own_file(tmp_path: Path) -> None:
    (tmp_path / ".config/go").mkdir(parents=True)
    (tmp_path / ".config/go/env").write_text("GOPROXY=https://go.example\nGOSUMDB=off\n")
    assert go_proxy({}, tmp_path) == {"GOPROXY": "https://go.example", "GOSUMDB": "off"}
    assert go_proxy({"GOPROXY": "direct"}, tmp_path)["GOPROXY"] == "direct"


def debian(monkeypatch: pytest.MonkeyPatch, *releases: str, title: str = "Debian GNU/Linux 12 (bookworm)") -> None:
    """A Debian whose apt has these releases, each from a mirror of its own."""
    monkeypatch.setattr(machine_trust, "distribution", lambda *_: Distribution("debian", "bookworm", title))
    known = {release: f"http://mirror.example/{release}" for release in releases}
    monkeypatch.setattr(machine_trust, "mirror", known.get)
    monkeypatch.setattr(machine_trust, "capture", lambda *_: "")


def test_a_stable_release_comes_with_its_updates_and_security_fixes(monkeypatch: pytest.MonkeyPatch) -> None:
    debian(monkeypatch, "bookworm", "bookworm-updates", "bookworm-security")
    text = project_sources("trixie") or ""
    stanzas = [dict(line.split(": ", 1) for line in stanza.splitlines()) for stanza in text.split("\n\n")]
    assert [(stanza["Suites"], stanza["URIs"].rpartition("/")[2]) for stanza in stanzas] == [
        ("trixie trixie-updates", "bookworm"),
        ("trixie-security", "bookworm-security"),
    ]


def test_a_testing_release_is_one_suite(monkeypatch: pytest.MonkeyPatch) -> None:
    debian(monkeypatch, "bookworm", "bookworm-updates", "bookworm-security")
    assert project_sources("forky") == apt_sources("forky", address="http://mirror.example/bookworm")


def test_where_this_machine_has_no_security_suite_to_name_the_images_own_sources_stay(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    debian(monkeypatch, "bookworm", title="Debian GNU/Linux forky/sid")
    assert project_sources("trixie") is None
    monkeypatch.setattr(machine_trust, "distribution", lambda *_: None)
    assert project_sources("trixie") is None


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project on a machine that has nothing for private packages yet."""
    monkeypatch.setattr(machine_trust, "debian_mirror", lambda: "http://mirror.example/debian")
    for name in ("COMPOSER_AUTH", "COMPOSER_HOME", "XDG_CONFIG_HOME", "NPM_CONFIG_USERCONFIG", "SSH_AUTH_SOCK"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "project").mkdir()
    (tmp_path / "home").mkdir()
    return tmp_path / "project"


def test_projects_on_different_releases_of_debian_leave_each_other_their_sources(
    machine_paths: MachinePaths, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine_trust, "project_sources", lambda suites: f"Suites: {suites}\n")
    home = project.parent / "home"
    first = trust_for(project, machine_paths, suites="forky", home=home).secrets["apt_sources"]
    second = trust_for(project.parent, machine_paths, suites="trixie", home=home).secrets["apt_sources"]
    assert (first.read_text(), second.read_text()) == ("Suites: forky\n", "Suites: trixie\n")
    monkeypatch.setattr(machine_trust, "project_sources", None)  # neither asks apt again
    assert trust_for(project, machine_paths, suites="forky", home=home).secrets["apt_sources"] == first


def test_files_that_are_made_are_for_this_user_alone_and_written_once(
    machine_paths: MachinePaths, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMPOSER_AUTH", '{"http-basic": {"packages.example": {"username": "u", "password": "p"}}}')
    trust = trust_for(project, machine_paths, home=project.parent / "home")
    assert "http://mirror.example/debian" in trust.secrets["apt_sources"].read_text()
    assert "packages.example" in trust.secrets["composer_auth"].read_text()
    for name in ("apt_sources", "composer_auth"):
        assert stat.S_IMODE(trust.secrets[name].stat().st_mode) == 0o600
        assert stat.S_IMODE(trust.secrets[name].parent.stat().st_mode) == 0o700
    assert "npmrc" not in trust.secrets
    before = [path.stat().st_mtime_ns for path in trust.secrets.values()]
    again = trust_for(project, machine_paths, home=project.parent / "home")
    assert [path.stat().st_mtime_ns for path in again.secrets.values()] == before


def test_what_is_gone_is_handed_on_no_more(
    machine_paths: MachinePaths, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = project.parent / "home"
    monkeypatch.setenv("COMPOSER_AUTH", '{"bearer": {"packages.example": "word"}}')
    kept = trust_for(project, machine_paths, home=home).secrets["composer_auth"]
    monkeypatch.delenv("COMPOSER_AUTH")
    assert "composer_auth" not in trust_for(project, machine_paths, home=home).secrets
    assert not kept.exists()


def test_a_project_that_is_forgotten_leaves_no_credentials(
    machine_paths: MachinePaths, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMPOSER_AUTH", '{"bearer": {"packages.example": "word"}}')
    kept = trust_for(project, machine_paths, home=project.parent / "home").secrets["composer_auth"]
    forget_trust(project, machine_paths)
    forget_trust(project, machine_paths)
    assert not kept.parent.exists()


def test_the_agent_and_the_known_hosts_are_for_projects_with_packages_over_ssh(
    machine_paths: MachinePaths, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = project.parent / "home"
    (home / ".ssh").mkdir()
    (home / ".ssh/known_hosts").write_text("git.example ssh-ed25519 AAAA\n")
    with socket.socket(socket.AF_UNIX) as agent:
        agent.bind(str(project.parent / "agent"))
        monkeypatch.setenv("SSH_AUTH_SOCK", str(project.parent / "agent"))
        without = trust_for(project, machine_paths, home=home)
        assert (without.ssh_agent, "known_hosts" in without.secrets) == (False, False)
        (project / "composer.json").write_text('{"repositories": [{"type": "vcs", "url": "git@git.example:a/b"}]}')
        trust = trust_for(project, machine_paths, home=home)
    assert trust.ssh_agent
    assert "git.example" in trust.secrets["known_hosts"].read_text()


def test_a_secret_whose_path_would_be_read_as_options_is_refused() -> None:
    assert Secret("ca", Path("/a b/c")).option == "id=ca,src=/a b/c"
    with pytest.raises(FailedError):
        _ = Secret("ca", Path("/a,b")).option
