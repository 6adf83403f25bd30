"""Which names of .env an application knows of: those that .env.example has, and those that config/ reads."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from devkit.laravel.php_tokens import Token, php_tokens
from devkit.project.env_file import read_env

_LITERAL = re.compile(r"""(['"])([A-Za-z_][A-Za-z0-9_.]*)\1""")
_NO_CALL = ("->", "?->", "::", "function", "new")
_DOES_WITHOUT = ("??", "?:", "?")
"""What stands behind a call whose null is seen to."""

_CLOSING = {"(": ")", "[": "]", "{": "}"}


@dataclass(frozen=True)
class Read:
    """A place that reads a name; `has_default` says that it does without: something else than null stands for it."""

    name: str
    line: int
    has_default: bool


@dataclass(frozen=True)
class Missing:
    """A name that .env lacks. `read_by` are places (`config/app.php:19`); `has_default` is about all of them."""

    name: str
    read_by: tuple[str, ...]
    has_default: bool
    in_example: bool


def missing_names(root: Path, env: Collection[str]) -> list[Missing]:
    """The names that .env.example has or config/ reads and `env` lacks: in the example's order, then by place.

    UsageError for an .env.example that cannot be read.
    """
    example = read_env(root / ".env.example")
    reads: dict[str, list[tuple[str, Read]]] = {}
    for path, read in _reads_of_config(root):
        reads.setdefault(read.name, []).append((f"{path}:{read.line}", read))
    found = []
    for name in dict.fromkeys([*example, *reads]):
        if name not in env:
            places = reads.get(name, [])
            has_default = bool(places) and all(read.has_default for _, read in places)
            found.append(Missing(name, tuple(place for place, _ in places), has_default, name in example))
    return found


def env_reads(source: str) -> list[Read]:
    """What a PHP file reads by `env('NAME')` or `Env::get('NAME')`; a name that is put together is not known."""
    tokens = list(php_tokens(source))
    found = []
    for index in range(len(tokens)):
        at = _arguments_at(tokens, index)
        if at is None:
            continue
        arguments, after = _arguments(tokens, at)
        given = dict(arguments)
        key = given.get("key", given.get("0", []))
        match = _LITERAL.fullmatch(key[0].text) if len(key) == 1 and key[0].kind == "string" else None
        if match is not None:
            default = given.get("default", given.get("1", []))
            has_default = not _is_null(default) or after in _DOES_WITHOUT
            found.append(Read(match[2], tokens[index].line, has_default))
    return found


def _reads_of_config(root: Path) -> Iterator[tuple[str, Read]]:
    for path in sorted((root / "config").rglob("*.php")):
        if path.is_file():
            for read in env_reads(path.read_text(encoding="utf-8", errors="replace")):
                yield path.relative_to(root).as_posix(), read


def _arguments_at(tokens: Sequence[Token], index: int) -> int | None:
    """Where the arguments begin, if the token is a call of `env` or of `Env::get`."""
    name = tokens[index].text.lower()
    if tokens[index].kind != "name" or (index > 0 and tokens[index - 1].text.lower() in _NO_CALL):
        return None
    ahead = [token.text.lower() for token in tokens[index + 1 : index + 4]]
    if name in ("env", "\\env") and ahead[:1] == ["("]:
        return index + 2
    is_class = name.rpartition("\\")[2] == "env"
    return index + 4 if is_class and ahead in (["::", "get", "("], ["::", "getorfail", "("]) else None


def _arguments(tokens: Sequence[Token], start: int) -> tuple[list[tuple[str, list[Token]]], str]:
    """Each argument under its place or its name, and the sign behind the call."""
    found: list[tuple[str, list[Token]]] = [("0", [])]
    closing: list[str] = []
    for index in range(start, len(tokens)):
        token = tokens[index]
        text = token.text if token.kind == "sign" else ""
        if not closing and text == ")":
            return found, tokens[index + 1].text if index + 1 < len(tokens) else ""
        if not closing and text == ",":
            found.append((str(len(found)), []))
            continue
        if not closing and text == ":" and len(found[-1][1]) == 1 and found[-1][1][0].kind == "name":
            found[-1] = (found[-1][1][0].text, [])
            continue
        if text in _CLOSING:
            closing.append(_CLOSING[text])
        elif closing and text == closing[-1]:
            closing.pop()
        found[-1][1].append(token)
    return found, ""


def _is_null(tokens: Sequence[Token]) -> bool:
    return not tokens or (len(tokens) == 1 and tokens[0].text.lower().lstrip("\\") == "null")
