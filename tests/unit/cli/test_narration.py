from __future__ import annotations

import io

import pytest

from devkit.cli.narration import Narrator, fit
from devkit.cli.output import table
from devkit.engine.state import ServiceState
from devkit.setup.browser import find_opener

pytestmark = pytest.mark.unit


def test_start_and_end_of_a_step_are_one_line_each() -> None:
    stream = io.StringIO()
    said = Narrator(stream)
    said.step_started("images", "base images")
    said.step_line("images", "step 1 of 9\x1b[2J")
    said.step_ended("images", "done", 12.34)
    lines = stream.getvalue().splitlines()
    assert lines[0] == "▸ images: base images"
    assert lines[-1] == "✓ images 12.3 s"
    assert "\x1b" not in stream.getvalue()


def test_progress_is_rewritten_in_place_only_on_a_terminal() -> None:
    stream = io.StringIO()
    said = Narrator(stream, terminal=True)
    said.progress("one")
    said.progress("two")
    said.say("end")
    assert stream.getvalue() == "\r\x1b[K  one\r\x1b[K  two\r\x1b[Kend\n"


def test_quiet_says_nothing() -> None:
    stream = io.StringIO()
    said = Narrator(stream, quiet=True, terminal=True)
    said.step_started("a", "b")
    said.progress("c")
    said.warning("d")
    assert stream.getvalue() == ""


def test_a_service_is_named_once_for_each_state() -> None:
    stream = io.StringIO()
    said = Narrator(stream)
    for health in ("starting", "starting", "healthy"):
        said.service(ServiceState("app", "running", health))  # type: ignore[arg-type]
    assert stream.getvalue().splitlines() == ["▸ app starting", "✓ app healthy"]


@pytest.mark.parametrize(("text", "width", "fits"), [("abc", 2, "ab"), ("日本", 3, "日"), ("e\u0301x", 1, "e\u0301")])
def test_text_is_cut_by_columns(text: str, width: int, fits: str) -> None:
    assert fit(text, width) == fits


def test_columns_are_aligned_and_nothing_stands_behind_the_last() -> None:
    assert table([("a", "bb", ""), ("ccc", "d", "e")]) == "a    bb\nccc  d   e"
    assert table([]) == ""


@pytest.mark.parametrize(
    ("platform", "kernel", "there", "command"),
    [
        ("darwin", "", {"open"}, ("open",)),
        ("linux", "6.1.0-generic", {"xdg-open"}, ("xdg-open",)),
        ("linux", "5.15-microsoft-standard-WSL2", {"xdg-open", "wslview"}, ("wslview",)),
        ("linux", "6.1.0", set(), None),
    ],
)
def test_each_platform_has_its_opener(
    platform: str, kernel: str, there: set[str], command: tuple[str, ...] | None
) -> None:
    assert find_opener(platform, kernel, lambda name: name if name in there else None) == command
