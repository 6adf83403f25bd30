"""Laravel's .env: read without a shell, and changed without touching a byte that was not meant.

Four readers have to agree on what stands in the file: Laravel (phpdotenv 5), Compose's interpolation,
python-dotenv and, for plain values, a shell. `quote` writes the one form in which they do: bare, else single
quotes, else double quotes with escapes on one physical line. Values never stand in an error.
"""

from __future__ import annotations

import io
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from devkit.project.errors import FailedError, UsageError
from devkit.project.files import write_atomically

PREVIOUS_SUFFIX = ".previous"
"""`.env.previous` holds the text before the last change of content."""

ENV_MODE = 0o600

_BARE = re.compile(r"[A-Za-z0-9_./:@%+,=-]+")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "f": "\f", "v": "\v", "\\": "\\", '"': '"', "$": "$", "'": "'"}
_ASSIGNMENT = re.compile(
    r"""(?P<lead>\s*)(?P<export>export[^\S\r\n]+)?(?P<key>'[^']+'|[^=\#\s]+)[^\S\r\n]*=[^\S\r\n]*
        (?P<value>'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|[^\r\n]*?)
        (?P<comment>[^\S\r\n]+\#[^\r\n]*)?(?P<end>[^\S\r\n]*(?:\r\n|\n|\r)?)""",
    re.VERBOSE | re.DOTALL,
)
_COMMENTED = re.compile(
    r"(?P<lead>\s*)\#[^\S\r\n]*(?P<export>export[^\S\r\n]+)?(?P<key>[A-Za-z_][A-Za-z0-9_.]*)="
    r"[^\r\n]*?(?P<end>[^\S\r\n]*(?:\r\n|\n|\r)?)"
)


@dataclass(frozen=True)
class _Piece:
    """One stretch of the file, its bytes unchanged in `text`: an assignment (`key`), or anything else."""

    text: str
    key: str | None = None
    value: str | None = None  # decoded; None for a name without `=`
    raw: str | None = None  # as it stands in the file, quotes included


def quote(value: str) -> str:
    """How `value` is written right of `=` so that every reader gives exactly it back.

    UsageError for what no reader can hold: a NUL character, or half of a surrogate pair.
    """
    if "\0" in value:
        raise UsageError("a value of .env holds a NUL character", "no environment can hold it; leave it out")
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise UsageError("a value of .env is not text", "give it as UTF-8")
    if value == "" or _BARE.fullmatch(value):
        return value
    unfit = ("'", "\n", "\r", "\\\\", '="')  # `="` would start phpdotenv's multi-line mode
    if not any(part in value for part in unfit) and not value.endswith("\\"):
        return f"'{value}'"
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("$", "\\$")
    return '"' + escaped.replace("\n", "\\n").replace("\r", "\\r") + '"'


def read_env(path: Path) -> dict[str, str]:
    """Every name with its value; nothing is interpolated. A file that is missing has none.

    UsageError names the first line that cannot be read, never what stands there.
    """
    text = _read(path)
    return {} if text is None else parse_env(text, source=path.name)


def parse_env(text: str, *, source: str = ".env") -> dict[str, str]:
    """The same from a text; the last of several equal names counts. `source` is named in errors."""
    pieces = _pieces(text.removeprefix("\ufeff"), source)
    return {piece.key: piece.value for piece in pieces if piece.key is not None and piece.value is not None}


def read_commented(path: Path) -> dict[str, str]:
    """Names that stand commented out (`# DB_DATABASE=shop`) with their values; the last of equal names counts.

    A comment that is no assignment a reader would take is none.
    """
    found: dict[str, str] = {}
    for piece in _pieces((_read(path) or "").removeprefix("\ufeff"), path.name):
        if piece.key is None and _COMMENTED.fullmatch(piece.text):
            try:
                found.update(parse_env(piece.text.strip().removeprefix("#").strip()))
            except UsageError:
                continue  # words of a person, with a quote that does not end
    return found


