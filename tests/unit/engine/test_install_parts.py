"""The parts of the engine's installation that can be tried without installing anything."""

from __future__ import annotations

import base64
import errno
import hashlib
import subprocess
from pathlib import Path

import pytest

from devkit.engine.install import daemon, docker_repository, links, unpacked
from devkit.engine.install.apt import parse_policy
from devkit.engine.install.commands import run_lines
from devkit.engine.install.daemon import advice, answers, last_lines, unit_text
from devkit.engine.install.machine import Rights, distribution
from devkit.engine.install.packages import choose
from devkit.engine.install.programs import Programs, parse_version, plugin_version
from devkit.engine.install.unpacked import STAMP, read_stamp
from devkit.project.errors import CommandError, EngineError
from devkit.project.paths import MachinePaths

pytestmark = pytest.mark.unit

POLICY = """docker.io:
  Installed: (none)
  Candidate: 20.10.24+dfsg1-1+deb12u1+b6
  Version table:
     20.10.24+dfsg1-1+deb12u1+b6 500
docker-buildx:
  Installed: (none)
  Candidate: (none)
  Version table:
"""


@pytest.mark.parametrize(
    ("text", "family", "codename"),
    [
        ("ID=debian\nVERSION_CODENAME=bookworm\n", "debian", "bookworm"),
        ('ID=ubuntu\nID_LIKE=debian\nVERSION_CODENAME="noble"\n', "ubuntu", "noble"),
        ("ID=linuxmint\nID_LIKE='ubuntu debian'\nVERSION_CODENAME=wilma\nUBUNTU_CODENAME=noble\n", "ubuntu", "noble"),
    ],
)
def test_debian_ubuntu_and_what_is_made_of_them_are_known(
    tmp_path: Path, text: str, family: str, codename: str
) -> None:
    (tmp_path / "os-release").write_text(text)
    here = distribution(tmp_path / "os-release")
    assert here is not None
    assert (here.family, here.codename) == (family, codename)


def test_any_other_system_is_none_of_them(tmp_path: Path) -> None:
    (tmp_path / "os-release").write_text("ID=fedora\nVERSION_ID=43\n")
    assert distribution(tmp_path / "os-release") is None
    assert distribution(tmp_path / "missing") is None


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("Docker version 26.1.5+dfsg1, build 411e817", (26, 1, 5)),
        ("5:28.0.1-1~debian.12~bookworm", (28, 0, 1)),
        ("v0.13.1", (0, 13, 1)),
        ("2.26.1-4", (2, 26, 1)),
        ("nothing", None),
    ],
)
def test_versions_are_read_as_programs_and_debian_write_them(text: str, version: tuple[int, ...] | None) -> None:
    assert parse_version(text) == version


def test_a_package_without_a_candidate_is_not_there() -> None:
    assert parse_policy(POLICY) == {"docker.io": "20.10.24+dfsg1-1+deb12u1+b6"}


def test_a_release_that_is_too_old_says_what_it_lacks() -> None:
    choice = choose(parse_policy(POLICY) | {"docker-compose": "1.29.2-3"})
    assert choice.too_old == (
        "Engine 20.10.24+dfsg1-1+deb12u1+b6 is too old",
        "Compose 1.29.2-3 is too old",
        "buildx is missing",
    )


def test_ubuntus_compose_package_is_taken_where_the_old_name_is_compose_v1() -> None:
    choice = choose(
        {
            "docker.io": "28.2.2-0ubuntu1",
            "docker-compose": "1.29.2-6",
            "docker-compose-v2": "2.37.1+ds1-0ubuntu2",
            "docker-buildx": "0.21.3-0ubuntu1",
        }
    )
    assert choice.too_old == ()
    assert choice.names[:3] == ("docker.io", "docker-compose-v2", "docker-buildx")


def test_a_keys_fingerprint_is_its_first_packets_hash() -> None:
    body = b"\x04" + bytes(range(60))
    for packet in (
        b"\x98" + bytes([len(body)]) + body,  # old format
        b"\xc6" + bytes([len(body)]) + body,  # new format
    ):
        armored = (
            b"-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n"
            + base64.encodebytes(packet + b"\xb4\x03abc")
            + b"=AAAA\n-----END PGP PUBLIC KEY BLOCK-----\n"
        )
        wanted = hashlib.sha1(b"\x99" + len(body).to_bytes(2, "big") + body).hexdigest().upper()
        assert docker_repository.fingerprint(armored) == wanted


@pytest.mark.parametrize("text", [b"", b"<html>no</html>", b"-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nAAAA\n=x\n"])
def test_what_is_no_key_has_no_fingerprint(text: bytes) -> None:
    assert docker_repository.fingerprint(text) is None


def test_a_program_that_fails_is_an_error_with_its_own_complaint() -> None:
    lines: list[str] = []
    with pytest.raises(CommandError, match="E: no such package") as error:
        run_lines(["sh", "-c", "echo reading; echo 'E: no such package' >&2; echo bye; exit 100"], lines.append)
    assert error.value.returncode == 100
    assert lines == ["reading", "E: no such package", "bye"]


