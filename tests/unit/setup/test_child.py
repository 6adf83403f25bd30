"""Commands beside the app."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest

from devkit.project.errors import FailedError
from devkit.setup import child

pytestmark = [pytest.mark.unit, pytest.mark.anyio]


async def lines(*parts: bytes) -> list[bytes]:
    stream = asyncio.StreamReader()
    for part in parts:
        stream.feed_data(part)
    stream.feed_eof()
    return [line async for line in child.lines_of(stream)]


async def test_lines_come_without_their_ends_wherever_they_are_cut() -> None:
    assert await lines(b"one\r\ntw", b"o\n\nthree") == [b"one", b"two", b"", b"three"]


async def test_a_line_longer_than_asyncio_takes_comes_whole() -> None:
    assert await lines(b"x" * 300_000, b"y\n", b"end\n") == [b"x" * 300_000 + b"y", b"end"]


async def test_a_line_without_end_is_cut() -> None:
    got = await lines(*[b"x" * 65_536] * 20)
    assert len(got) == 2
    assert sum(map(len, got)) == 20 * 65_536


async def test_a_devkit_command_gives_its_output_and_its_status(tmp_path: Path) -> None:
    said: list[bytes] = []
    status = await child.run(tmp_path, ["status"], said.append)
    assert status == 4
    assert b"not in a devkit project" in b" ".join(said)


async def test_what_comes_on_stderr_does_not_come_into_the_middle_of_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = "import os, sys\nfor n in range(200): os.write(1, b'on'); os.write(2, b'err\\n'); os.write(1, b'e\\n')"
    monkeypatch.setattr(child, "devkit_command", lambda _root, *words: [sys.executable, "-c", program])
    said: list[bytes] = []
    errors: list[bytes] = []
    assert await child.run(tmp_path, [], said.append, on_error=errors.append) == 0
    assert (said, errors) == ([b"one"] * 200, [b"err"] * 200)


async def test_a_command_that_is_not_waited_for_gets_two_signals_and_is_killed_if_it_takes_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = (
        "import pathlib, signal, sys, time\nn = 0\ndef note(*_):\n global n\n n += 1\n"
        " pathlib.Path('signals').write_text(str(n))\nsignal.signal(signal.SIGTERM, note)\nprint('ready', flush=True)\n"
        "while True: time.sleep(1)"
    )
    monkeypatch.setattr(child, "devkit_command", lambda _root, *words: [sys.executable, "-c", program])
    ready = asyncio.Event()
    running = asyncio.ensure_future(child.run(tmp_path, [], lambda _line: ready.set()))
    await ready.wait()
    running.cancel()
    await asyncio.wait({running})
    assert running.cancelled()
    assert (tmp_path / "signals").read_text() == "2"


@pytest.mark.parametrize("early", [True, False])
async def test_a_command_that_is_asked_to_end_ends_by_sigterm(tmp_path: Path, early: bool) -> None:
    (tmp_path / "devkit.toml").write_text(
        'schema = 1\n[project]\nname = "shop"\n[commands]\nslow = "echo begun; exec sleep 1000"\n'
    )
    stop = child.Stop()
    if early:
        stop.ask()
    status = await child.run(tmp_path, ["slow"], lambda _line: stop.ask(), stop=stop)
    assert status == 143
    stop.ask()  # it has ended


async def test_a_child_ends_also_where_it_is_cancelled_twice(tmp_path: Path) -> None:
    stubborn = "trap '' TERM; echo $$; while :; do sleep 0.1; done"
    (tmp_path / "devkit.toml").write_text(
        f'schema = 1\n[project]\nname = "shop"\n[commands]\nstubborn = "{stubborn}"\n'
    )
    said: list[bytes] = []
    begun = asyncio.Event()

    def hear(line: bytes) -> None:
        said.append(line)
        begun.set()

    task = asyncio.create_task(child.run(tmp_path, ["stubborn"], hear))
    await begun.wait()
    task.cancel()
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    with pytest.raises(ProcessLookupError):
        os.kill(int(said[0]), 0)


def says(monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    monkeypatch.setattr(child, "devkit_command", lambda _root, *words: [sys.executable, "-c", program, *words])


async def test_an_answer_is_the_object_that_a_command_prints_whatever_its_status(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    says(monkeypatch, "import json, sys\nprint('beside')\nprint(json.dumps({'words': sys.argv[1:]}))\nsys.exit(1)")
    assert await child.answer(tmp_path, ["env", "check"]) == {"words": ["--quiet", "--json", "env", "check"]}


@pytest.mark.parametrize(
    ("program", "why"),
    [
        ('print(\'{"error": {"message": "no", "hint": "try"}}\')', "no (try)"),
        ("import sys; sys.exit('devkit: it is broken')", "it is broken (devkit env diff)"),
        ("print([1]); raise SystemExit(3)", "devkit env ended with status 3 (devkit env diff)"),
    ],
)
async def test_why_there_is_no_answer_is_its_own_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str, why: str
) -> None:
    says(monkeypatch, program)
    with pytest.raises(FailedError) as caught:
        await child.answer(tmp_path, ["env", "diff"])
    assert str(caught.value) == why


async def test_a_command_that_cannot_be_run_gives_no_answer(tmp_path: Path) -> None:
    with pytest.raises(FailedError, match="devkit cannot be run: No such file"):
        await child.answer(tmp_path / "moved", ["env", "diff"])
