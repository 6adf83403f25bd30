"""Laravel's .env, changed without touching a byte that was not meant; devkit.project.env_file reads it.

Four readers have to agree on what stands in the file: Laravel (phpdotenv 5), Compose's interpolation,
python-dotenv and, for plain values, a shell. `quote` writes the one form in which they do: bare, else single
quotes, else double quotes with escapes on one physical line. Values never stand in an error.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from devkit.project.env_file import ASSIGNMENT, COMMENTED, Piece, line_ends, pieces_of, read_text
from devkit.project.errors import FailedError, UsageError
from devkit.project.file_lock import directory_locked
from devkit.project.files import clear_left_overs, write_atomically

PREVIOUS_SUFFIX = ".previous"
"""`.env.previous` holds the text before the last change of content."""

ENV_MODE = 0o600

LONGEST = 128 * 1024 - 2
"""Bytes that a name and its value may have together: with `=` and the NUL behind them they have to fit into the
128 KiB that Linux gives one variable of a process (MAX_ARG_STRLEN, execve(2))."""

_LOCK_SECONDS = 30.0
_BARE = re.compile(r"[A-Za-z0-9_./:@%+,=-]+")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")
_ALIKE_IN_DOUBLE_QUOTES = re.compile(r'"(?:[^"\\$]|\\[\\"$nrt])*"')


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
    if _fits_single_quotes(value):
        return f"'{value}'"
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("$", "\\$")
    return '"' + escaped.replace("\n", "\\n").replace("\r", "\\r") + '"'


def check_entry(name: str, value: str, source: str = ".env") -> None:
    """UsageError, which says the name and never the value, for what cannot stand in a .env."""
    if not _NAME.fullmatch(name):
        raise UsageError(f"{name!r} cannot be a name in {source}", "use letters, digits, _ and ., no digit first")
    try:
        quote(value)
    except UsageError as error:
        raise UsageError(f"{name}: {error.message}", error.hint) from None
    if len(name) + len(value.encode()) > LONGEST:
        raise UsageError(
            f"{name}: a value of {source} has 128 KiB or more", "no process can be started with it; keep it in a file"
        )


def set_values(
    path: Path, values: Mapping[str, str], *, comment_out: Collection[str] = (), remove: Collection[str] = ()
) -> bool:
    """Set `values` in the file and keep every other byte; False if the content did not change.

    A name is replaced where it stands last, or where it stands commented out (`# DB_HOST=127.0.0.1`), else
    appended. Names in `comment_out` become comments; where one of them also gets a new value, its former line stays
    as a comment above the new one. Every line that assigns a name in `remove` goes, unless it gets a value.

    The file is replaced in one step with mode 0600, a symbolic link stays one, and `.env.previous` beside it keeps
    the former text. Processes that change the same file do so one after the other. UsageError for a file that cannot
    be read and for a name or a value that cannot be written, FailedError where another program does not let go of
    its directory, OSError where the system refuses; then nothing has changed.
    """
    for name, value in values.items():
        check_entry(name, value, path.name)
    with _only_writer(path):
        old = read_text(path)
        new = change_env(old or "", values, comment_out=comment_out, remove=remove, source=path.name)
        if new == old or (old is None and not new):
            return False
        if old is not None:
            write_atomically(path.with_name(path.name + PREVIOUS_SUFFIX), old, mode=ENV_MODE)
        write_atomically(path, new, mode=ENV_MODE)
    return True


def begin_env(path: Path, content: bytes) -> bool:
    """Make the file with this content, mode 0600, unless there is one; whether it was made. Errors as `set_values`."""
    with _only_writer(path):
        if path.exists():
            return False
        write_atomically(path, content, mode=ENV_MODE)
    return True


@contextmanager
def _only_writer(path: Path) -> Iterator[None]:
    """Nobody else changes the file for the block, and what killed writers left beside it is gone.

    The lock is on the directory that holds the file itself: there is nothing to be made for it, and it outlives the
    file, which every change replaces. It is held for milliseconds, and no other lock is asked for under it.
    """
    directory = path.resolve().parent
    with directory_locked(directory, seconds=_LOCK_SECONDS):
        for place in {directory, path.parent}:
            clear_left_overs(place)
        yield


def change_env(
    text: str,
    values: Mapping[str, str],
    *,
    comment_out: Collection[str] = (),
    remove: Collection[str] = (),
    source: str = ".env",
) -> str:
    """What `set_values` writes, from text to text."""
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    body = text.removeprefix("\ufeff")
    newline = "\r\n" if "\r\n" in body else "\n"
    removed = frozenset(remove) - values.keys()
    silenced = frozenset(comment_out) - values.keys()
    former = pieces_of(body, source)
    pieces = [_gone(one) if one.key in removed else _silence(one) if one.key in silenced else one for one in former]
    places = _places(pieces)
    missing: list[str] = []
    for name, value in values.items():
        at = places.get(name)
        if at is None:
            missing.append(f"{name}={quote(value)}{newline}")
        else:
            pieces[at] = _changed(pieces[at], name, value, newline, keep_former=name in comment_out)
    changed = "".join(piece.text for piece in pieces)
    if missing and changed and not changed.endswith(("\n", "\r")):
        changed += newline
    changed += "".join(missing)
    kept = {one.key: one.value for one in former if one.key is not None and one.key not in removed | silenced}
    _check(changed, kept | dict(values), source)
    return mark + changed


def _places(pieces: list[Piece]) -> dict[str, int]:
    """By name where it stands last, else where it stands commented out last."""
    assigned: dict[str, int] = {}
    commented: dict[str, int] = {}
    for index, piece in enumerate(pieces):
        if piece.key is not None:
            assigned[piece.key] = index
        elif (match := COMMENTED.fullmatch(piece.text)) is not None:
            commented[match["key"]] = index
    return commented | assigned


def _changed(former: Piece, name: str, value: str, newline: str, *, keep_former: bool) -> Piece:
    """The piece with the new value; with `keep_former` below its former line, if that said something else."""
    piece = _assign(former, name, value)
    if not keep_former or not former.value or former.value == value:
        return piece
    kept = _silence(former).text
    kept += "" if kept.endswith(("\n", "\r")) else newline
    return replace(piece, text=kept + piece.text.lstrip())


def _assign(piece: Piece, name: str, value: str) -> Piece:
    written = quote(value)
    raw = piece.raw
    if piece.value == value and raw is not None and (raw == written or _reads_alike(raw, value)):
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


def _fits_single_quotes(value: str) -> bool:
    unfit = ("'", "\n", "\r", "\\\\", '="')  # `="` would start phpdotenv's multi-line mode
    return not any(part in value for part in unfit) and not value.endswith("\\")


def _reads_alike(raw: str, value: str) -> bool:
    """Whether every reader takes that from a person's own quotes: in double ones some expand `$`, or escape more."""
    if raw.startswith("'"):
        return _fits_single_quotes(value)
    return _ALIKE_IN_DOUBLE_QUOTES.fullmatch(raw) is not None


def _gone(piece: Piece) -> Piece:
    """What is left of an assignment: the blank lines above it."""
    lead = piece.text[: len(piece.text) - len(piece.text.lstrip())]
    return Piece(re.sub(r"[^\r\n]*\Z", "", lead))


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
