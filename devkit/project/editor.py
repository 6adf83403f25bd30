"""The person's editor: which one it is, and how it is told the line."""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath

from devkit.project.errors import UsageError

_USUAL = ("sensible-editor", "nano", "vim", "vi")

_GOTO = frozenset(("code", "code-insiders", "codium", "vscodium", "cursor", "windsurf"))
_COLON = frozenset(("subl", "sublime_text", "zed", "zeditor", "hx", "helix"))
_LINE = frozenset(("phpstorm", "phpstorm.sh", "pstorm", "idea", "idea.sh", "webstorm", "kate", "mate"))
_PLUS = frozenset(
    ("vi", "vim", "nvim", "gvim", "view", "nano", "emacs", "emacsclient", "kak", "joe", "micro", "gedit", "ne", "jed")
)
"""How each is told the line: `--goto FILE:7`, `FILE:7`, `--line 7 FILE`, `+7 FILE`."""

_WINDOWED = (_GOTO | _COLON | _LINE | {"gvim", "gedit"}) - {"hx", "helix"}
"""Editors with a window of their own: the terminal stays as it is."""


@dataclass(frozen=True)
class Editor:
    """`command` is its words; `windowed` says that it has a window of its own, and needs no terminal."""

    command: tuple[str, ...]
    windowed: bool = False

    def words(self, path: Path, line: int | None = None) -> list[str]:
        """The command for a file, at a line where one is given and this editor is known to take it."""
        name = PurePath(self.command[0]).name
        if line is None:
            return [*self.command, str(path)]
        if name in _GOTO:
            goto = [] if {"-g", "--goto"}.intersection(self.command) else ["--goto"]
            return [*self.command, *goto, f"{path}:{line}"]
        if name in _COLON:
            return [*self.command, f"{path}:{line}"]
        if name in _LINE:
            return [*self.command, "--line", str(line), str(path)]
        if name in _PLUS:
            return [*self.command, f"+{line}", str(path)]
        return [*self.command, str(path)]


def find_editor(
    environ: Mapping[str, str],
    chosen: str = "",
    *,
    waits: bool = False,
    which: Callable[[str], str | None] = shutil.which,
) -> Editor:
    """What the person chose; else $VISUAL, $EDITOR (any may have arguments), the one whose terminal this is, the usual.

    With `waits` it is one that ends when the file is closed, which those with a window do not unless they are told to.
    UsageError where none is there, or the words cannot be told apart.
    """
    for origin, text in (
        ("editor", chosen),
        ("VISUAL", environ.get("VISUAL", "")),
        ("EDITOR", environ.get("EDITOR", "")),
    ):
        try:
            words = shlex.split(text)
        except ValueError as error:
            raise UsageError(f"{origin} {text!r} is no command: {error}", f"set {origin} to a command") from error
        if words:
            return _editor(words)
    found = next((name for name in (*(() if waits else _of_terminal(environ)), *_USUAL) if which(name)), None)
    if found is None:
        raise UsageError("no editor was found", "set EDITOR to the command of yours")
    return _editor([found])


def _of_terminal(environ: Mapping[str, str]) -> tuple[str, ...]:
    """The editor that this terminal is a part of."""
    if environ.get("TERM_PROGRAM") == "vscode":  # its forks say so too
        return ("cursor", "code") if "CURSOR_TRACE_ID" in environ else ("code",)
    return ("phpstorm",) if environ.get("TERMINAL_EMULATOR") == "JetBrains-JediTerm" else ()


def _editor(words: list[str]) -> Editor:
    return Editor(tuple(words), PurePath(words[0]).name in _WINDOWED)
