"""The person's editor."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from devkit.project.editor import Editor, find_editor
from devkit.project.errors import UsageError

pytestmark = pytest.mark.unit


def having(*names: str) -> Callable[[str], str | None]:
    return lambda name: f"/usr/bin/{name}" if name in names else None


def test_what_was_chosen_comes_before_visual_and_that_before_editor() -> None:
    environ = {"VISUAL": "nvim -p", "EDITOR": "nano"}
    assert find_editor(environ, "code --wait") == Editor(("code", "--wait"), windowed=True)
    assert find_editor(environ) == Editor(("nvim", "-p"))
    assert find_editor({"VISUAL": " ", "EDITOR": "nano"}) == Editor(("nano",))


def test_the_editor_that_the_terminal_belongs_to_is_taken_unless_it_has_to_wait() -> None:
    environ = {"TERM_PROGRAM": "vscode"}
    assert find_editor(environ, which=having("code", "vi")) == Editor(("code",), windowed=True)
    assert find_editor(environ, waits=True, which=having("code", "vi")) == Editor(("vi",))
    assert find_editor({"TERMINAL_EMULATOR": "JetBrains-JediTerm"}, which=having("phpstorm", "vi")).windowed


def test_none_at_all_and_words_that_cannot_be_told_apart_are_said() -> None:
    with pytest.raises(UsageError, match="no editor was found"):
        find_editor({}, which=having())
    with pytest.raises(UsageError, match=r"VISUAL .* is no command"):
        find_editor({"VISUAL": "vi 'x"})


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("vim", ["vim", "+7", "/a.php"]),
        ("/usr/bin/nano -l", ["/usr/bin/nano", "-l", "+7", "/a.php"]),
        ("code", ["code", "--goto", "/a.php:7"]),
        ("code -g", ["code", "-g", "/a.php:7"]),
        ("phpstorm", ["phpstorm", "--line", "7", "/a.php"]),
        ("hx", ["hx", "/a.php:7"]),
        ("kate", ["kate", "--line", "7", "/a.php"]),
        ("unheard-of", ["unheard-of", "/a.php"]),
    ],
)
def test_each_is_told_the_line_in_its_own_way(command: str, words: list[str]) -> None:
    assert find_editor({}, command).words(Path("/a.php"), 7) == words


def test_without_a_line_it_gets_the_file() -> None:
    assert Editor(("vim",)).words(Path("/a.php")) == ["vim", "/a.php"]