def set_values(path: Path, values: Mapping[str, str], *, comment_out: Collection[str] = ()) -> bool:
    """Set `values` in the file and keep every other byte; False if the content did not change.

    A name is replaced where it stands last, or where it stands commented out (`# DB_HOST=127.0.0.1`), else
    appended. Names in `comment_out` become comments; where one of them also gets a new value, its former line stays
    as a comment above the new one. The file is replaced in one step with mode 0600, a
    symbolic link stays one, and `.env.previous` beside it keeps the former text. UsageError for a file that
    cannot be read and for a name or a value that cannot be written; then nothing has changed.
    """
    for name in values:
        if not _NAME.fullmatch(name):
            raise UsageError(
                f"{name!r} cannot be a name in {path.name}", "use letters, digits, _ and ., no digit first"
            )
        try:
            quote(values[name])
        except UsageError as error:
            raise UsageError(f"{name}: {error.message}", error.hint) from None
    old = _read(path)
    new = change_env(old or "", values, comment_out=comment_out, source=path.name)
    if new == old or (old is None and not new):
        return False
    if old is not None:
        write_atomically(path.with_name(path.name + PREVIOUS_SUFFIX), old, mode=ENV_MODE)
    write_atomically(path, new, mode=ENV_MODE)
    return True


def change_env(text: str, values: Mapping[str, str], *, comment_out: Collection[str] = (), source: str = ".env") -> str:
    """What `set_values` writes, from text to text."""
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    body = text.removeprefix("\ufeff")
    newline = "\r\n" if "\r\n" in body else "\n"
    pieces = _pieces(body, source)
    before = {piece.key: piece.value for piece in pieces if piece.key is not None}
    silenced = [name for name in comment_out if name not in values]
    pieces = [_silence(piece) if piece.key in silenced else piece for piece in pieces]
    missing: list[str] = []
    for name, value in values.items():
        at = _place(pieces, name)
        if at is None:
            missing.append(f"{name}={quote(value)}{newline}")
            continue
        former = pieces[at]
        pieces[at] = _assign(former, name, value)
        if name in comment_out and former.value and former.value != value:
            kept = _silence(former).text
            pieces[at] = replace(pieces[at], text=pieces[at].text.lstrip())
            pieces.insert(at, _Piece(kept if kept.endswith(("\n", "\r")) else kept + newline))
    changed = "".join(piece.text for piece in pieces)
    if missing and changed and not changed.endswith(("\n", "\r")):
        changed += newline
    changed += "".join(missing)
    expected = {key: value for key, value in before.items() if key not in silenced} | dict(values)
    _check(changed, expected, source)
    return mark + changed


def laravel_problem(text: str) -> tuple[int, str] | None:
    """The first line that devkit can read and Laravel cannot, with the reason; None if there is none.

    phpdotenv 5 gives up on the whole file for white space in a bare value, and for a name with other
    characters than letters, digits, `_` and `.`. UsageError if not even devkit can read it.
    """
    line = 1
    for piece in _pieces(text.removeprefix("\ufeff"), ".env"):
        lead = len(piece.text) - len(piece.text.lstrip())
        here = line + len(_line_ends(piece.text[:lead]))
        line += len(_line_ends(piece.text))
        if piece.key is None:
            continue
        if not re.fullmatch(r"[A-Za-z0-9_.]+", piece.key):
            return here, "its name has characters that Laravel does not take"
        raw = piece.raw or ""
        if not raw.startswith(("'", '"')) and re.search(r"\s", raw.partition("#")[0].strip()):
            return here, "its value has a space and no quotes"
    return None


def _read(path: Path) -> str | None:
    try:
        return path.read_bytes().decode("utf-8")  # not read_text: CRLF has to stay
    except FileNotFoundError:
        return None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise UsageError(
            f"{path.name} cannot be read: line {line} is not UTF-8", "save the file as UTF-8, then try again"
        ) from None


