"""What writing the scaffold would do to each file of a project, shown before it is done, then done."""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Literal

from devkit.project.errors import FailedError
from devkit.project.files import TEMPORARY_SUFFIX, write_atomically
from devkit.scaffold.context import RenderedFile
from devkit.scaffold.manifest import Manifest, make_directory
from devkit.scaffold.merge import merge
from devkit.scaffold.place import check_place

Status = Literal["written", "kept", "merged", "conflict"]

GITIGNORE = ".gitignore"
IGNORED = ("compose.override.yaml", ".devkit/", ".env", ".env.previous", f"*{TEMPORARY_SUFFIX}")
"""What a project's .gitignore has to name: it belongs to one machine, or may be a copy of secrets."""


@dataclass(frozen=True)
class PlannedFile:
    """One file: `old` is what is there (None: nothing), `new` what will be there once the plan is applied.

    written: devkit's text takes the file's place. kept: nothing changes. merged: devkit's news and a person's
    edits, both. conflict: the two cannot be joined, or the file was never devkit's: it stays as it is, and
    `diff` shows what devkit would make of it. `backup` is the name beside it that keeps what was replaced.
    """

    path: str
    status: Status
    old: str | None
    new: str
    diff: str
    generated: str | None = None
    executable: bool = False
    backup: str | None = None


def plan_files(
    root: Path,
    rendered: Mapping[str, RenderedFile],
    *,
    replace: Collection[str] = (),
    former: Mapping[str, str] | None = None,
) -> list[PlannedFile]:
    """Say for every rendered file, and for .gitignore, what writing it would do. Nothing is written.

    `replace` names the files whose place devkit's text takes though it never wrote them or cannot merge with them;
    what was there is kept beside it. `former` are texts that devkit may have written before, on another machine: what
    differs from one counts as edited, and is not written down as devkit's. UsageError where a file cannot go to its
    place, or would leave the project.
    """
    manifest, guessed = Manifest(root), former or {}
    plan = []
    for file in rendered.values():
        base, sure = manifest.base_of(file.path), True
        if base is None:
            base = guessed.get(file.path)
            sure = base is None or base == _plain(_read(root, file.path) or "")
        planned = _planned(root, file, base, replace=file.path in replace)
        plan.append(planned if sure or planned.old is None else dataclasses.replace(planned, generated=None))
    return [*plan, plan_gitignore(root)]


def plan_gitignore(root: Path) -> PlannedFile:
    """The project's .gitignore with the lines that devkit needs behind it; its own lines stay untouched."""
    old = _read(root, GITIGNORE)
    patterns = [line.strip() for line in (old or "").splitlines()]
    missing = [line for line in IGNORED if not _ignored(line, patterns)]
    if not missing:
        return PlannedFile(GITIGNORE, "kept", old, old or "", "")
    text = old or ""
    if text and not text.endswith("\n"):
        text += "\n"
    if text:
        text += "\n"
    new = text + "\n".join(["# devkit: what belongs to this machine", *missing]) + "\n"
    status: Status = "written" if old is None else "merged"
    return PlannedFile(GITIGNORE, status, old, new, difference(GITIGNORE, old, new))


def _ignored(line: str, patterns: Sequence[str]) -> bool:
    """Whether they hold for what the line names: the last one that fits counts, and `!` takes out again.

    A pattern that git knows and this does not (`**/.env`) costs a line twice, and no secret.
    """
    fitting = [pattern for pattern in patterns if fnmatchcase(line.strip("/"), pattern.lstrip("!").strip("/"))]
    return bool(fitting) and not fitting[-1].startswith("!")


def refuse_conflicts(plan: Sequence[PlannedFile]) -> None:
    """FailedError where a file would stay behind the others: half a change is none. Nothing has been written."""
    conflicts = [file for file in plan if file.status == "conflict"]
    if conflicts:
        names = ", ".join(file.path for file in conflicts)
        raise FailedError(
            f"your edits in {names} and the new text disagree; nothing was written",
            "bring the edits in line with what is shown above, or make the change in the files by hand",
            detail="\n".join(file.diff for file in conflicts),
        )


def apply_plan(root: Path, plan: Sequence[PlannedFile]) -> None:
    """Write what the plan says. Cut off anywhere and planned anew, it ends in the same files.

    OSError passes through: files before the one that failed are written, those after it are not.
    """
    manifest = Manifest(root)
    for file in plan:
        path = root / file.path
        if file.status in ("written", "merged"):
            make_directory(path.parent, root)
            if file.backup is not None and file.old is not None:
                write_atomically(path.with_name(file.backup), path.read_bytes())
            if file.new != file.old:
                write_atomically(path, file.new.encode("utf-8", "surrogateescape"))
            if file.executable and not path.stat().st_mode & 0o100:
                path.chmod(path.stat().st_mode | 0o111)
        if file.generated is not None and file.status != "conflict":
            # Recorded last: a text without its file would look like an edit, a file without its text does not.
            manifest.record(file.path, file.generated)


def _planned(root: Path, file: RenderedFile, base: str | None, *, replace: bool) -> PlannedFile:
    """`base` is what devkit wrote there last, None where it never did."""
    old, text = _read(root, file.path), file.text

    def planned(status: Status, new: str, *, shown: str | None = None, backup: str | None = None) -> PlannedFile:
        diff = difference(file.path, old, new if shown is None else shown)
        return PlannedFile(file.path, status, old, new, diff, text, file.executable, backup)

    if old is None:
        return planned("written", text if file.adopted is None else file.adopted)
    plain = _plain(old)
    if plain == text or (base is not None and text == base):
        return planned("kept", old)
    if base is None and file.adopted is not None:
        return planned("kept" if plain == file.adopted else "merged", file.adopted)
    if base is not None and plain == base:
        return planned("written", text)
    if base is not None:
        merged = merge(base, plain, text)
        if not merged.conflicts:
            return planned("kept" if merged.text == plain else "merged", merged.text)
    if replace:
        return planned("written", text, backup=backup_name(root / file.path))
    return planned("conflict", old, shown=text)


def _read(root: Path, path: str) -> str | None:
    """The file's text, bytes that are no UTF-8 kept as surrogates; None if there is no file."""
    check_place(root, path)
    try:
        return (root / path).read_bytes().decode("utf-8", "surrogateescape")
    except FileNotFoundError:
        return None


def _plain(text: str) -> str:
    """Git on Windows may have turned the line ends; that alone is no edit."""
    return text.replace("\r\n", "\n")


def backup_name(path: Path) -> str:
    """A free name beside a file, under which what a person had stays."""
    name, number = f"{path.name}.before-devkit", 1
    while path.with_name(name).exists():
        number += 1
        name = f"{path.name}.before-devkit.{number}"
    return name


def difference(path: str, old: str | None, new: str) -> str:
    """The unified difference that writing `new` to `path` makes; empty if nothing changes."""
    before = [] if old is None else old.splitlines(keepends=True)
    lines = difflib.unified_diff(before, new.splitlines(keepends=True), f"a/{path}", f"b/{path}")
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)