def test_a_program_that_belongs_to_root_is_waited_for_after_an_interrupt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = tmp_path / "asked"

    def refused(_process: subprocess.Popen[bytes]) -> None:  # as for a person's sudo
        asked.touch()
        raise PermissionError

    def interrupt(_line: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(subprocess.Popen, "terminate", refused)
    script = f"echo begun; while [ ! -e {asked} ]; do sleep 0.02; done; touch {tmp_path}/ended"
    with pytest.raises(KeyboardInterrupt):
        run_lines(["sh", "-c", script], interrupt)
    assert (tmp_path / "ended").exists()


def fake_plugin(path: Path, version: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'#!/bin/sh\necho \'{{"Version": "{version}"}}\'\n')
    path.chmod(0o755)
    return path


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "config"))
    fake_plugin(tmp_path / "engine/usr/libexec/docker/cli-plugins/docker-compose", "2.26.1-4")
    return tmp_path / "engine"


def test_a_plugin_is_linked_where_none_is_there_and_again_changes_nothing(engine: Path, tmp_path: Path) -> None:
    link = tmp_path / "system/docker-compose"
    for _ in range(2):
        links.link_plugins(engine, Rights(()), print, system=tmp_path / "system")
        assert link.readlink() == engine / "usr/libexec/docker/cli-plugins/docker-compose"
    assert plugin_version(link) == (2, 26, 1)


def test_a_newer_plugin_is_left_alone(engine: Path, tmp_path: Path) -> None:
    newer = fake_plugin(tmp_path / "system/docker-compose", "v2.40.3")
    links.link_plugins(engine, Rights(()), print, system=tmp_path / "system")
    assert not newer.is_symlink()
    assert not (tmp_path / "config").exists()


def test_an_older_plugin_of_someone_else_is_kept_and_the_users_directory_takes_the_link(
    engine: Path, tmp_path: Path
) -> None:
    older = fake_plugin(tmp_path / "system/docker-compose", "v2.10.0")
    links.link_plugins(engine, Rights(()), print, system=tmp_path / "system")
    assert not older.is_symlink()
    assert (tmp_path / "config/cli-plugins/docker-compose").is_symlink()


def test_a_user_without_root_gets_the_plugins_in_the_own_directory(engine: Path, tmp_path: Path) -> None:
    links.link_plugins(engine, Rights(("sudo", "-n")), print, system=tmp_path / "system")
    assert not (tmp_path / "system").exists()
    assert (tmp_path / "config/cli-plugins/docker-compose").is_symlink()


def test_an_engine_directory_without_a_whole_stamp_counts_as_not_there(tmp_path: Path) -> None:
    assert read_stamp(tmp_path) is None
    (tmp_path / STAMP).write_text('{"docker.io"')
    assert read_stamp(tmp_path) is None


def test_an_engine_that_cannot_be_replaced_stays_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = tmp_path / "engine"
    engine.mkdir()
    (engine / STAMP).write_text('{"docker.io": "25"}')
    rename = Path.rename

    def fails(source: Path, target: Path) -> Path:
        if target == engine and ".new-" in source.name:
            raise OSError(errno.EIO, "Input/output error")
        return rename(source, target)

    enough = Programs((26, 0), (26, 0), (2, 26), (0, 13))
    monkeypatch.setattr(unpacked, "programs_in", lambda _: enough)
    monkeypatch.setattr(Path, "rename", fails)
    with pytest.raises(OSError, match="Input/output error"):
        unpacked._replace(engine, [], {"docker.io": "26"}, print)
    assert read_stamp(engine) == {"docker.io": "25"}
    assert list(tmp_path.iterdir()) == [engine]


def test_no_engine_answers_on_a_socket_that_is_not_there(tmp_path: Path) -> None:
    assert not answers(tmp_path / "docker.sock")


def test_a_daemon_that_ends_while_it_is_waited_for_is_waited_for_no_longer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "dockerd"
    program.write_text("#!/bin/sh\necho begun; read -r _\n")
    program.chmod(0o755)
    monkeypatch.setattr(daemon, "rights", lambda: Rights(()))
    monkeypatch.setattr(daemon, "SYSTEMD", tmp_path / "none")
    monkeypatch.setattr(daemon, "PID_FILE", tmp_path / "docker.pid")
    with subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as starting:
        assert starting.stdout is not None
        assert starting.stdout.readline() == b"begun\n"
        daemon.PID_FILE.write_text(f"{starting.pid}\n")

        def end(line: str) -> None:
            assert line == "a Docker daemon is starting already: waiting for it"
            starting.kill()
            starting.wait()

        paths = MachinePaths(tmp_path, tmp_path, tmp_path)
        with pytest.raises(EngineError, match="has ended"):
            daemon.start_daemon(paths, end, socket_path=tmp_path / "docker.sock")


def test_a_daemons_last_words_are_its_errors_and_lead_to_advice(tmp_path: Path) -> None:
    log = tmp_path / "dockerd.log"
    log.write_text(
        'time="x" level=info msg="Starting up"\n'
        'time="x" level=warning msg="chatter"\n'
        "failed to start daemon: Error initializing network controller: iptables failed\n"
    )
    words = last_lines(log)
    assert words == "failed to start daemon: Error initializing network controller: iptables failed"
    assert "iptables-legacy" in advice(words, log)


def test_the_unit_says_who_wrote_it_and_starts_the_unpacked_daemon() -> None:
    text = unit_text(Path("/home/me/.local/share/devkit/engine"))
    assert text.startswith("# Written by devkit")
    assert 'ExecStart="/home/me/.local/share/devkit/engine/usr/sbin/dockerd"' in text
