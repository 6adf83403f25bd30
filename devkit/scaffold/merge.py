"""Three-way merge of one file: what devkit wrote last, what a person made of it, what devkit would write now."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from devkit.engine.docker import last_line
from devkit.project.errors import CommandError, FailedError

LABELS = ("yours", "last written by devkit", "devkit now")


@dataclass(frozen=True)
class Merged:
    """The merged text; where `conflicts`, it holds git's conflict markers."""

    text: str
    conflicts: bool


MARKER = f"<<<<<<< {LABELS[0]}"
"""How a conflict begins in a file."""


def merge(base: str, mine: str, theirs: str) -> Merged:
    """Merge with `git merge-file`; without git, only changes of one side merge and all else is a conflict.

    CommandError when git fails for another reason than a conflict.
    """
    if mine in (base, theirs):
        return Merged(theirs, conflicts=False)
    if theirs == base:
        return Merged(mine, conflicts=False)
    git = shutil.which("git")
    if git is None:
        return Merged(theirs, conflicts=True)
    return _merge_file(git, base, mine, theirs, "--diff3")


def marked(base: str | None, mine: str, theirs: str) -> Merged:
    """Both texts with git's conflict markers where they disagree; without a base wherever they differ.

    FailedError without git: nothing of either text may be lost.
    """
    git = shutil.which("git")
    if git is None:
        raise FailedError("there is no git, which merges the files", "install git, then try again")
    if base is None:
        return _merge_file(git, "", mine, theirs)
    return _merge_file(git, base, mine, theirs, "--diff3")


def _merge_file(git: str, base: str, mine: str, theirs: str, *options: str) -> Merged:
    with tempfile.TemporaryDirectory(prefix="devkit-merge-") as directory:
        paths = []
        for name, text in (("mine", mine), ("base", base), ("theirs", theirs)):
            path = Path(directory, name)
            path.write_text(text, encoding="utf-8", errors="surrogateescape", newline="")
            paths.append(str(path))
        labels = [word for label in LABELS for word in ("-L", label)]
        done = subprocess.run(
            [git, "merge-file", "--stdout", *options, *labels, *paths],
            capture_output=True,
            check=False,
            cwd=directory,  # no repository's attributes or configuration apply
        )
    # The status is the number of conflicts, at most 127; above are errors (git-merge-file(1)).
    if done.returncode > 127 or done.returncode < 0:
        said = done.stderr.decode(errors="replace").strip()
        why = f"git merge-file ended with status {done.returncode}: {last_line(said) or 'it said nothing'}"
        raise CommandError(why, "see that git works: git --version", returncode=done.returncode, detail=said)
    return Merged(done.stdout.decode("utf-8", "surrogateescape"), conflicts=done.returncode > 0)
