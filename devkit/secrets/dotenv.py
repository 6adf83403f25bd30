"""Laravel's .env, changed without touching a byte that was not meant; devkit.project.env_file reads it.

Four readers have to agree on what stands in the file: Laravel (phpdotenv 5), Compose's interpolation,
python-dotenv and, for plain values, a shell. `quote` writes the one form in which they do: bare, else single
quotes, else double quotes with escapes on one physical line. Values never stand in an error.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path

from devkit.project.env_file import ASSIGNMENT, COMMENTED, Piece, line_ends, pieces_of, read_text
from devkit.project.errors import FailedError, UsageError
from devkit.project.files import write_atomically

PREVIOUS_SUFFIX = ".previous"
"""`.env.previous` holds the text before the last change of content."""

ENV_MODE = 0o600

_BARE = re.compile(r"[A-Za-z0-9_./:@%+,=-]+")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")


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
    old = read_text(path)
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
    pieces = pieces_of(body, source)
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
            pieces.insert(at, Piece(kept if kept.endswith(("\n", "\r")) else kept + newline))
    changed = "".join(piece.text for piece in pieces)
    if missing and changed and not changed.endswith(("\n", "\r")):
        changed += newline
    changed += "".join(missing)
    expected = {key: value for key, value in before.items() if key not in silenced} | dict(values)
    _check(changed, expected, source)
    return mark + changed


def _place(pieces: list[Piece], name: str) -> int | None:
    """Where `name` stands last, else where it stands commented out last."""
    for index in reversed(range(len(pieces))):
        if pieces[index].key == name:
            return index
    for index in reversed(range(len(pieces))):
        match = COMMENTED.fullmatch(pieces[index].text) if pieces[index].key is None else None
        if match is not None and match["key"] == name:
            return index
    return None


def _assign(piece: Piece, name: str, value: str) -> Piece:
    written = quote(value)
    raw = piece.raw
    if piece.value == value and raw is not None and (raw.startswith(("'", '"')) or raw == written):
        return piece
    if piece.key is None:
        match = COMMENTED.fullmatch(piece.text)
        comment = ""
    else:
        match = ASSIGNMENT.fullmatch(piece.text)
        comment = (match["comment"] or "") if match is not None else ""
    if match is None:  # a name without `=`
        lead, export = piece.text[: len(piece.text) - len(piece.text.lstrip())], ""
        end = piece.text[len(piece.text.rstrip()) :]
    else:
        lead, export, end = match["lead"], match["export"] or "", match["end"].lstrip(" \t")
    if comment and not written:
        written = '""'  # `KEY= # note` is a value to some readers
    return Piece(f"{lead}{export}{name}={written}{comment}{end}", name, value, written)


def _silence(piece: Piece) -> Piece:
    body = piece.text.lstrip()
    lead = piece.text[: len(piece.text) - len(body)]
    if piece.raw is not None and line_ends(piece.raw):
        # phpdotenv looks for `="` before it looks for `#`: a comment must not open several lines.
        body = _assign(replace(piece, value=None), piece.key or "", piece.value or "").text.lstrip()
    return Piece(f"{lead}# {body}")


def _check(text: str, expected: Mapping[str, str | None], source: str) -> None:
    """Read back what is about to be written; a difference would be a defect of this module."""
    found = {piece.key: piece.value for piece in pieces_of(text, source) if piece.key is not None}
    wrong = sorted(name for name in {*found, *expected} if found.get(name) != expected.get(name))
    if wrong:
        raise FailedError(
            f"{source} was not written: {wrong[0]} would read back as another value",
            f"write {wrong[0]} into {source} by hand, and report this",
        )
