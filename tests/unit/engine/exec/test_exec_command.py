"""What is sent to the engine: the JSON that its decoder reads back, and a shell that gives every byte on."""

from __future__ import annotations

import json
import subprocess

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from devkit.engine.exec.command import BASH, SHELL, Command, message, number, text

pytestmark = pytest.mark.unit

ARGUMENT = st.binary(max_size=30).filter(lambda word: b"\0" not in word)
SHOWS = b'for word; do printf "<%s>" "$word"; done; echo; env'


def body_of(command: Command, *, shell: str = SHELL) -> dict[str, object]:
    content = json.loads(command.body(shell))
    assert isinstance(content, dict)
    return content


def run(words: object, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Start the words as the engine would: it takes text."""
    assert isinstance(words, list)
    return subprocess.run(
        [word.encode() for word in words],
        capture_output=True,
        env={"PATH": "/usr/bin:/bin", **environment},
        check=False,
    )


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), max_size=4))
def test_text_goes_as_it_is(words: list[str]) -> None:
    command = Command([b"cmd", *(word.encode() for word in words)], b"/app")
    body = body_of(command)
    assert body["Cmd"][-len(words) - 1 :] == ["cmd", *words]  # type: ignore[index]
    assert body["WorkingDir"] == "/app"
    assert "Tty" not in body


def test_nothing_is_attached_to_what_reads_nothing() -> None:
    assert body_of(Command([b"cat"]))["AttachStdin"] is True
    assert "AttachStdin" not in body_of(Command([b"cat"], reads=False))


@settings(max_examples=25)
@given(st.lists(ARGUMENT, max_size=4))
@example(
    [b"", b"\xff", b"line\n", b"\xffline\n\n", b"-n", b"\\0101", b"\xff\\0101%s", b"*", b"'\"$(x)`", b":+=", b"=\xfe"]
)
@example([b"\xff" * 70000, b"x" * 100000])
def test_the_shell_hands_every_byte_on_and_leaves_nothing_behind(words: list[bytes]) -> None:
    done = run(body_of(Command([b"/bin/sh", b"-c", SHOWS, b"name", *words]))["Cmd"])
    shown, _, environment = done.stdout.rpartition(b"\nPATH=")
    assert shown == b"".join(b"<%s>" % word for word in words)
    # The shell of this test, which shows it, sets PWD for itself.
    assert {line.partition(b"=")[0] for line in environment.splitlines()[1:]} <= {b"PWD", b"_", b"SHLVL", b"OLDPWD"}
    first, _, rest = done.stderr.partition(b"\n")
    assert first.startswith(b"devkit ") and first[7:].isdigit()
    assert (rest, done.returncode) == (b"", 0)


@pytest.mark.parametrize("shell", [SHELL, BASH])
@pytest.mark.parametrize("word", [b"plain", b"\xff"])
def test_the_commands_environment_is_the_containers(word: bytes, shell: str) -> None:
    command = Command([b"env", b"A=1", b"env", b"-u", word])
    done = run(body_of(command, shell=shell)["Cmd"], GIVEN="1")
    assert set(done.stdout.splitlines()) == {b"PATH=/usr/bin:/bin", b"GIVEN=1", b"A=1"}


def test_variables_that_no_shell_could_set_stay_with_bash() -> None:
    done = run(body_of(Command([b"env"]), shell=BASH)["Cmd"], **{"discovery.type": "single-node"})
    assert set(done.stdout.splitlines()) == {b"PATH=/usr/bin:/bin", b"discovery.type=single-node"}


@pytest.mark.parametrize("word", [b"x", b"\xff"])
@pytest.mark.parametrize(
    ("name", "status"), [(b"nosuchprogram", 127), (b"/etc/passwd", 126), (b"-nosuch", 127), (b"cd", 127)]
)
def test_what_cannot_be_run_has_the_shells_status(name: bytes, status: int, word: bytes) -> None:
    for shell in (SHELL, BASH):
        assert run(body_of(Command([name, word]), shell=shell)["Cmd"]).returncode == status


def test_a_directory_that_is_no_utf8_is_entered_by_the_shell(tmp_path: object) -> None:
    directory = f"{tmp_path}/".encode() + b"d\xff"
    subprocess.run([b"mkdir", directory], check=True)
    body = body_of(Command([b"pwd"], directory))
    assert "WorkingDir" not in body
    assert run(body["Cmd"]).stdout == directory + b"\n"


def test_a_terminal_is_asked_for_with_its_size_and_keys_that_nobody_types() -> None:
    body = body_of(Command([b"top"], b"", (40, 132), [b"TERM=xterm"]))
    assert (body["Tty"], body["ConsoleSize"], body["Env"]) == (True, [40, 132], ["TERM=xterm"])
    assert not str(body["DetachKeys"]).startswith("ctrl-p")


def test_an_image_without_a_shell_gets_the_words_alone() -> None:
    assert body_of(Command([b"/server", b"\xff"]), shell="")["Cmd"] == ["/server", "\ufffd"]


def test_fields_are_found_in_the_engines_json_and_not_in_texts() -> None:
    body = json.dumps({"args": '"ExitCode":9,"Id":"no"', "ExitCode": 137, "Id": "abc", "Pid": 0}, separators=(",", ":"))
    assert number(body.encode(), "ExitCode") == 137
    assert text(body.encode(), "Id") == "abc"
    assert number(b'{"ExitCode":null}', "ExitCode") is None
    assert text(b"{}", "Id") == ""
    assert message(b'{"message":"no such container"}') == "no such container"
    assert message(b"plain words\n") == "plain words"
