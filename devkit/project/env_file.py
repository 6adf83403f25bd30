"""Laravel's .env, read without a shell: the one reader of it. Values never stand in an error."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from devkit.project.errors import UsageError

_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "f": "\f", "v": "\v", "\\": "\\", '"': '"', "$": "$", "'": "'"}
_REFERENCE = re.compile(r"\$\{([A-Za-z0-9_.]+)\}")
_IN_DOUBLE_QUOTES = re.compile(_REFERENCE.pattern + r"|\\(.)", re.DOTALL)
ASSIGNMENT = re.compile(
    r"""(?P<lead>\s*)(?P<export>export[^\S\r\n]+)?(?P<key>'[^']+'|[^=\#\s]+)[^\S\r\n]*=[^\S\r\n]*
        (?P<value>'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|[^\r\n]*?)
        (?P<comment>[^\S\r\n]+\#[^\r\n]*)?(?P<end>[^\S\r\n]*(?:\r\n|\n|\r)?)""",
    re.VERBOSE | re.DOTALL,
)
"""A piece that assigns, taken apart; `value` with its quotes."""

COMMENTED = re.compile(
    r"(?P<lead>\s*)\#[^\S\r\n]*(?P<export>export[^\S\r\n]+)?(?P<key>[A-Za-z_][A-Za-z0-9_.]*)="
    r"[^\r\n]*?(?P<end>[^\S\r\n]*(?:\r\n|\n|\r)?)"
)
"""An assignment that stands commented out, such as Laravel's own `# DB_HOST=127.0.0.1`."""


@dataclass(frozen=True)
class Piece:
    """One stretch of the file, its bytes unchanged in `text`: an assignment (`key`), or anything else."""

    text: str
    key: str | None = None
    value: str | None = None  # decoded; None for a name without `=`
    raw: str | None = None  # as it stands in the file, quotes included


def read_env(path: Path) -> dict[str, str]:
    """Every name with its value; nothing is interpolated. A file that is missing has none.

    UsageError names the first line that cannot be read, never what stands there.
    """
    text = read_text(path)
    return {} if text is None else parse_env(text, source=path.name)


def parse_env(text: str, *, source: str = ".env") -> dict[str, str]:
    """The same from a text; the last of several equal names counts. `source` is named in errors."""
    pieces = pieces_of(text.removeprefix("\ufeff"), source)
    return {piece.key: piece.value for piece in pieces if piece.key is not None and piece.value is not None}


def resolve_env(path: Path) -> dict[str, str]:
    """The values as Laravel has them, for who hands them on: `${NAME}` becomes what NAME is further up in the file.

    Not in single quotes and not behind a backslash; a name that is not known stays as it is written, and a bare value
    ends at its first `#` (phpdotenv 5).
    """
    known: dict[str, str] = {}
    for piece in pieces_of((read_text(path) or "").removeprefix("\ufeff"), path.name):
        if piece.key is not None and piece.value is not None:
            known[piece.key] = _decode(piece.raw or "", piece.value, known)
    return known


def read_commented(path: Path) -> dict[str, str]:
    """Names that stand commented out (`# DB_DATABASE=shop`) with their values; the last of equal names counts.

    A comment that is no assignment a reader would take is none.
    """
    found: dict[str, str] = {}
    for piece in pieces_of((read_text(path) or "").removeprefix("\ufeff"), path.name):
        if piece.key is None and COMMENTED.fullmatch(piece.text):
            try:
                found.update(parse_env(piece.text.strip().removeprefix("#").strip()))
            except UsageError:
                continue  # words of a person, with a quote that does not end
    return found


def laravel_problem(text: str) -> tuple[int, str] | None:
    """The first line that devkit can read and Laravel cannot, with the reason; None if there is none.

    phpdotenv 5 gives up on the whole file for white space in a bare value, and for a name with other
    characters than letters, digits, `_` and `.`. UsageError if not even devkit can read it.
    """
    line = 1
    for piece in pieces_of(text.removeprefix("\ufeff"), ".env"):
        lead = len(piece.text) - len(piece.text.lstrip())
        here = line + len(line_ends(piece.text[:lead]))
        line += len(line_ends(piece.text))
        if piece.key is None:
            continue
        if not re.fullmatch(r"[A-Za-z0-9_.]+", piece.key):
            return here, "its name has characters that Laravel does not take"
        raw = piece.raw or ""
        if not raw.startswith(("'", '"')) and re.search(r"\s", raw.partition("#")[0].strip()):
            return here, "its value has a space and no quotes"
    return None


def read_text(path: Path) -> str | None:
    """The file with its line ends as they are; None where there is none, UsageError where it is not UTF-8."""
    try:
        return path.read_bytes().decode("utf-8")  # not read_text: CRLF has to stay
    except FileNotFoundError:
        return None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise UsageError(
            f"{path.name} cannot be read: line {line} is not UTF-8", "save the file as UTF-8, then try again"
        ) from None


def pieces_of(text: str, source: str) -> list[Piece]:
    """A text, its byte order mark taken off, in pieces: together they are the text again. Errors as `read_env`."""
    return list(_parsed(text, source))


def _parsed(text: str, source: str) -> Iterator[Piece]:
    from dotenv.parser import parse_stream  # imported here: most commands never read .env

    line = 1
    for binding in parse_stream(io.StringIO(text, newline="")):
        original = binding.original.string
        lead = len(original) - len(original.lstrip())
        if binding.error:
            at = line + len(line_ends(original[:lead]))
            raise UsageError(
                f"{source} cannot be read: line {at} is no NAME=value, or its quotes do not end",
                "correct the line, then try again",
            )
        line += len(line_ends(original))
        match = ASSIGNMENT.fullmatch(original) if binding.key is not None and binding.value is not None else None
        if match is None:
            yield Piece(original, binding.key, binding.value)
        else:
            yield Piece(original, binding.key, _decode(match["value"], binding.value or ""), match["value"])


def line_ends(text: str) -> list[str]:
    """Every line end in a text, of whichever system."""
    return re.findall(r"\r\n|\n|\r", text)


def _decode(raw: str, parsed: str, known: Mapping[str, str] | None = None) -> str:
    """The value as Laravel reads it, with references to names that are `known`.

    python-dotenv, whose bare value is `parsed`, keeps `\\$` in double quotes and unescapes in single ones.
    """
    names = known or {}
    if not raw.startswith(("'", '"')):
        bare = parsed if known is None else parsed.partition("#")[0].rstrip()
        return _REFERENCE.sub(lambda match: names.get(match[1], match[0]), bare)
    inner = re.sub(r"\r\n|\r", "\n", raw[1:-1])
    if raw.startswith("'"):
        return inner.replace("\\'", "'")

    def part(match: re.Match[str]) -> str:
        return _ESCAPES.get(match[2], match[0]) if match[1] is None else names.get(match[1], match[0])

    return _IN_DOUBLE_QUOTES.sub(part, inner)