def _pieces(text: str, source: str) -> list[_Piece]:
    return list(_parsed(text, source))


def _parsed(text: str, source: str) -> Iterator[_Piece]:
    from dotenv.parser import parse_stream  # imported here: most commands never read .env

    line = 1
    for binding in parse_stream(io.StringIO(text, newline="")):
        original = binding.original.string
        lead = len(original) - len(original.lstrip())
        if binding.error:
            at = line + len(_line_ends(original[:lead]))
            raise UsageError(
                f"{source} cannot be read: line {at} is no NAME=value, or its quotes do not end",
                "correct the line, then try again",
            )
        line += len(_line_ends(original))
        match = _ASSIGNMENT.fullmatch(original) if binding.key is not None and binding.value is not None else None
        if match is None:
            yield _Piece(original, binding.key, binding.value)
        else:
            yield _Piece(original, binding.key, _decode(match["value"], binding.value or ""), match["value"])


def _line_ends(text: str) -> list[str]:
    return re.findall(r"\r\n|\n|\r", text)


def _decode(raw: str, parsed: str) -> str:
    """The value as Laravel reads it; python-dotenv keeps `\\$` in double quotes and unescapes in single ones."""
    if not raw.startswith(("'", '"')):
        return parsed
    inner = re.sub(r"\r\n|\r", "\n", raw[1:-1])
    if raw.startswith("'"):
        return inner.replace("\\'", "'")
    return re.sub(r"\\(.)", lambda match: _ESCAPES.get(match[1], match[0]), inner, flags=re.DOTALL)


def _place(pieces: list[_Piece], name: str) -> int | None:
    """Where `name` stands last, else where it stands commented out last."""
    for index in reversed(range(len(pieces))):
        if pieces[index].key == name:
            return index
    for index in reversed(range(len(pieces))):
        match = _COMMENTED.fullmatch(pieces[index].text) if pieces[index].key is None else None
        if match is not None and match["key"] == name:
            return index
    return None


def _assign(piece: _Piece, name: str, value: str) -> _Piece:
    written = quote(value)
    raw = piece.raw
    if piece.value == value and raw is not None and (raw.startswith(("'", '"')) or raw == written):
        return piece
    if piece.key is None:
        match = _COMMENTED.fullmatch(piece.text)
        comment = ""
    else:
        match = _ASSIGNMENT.fullmatch(piece.text)
        comment = (match["comment"] or "") if match is not None else ""
    if match is None:  # a name without `=`
        lead, export = piece.text[: len(piece.text) - len(piece.text.lstrip())], ""
        end = piece.text[len(piece.text.rstrip()) :]
    else:
        lead, export, end = match["lead"], match["export"] or "", match["end"].lstrip(" \t")
    if comment and not written:
        written = '""'  # `KEY= # note` is a value to some readers
    return _Piece(f"{lead}{export}{name}={written}{comment}{end}", name, value, written)


def _silence(piece: _Piece) -> _Piece:
    body = piece.text.lstrip()
    lead = piece.text[: len(piece.text) - len(body)]
    if piece.raw is not None and _line_ends(piece.raw):
        # phpdotenv looks for `="` before it looks for `#`: a comment must not open several lines.
        body = _assign(replace(piece, value=None), piece.key or "", piece.value or "").text.lstrip()
    return _Piece(f"{lead}# {body}")


def _check(text: str, expected: Mapping[str, str | None], source: str) -> None:
    """Read back what is about to be written; a difference would be a defect of this module."""
    found = {piece.key: piece.value for piece in _pieces(text, source) if piece.key is not None}
    wrong = sorted(name for name in {*found, *expected} if found.get(name) != expected.get(name))
    if wrong:
        raise FailedError(
            f"{source} was not written: {wrong[0]} would read back as another value",
            f"write {wrong[0]} into {source} by hand, and report this",
        )
